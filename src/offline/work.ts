// An agent's work order as the rules see it: the subtask, what it may use, what came before. Text of a dependency or
// of a tool is kept apart from `text`, the only field that is ever read as an instruction.
import { isObject, type JsonObject, jsonSections, textSection } from './prompt.ts';
import type { Conversation, ToolCall } from './request.ts';

export interface Dependency {
  description: string;
  summary: string;
  data: JsonObject;
}

export interface Work {
  /** The subtask's description. */
  text: string;
  /** The whole task's description, for context. */
  task: string;
  inputData: unknown;
  dependencies: Dependency[];
  /** Paths in the task's folder, such as `input/data.csv`. */
  files: string[];
  tools: ReadonlyMap<string, string>;
  calls: ToolCall[];
}

export function readWork(conversation: Conversation): Work {
  const prompt = conversation.userTexts.join('\n');
  const task = textSection(prompt, 'task') ?? '';
  return {
    text: textSection(prompt, 'subtask') ?? task,
    task,
    inputData: jsonSections(prompt, 'input_data')[0]?.value,
    dependencies: jsonSections(prompt, 'dependency').map(({ attributes, value }) =>
      readDependency(attributes.description ?? 'an earlier step', value),
    ),
    files: readFiles(textSection(prompt, 'files') ?? ''),
    tools: conversation.tools,
    calls: conversation.calls,
  };
}

/** Paths out of lines such as `input/data.csv 120 bytes`. */
function readFiles(lines: string): string[] {
  return lines.split('\n').flatMap((line) => /^(.+) \d+ bytes$/.exec(line.trim())?.[1] ?? []);
}

function readDependency(description: string, value: unknown): Dependency {
  const output = isObject(value) ? value : { summary: String(value) };
  return {
    description,
    summary: typeof output.summary === 'string' ? output.summary : '',
    data: isObject(output.data) ? output.data : {},
  };
}

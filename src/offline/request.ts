// The request side of the Messages API: one zod schema, and the conversation read out of it. Fields and message
// roles it does not know are accepted and ignored, because both SDKs add new ones often. Rules live elsewhere.
import { z } from 'zod';

const block = z.looseObject({ type: z.string() });
const content = z.union([z.string(), z.array(block)]);

const promptFields = {
  model: z.string().min(1),
  messages: z.array(z.looseObject({ role: z.string(), content })).min(1),
  system: content.optional(),
  tools: z.array(z.looseObject({ name: z.string() })).optional(),
};

export const countTokensRequest = z.looseObject(promptFields);
export const messagesRequest = z.looseObject({
  ...promptFields,
  max_tokens: z.int().positive(),
  stream: z.boolean().optional(),
  output_config: z.looseObject({ format: z.looseObject({ type: z.string() }).nullish() }).nullish(),
});

export type MessagesRequest = z.infer<typeof messagesRequest>;
type PromptRequest = z.infer<typeof countTokensRequest>;
type Content = z.infer<typeof content>;
type Block = z.infer<typeof block>;

type Role = 'planner' | 'agent' | 'summary' | 'none';

/** One finished tool call: what was asked under which bare name (`run_code`) and what came back. */
export interface ToolCall {
  tool: string;
  input: unknown;
  text: string;
  isError: boolean;
}

export interface Conversation {
  role: Role;
  /** Wants one JSON object, as `output_config.format` says. */
  wantsJson: boolean;
  /** The texts of the user's messages, in order; tool results are not among them. */
  userTexts: string[];
  /** Bare tool name to the name it is offered under (`run_code` to `mcp__muster__run_code`). */
  tools: ReadonlyMap<string, string>;
  calls: ToolCall[];
}

export function readConversation(request: MessagesRequest): Conversation {
  return {
    role: roleOf(request),
    wantsJson: request.output_config?.format?.type === 'json_schema',
    userTexts: request.messages
      .filter((message) => message.role === 'user')
      .map((message) => textOf(message.content))
      .filter((text) => text !== ''),
    tools: new Map((request.tools ?? []).map((tool) => [bareName(tool.name), tool.name])),
    calls: readCalls(request),
  };
}

/** About four characters a token: deterministic, and close enough to exercise token accounting. */
export function estimateTokens(value: unknown): number {
  const text = typeof value === 'string' ? value : JSON.stringify(value ?? '');
  return Math.ceil(text.length / 4);
}

export function estimateInputTokens(request: PromptRequest): number {
  return Math.max(
    1,
    [request.system, request.messages, request.tools].map(estimateTokens).reduce((a, b) => a + b),
  );
}

// Only the system prompt names the role: text that a person or a tool supplied must not be able to change it.
function roleOf(request: PromptRequest): Role {
  const named = /^Muster role: (planner|agent|summary)\s*$/m.exec(textOf(request.system ?? ''))?.[1];
  return named === 'planner' || named === 'agent' || named === 'summary' ? named : 'none';
}

function readCalls(request: PromptRequest): ToolCall[] {
  const blocks = request.messages.flatMap((message) => (typeof message.content === 'string' ? [] : message.content));
  const asked = new Map(blocks.filter((each) => each.type === 'tool_use').map((each) => [each.id, each]));
  return blocks
    .filter((each) => each.type === 'tool_result')
    .flatMap((result) => {
      const use = asked.get(result.tool_use_id);
      return use === undefined ? [] : [callFrom(use, result)];
    });
}

function callFrom(use: Block, result: Block): ToolCall {
  const answer = content.safeParse(result.content);
  return {
    tool: bareName(String(use.name)),
    input: use.input,
    text: answer.success ? toolText(answer.data) : '',
    isError: result.is_error === true,
  };
}

// For some models the Agent SDK puts a reminder about the tokens left after a tool's text, and a line break between.
function toolText(value: Content): string {
  if (typeof value === 'string') return value;
  const own = value.filter((each) => !(typeof each.text === 'string' && each.text.startsWith('<system-reminder>')));
  const text = textOf(own);
  return own.length < value.length ? text.replace(/\n$/, '') : text;
}

function textOf(value: Content): string {
  if (typeof value === 'string') return value;
  return value.flatMap((each) => (typeof each.text === 'string' ? [each.text] : [])).join('\n');
}

function bareName(name: string): string {
  return name.replace(/^mcp__.+?__/, '');
}

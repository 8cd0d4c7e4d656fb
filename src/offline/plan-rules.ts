// The offline planner: a sentence becomes a plan by rules. It cuts the task into steps (plan-split.ts), says which
// step waits for which, and gives each a capability that a live agent has. After a refused plan it answers one step.
import { chooseCapability } from './plan-capability.ts';
import { outline, type Step } from './plan-split.ts';
import { textSection } from './prompt.ts';
import type { Conversation } from './request.ts';

export interface PlannedSubtask {
  description: string;
  required_capabilities: string[];
  dependencies: number[];
  priority: number;
  estimated_duration: number | null;
}

const MAX_SUBTASKS = 50;
const MIN_DESCRIPTION = 10;
const MAX_DESCRIPTION = 1000;

export function planFor(conversation: Conversation): { subtasks: PlannedSubtask[] } {
  const prompt = conversation.userTexts.join('\n');
  const task = textSection(prompt, 'task') ?? prompt;
  const agents = readAgents(textSection(prompt, 'agents') ?? '');
  return { subtasks: textSection(prompt, 'errors') === undefined ? plan(task, agents) : single(task, agents) };
}

/** `agents`: the capability set of each live agent. */
export function plan(task: string, agents: readonly (readonly string[])[]): PlannedSubtask[] {
  const { steps, parallel, sequential } = outline(task);
  if (steps.length < 2 || steps.length > MAX_SUBTASKS) return single(task, agents);
  const dependencies: number[][] = [];
  for (const [index, step] of steps.entries()) {
    const earlier: Earlier = { steps: steps.slice(0, index), dependencies, parallel };
    dependencies.push(sequential && index > 0 ? [index - 1] : waitsFor(step, earlier));
  }
  return steps.map((step, index) => subtask(step.text, dependencies[index] ?? [], agents));
}

function single(task: string, agents: readonly (readonly string[])[]): PlannedSubtask[] {
  return [subtask(task, [], agents)];
}

function subtask(text: string, dependencies: number[], agents: readonly (readonly string[])[]): PlannedSubtask {
  return {
    description: describe(text),
    required_capabilities: [chooseCapability(text, agents)],
    dependencies,
    priority: 5,
    estimated_duration: 30,
  };
}

// Cut by whole characters, so that no half of a surrogate pair is left at the end.
function describe(text: string): string {
  const tidy = text.trim().replace(/[\s,;:]+$/, '');
  const named = tidy.charAt(0).toUpperCase() + tidy.slice(1);
  const long = named.length >= MIN_DESCRIPTION ? named : `${/\d/.test(tidy) ? 'Calculate' : 'Carry out'}: ${tidy}`;
  return long
    .slice(0, MAX_DESCRIPTION)
    .replace(/[\uD800-\uDBFF]$/, '')
    .trimEnd();
}

interface Earlier {
  steps: Step[];
  dependencies: number[][];
  parallel: boolean;
}

const ALL_RESULTS =
  /\b(?:combine|merge|aggregate|consolidate)\b|\b(?:all|both|these|those|the|their|previous|earlier) (?:\w+ )?(?:results|findings|outputs|answers|values|numbers)\b|\beverything\b|\bboth\b/i;
const PREVIOUS_RESULT =
  /\b(?:based on|using|use|with|from) (?:the|that|this|its|previous)\b|\b(?:the|that|this|previous) (?:result|output|answer|analysis|outcome)\b|\b(?:it|them|its)\b|\bthe (?:cleaned |parsed |fetched |collected )?data\b|\bprevious step\b/i;

function waitsFor(step: Step, earlier: Earlier): number[] {
  const count = earlier.steps.length;
  if (count === 0) return [];
  const named = namedSteps(step.text, count);
  if (named.length > 0) return named;
  if (ALL_RESULTS.test(step.text)) return earlier.steps.map((_, index) => index);
  if (step.follows || risesInStage(step, earlier)) return leaves(earlier.dependencies);
  return PREVIOUS_RESULT.test(step.text) ? [count - 1] : [];
}

function namedSteps(text: string, count: number): number[] {
  const named = [...text.matchAll(/\bsteps? (\d+)(?:(?:,| and|,? to) (\d+))?/gi)].flatMap((match) => [
    match[1],
    match[2],
  ]);
  const indices = named.flatMap((each) => (each === undefined ? [] : [Number(each) - 1]));
  return [...new Set(indices)].filter((index) => index >= 0 && index < count).sort((a, b) => a - b);
}

/** Steps that nothing waits for yet. */
function leaves(dependencies: number[][]): number[] {
  const awaited = new Set(dependencies.flat());
  return dependencies.map((_, index) => index).filter((index) => !awaited.has(index));
}

// "Fetch …, analyze …, and create a report" says no "then", yet each stage needs what the one before it made.
const STAGES: readonly RegExp[] = [
  /^(?:fetch|read|load|download|get|collect|gather|scrape|crawl|retrieve|query|import)\b/i,
  /^(?:extract|parse|clean|filter|transform|convert|validate)\b/i,
  /^(?:analy[sz]e|process|classify|identify|compare|sort|group|rank|examine)\b/i,
  /^(?:summari[sz]e|report|present|visuali[sz]e|plot|publish|save|store)\b|\b(?:report|summary|chart)\b/i,
];

function risesInStage(step: Step, { steps, parallel }: Earlier): boolean {
  const own = stage(step.text);
  return !parallel && own > 0 && steps.some((each) => stage(each.text) < own);
}

// Work without a stage of its own, such as a calculation, can be reported on but waits for nothing.
function stage(text: string): number {
  const found = STAGES.findIndex((words) => words.test(text));
  return found === -1 ? 0 : found;
}

function readAgents(lines: string): string[][] {
  return lines.split('\n').flatMap((line) => {
    const capabilities =
      line
        .split(':')[1]
        ?.split(',')
        .map((each) => each.trim())
        .filter(Boolean) ?? [];
    return capabilities.length > 0 ? [capabilities] : [];
  });
}

// From a description to a validated plan, and from results to a summary, by asking the model. Trouble with the model
// never fails a task: planning falls back to one subtask, a summary to a plain list.
import type Anthropic from '@anthropic-ai/sdk';
import { zodOutputFormat } from '@anthropic-ai/sdk/helpers/zod';
import { z } from 'zod';
import type { ModelTokens } from '../domain/attempt.ts';
import { CAPABILITIES, type Capability, maskOf } from '../domain/capability.ts';
import { type CheckedPlan, checkPlan, MODEL_PLAN_MAX, type Plan, planSchema } from '../domain/plan.ts';
import { PRIORITY_MAX, SUBTASK_DESCRIPTION_MAX } from '../domain/subtask.ts';
import { DESCRIPTION_MIN } from '../domain/task.ts';
import type { Logger } from '../log.ts';
import {
  PLANNER_SYSTEM,
  type PlanRequest,
  planMessage,
  repairMessage,
  SUMMARY_SYSTEM,
  type SummaryRequest,
  summaryMessage,
} from './prompts.ts';

export type { PlanRequest, SummaryRequest };

/** Told what each answer of the model used, also when nothing comes of it. */
export type CountTokens = (tokens: ModelTokens) => void;

export interface PlannedGraph {
  plan: Plan;
  source: 'model' | 'fallback';
  /** The model's first answer broke a rule, the second did not. */
  repaired?: boolean;
}

export interface Planner {
  /** Never rejects because of the model; rejects only when `signal` aborts. */
  plan(request: PlanRequest, signal?: AbortSignal, count?: CountTokens): Promise<PlannedGraph>;
  /** The text of the final answer. Never rejects because of the model. */
  summarise(request: SummaryRequest, signal?: AbortSignal, count?: CountTokens): Promise<string>;
}

export interface PlannerOptions {
  /** Its own retries (429, 5xx, connection) are the only ones. */
  client: Anthropic;
  model: string;
  logger: Logger;
}

/** Seconds. The schema needs some bound; a day is more than any subtask may take. */
const LONGEST_GUESS_S = 86_400;

/** The shape the model must answer in. The SDK turns the limits into hints; they are checked afterwards. */
const planAnswer = z.object({
  subtasks: z.array(
    z.object({
      description: z.string(),
      required_capabilities: z.array(z.enum(CAPABILITIES)),
      dependencies: z.array(
        z
          .int()
          .min(0)
          .max(MODEL_PLAN_MAX - 1),
      ),
      priority: z.int().min(0).max(PRIORITY_MAX),
      estimated_duration: z.int().min(1).max(LONGEST_GUESS_S).nullable(),
    }),
  ),
});

const PLAN_TOKENS = 16_000;
const SUMMARY_TOKENS = 2_000;
/** Milliseconds for one answer; the client's retries come on top. */
const ANSWER_MS = 300_000;

/** Characters of a summary that no model wrote: of one subtask's line, and of all of them. */
const PLAIN_LINE_MAX = 500;
const PLAIN_MAX = 64_000;

export function createPlanner(given: PlannerOptions): Planner {
  return {
    async plan(request, signal, count) {
      const planned = await planByModel(speakingOf(given, request), request, { signal, count });
      return planned ? { ...planned, source: 'model' } : { plan: fallbackPlan(request), source: 'fallback' };
    },
    async summarise(request, signal, count) {
      const options = speakingOf(given, request);
      const text = await unlessModelFails(options, signal, () =>
        ask(options, {
          system: SUMMARY_SYSTEM,
          messages: [user(summaryMessage(request))],
          maxTokens: SUMMARY_TOKENS,
          signal,
          count,
        }),
      );
      return text?.trim() || plainSummary(request);
    },
  };
}

/** What is logged names the task. */
function speakingOf(options: PlannerOptions, { task_id }: { task_id?: string }): PlannerOptions {
  return task_id ? { ...options, logger: options.logger.child({ task_id }) } : options;
}

type ByModel = Pick<PlannedGraph, 'plan' | 'repaired'>;

/** Asks once, and once more with the exact errors; null when neither answer is a plan that can run. */
async function planByModel(options: PlannerOptions, request: PlanRequest, call: Call): Promise<ByModel | null> {
  return unlessModelFails(options, call.signal, async () => {
    const messages: Anthropic.MessageParam[] = [user(planMessage(request))];
    const first = await askForPlan(options, messages, call);
    const checked = checkAnswer(first, request);
    if (checked.ok) return { plan: checked.plan };
    const problems = checked.problems.map((problem) => `${problem.field}: ${problem.message}`);
    options.logger.warn({ problems }, 'the planned graph breaks a rule; asking for a repair');
    const repaired = await askForPlan(options, [...messages, assistant(first), user(repairMessage(problems))], call);
    const again = checkAnswer(repaired, request);
    if (!again.ok) options.logger.warn({ problems: again.problems }, 'the repaired graph breaks a rule too');
    return again.ok ? { plan: again.plan, repaired: true } : null;
  });
}

function askForPlan(options: PlannerOptions, messages: Anthropic.MessageParam[], call: Call): Promise<string> {
  return ask(options, {
    system: PLANNER_SYSTEM,
    messages,
    maxTokens: PLAN_TOKENS,
    ...call,
    format: zodOutputFormat(planAnswer),
  });
}

function checkAnswer(text: string, request: PlanRequest): CheckedPlan {
  // Each set once: a problem names them all, and a crew may be large.
  const sets = new Map(request.agents.map(({ capabilities }) => [maskOf(capabilities), capabilities]));
  const crew = [...sets.values()];
  try {
    return checkPlan(JSON.parse(text), { maxSubtasks: MODEL_PLAN_MAX, ...(crew.length > 0 && { crew }) });
  } catch (error) {
    return { ok: false, problems: [{ field: 'plan', message: `is not JSON: ${(error as Error).message}` }] };
  }
}

interface Call {
  signal: AbortSignal | undefined;
  count: CountTokens | undefined;
}

interface Question extends Call {
  system: string;
  messages: Anthropic.MessageParam[];
  maxTokens: number;
  format?: Anthropic.JSONOutputFormat;
}

async function ask(options: PlannerOptions, question: Question): Promise<string> {
  const message = await options.client.messages.create(
    {
      model: options.model,
      max_tokens: question.maxTokens,
      system: question.system,
      messages: question.messages,
      ...(question.format && { output_config: { format: question.format } }),
    },
    { signal: question.signal ?? null, timeout: ANSWER_MS },
  );
  question.count?.(tokensOf(message.usage));
  if (message.stop_reason === 'refusal') throw new Error('the model declined to answer');
  if (message.stop_reason === 'max_tokens') throw new Error(`the answer was cut at ${question.maxTokens} tokens`);
  return message.content.map((block) => (block.type === 'text' ? block.text : '')).join('');
}

function tokensOf(usage: Anthropic.Usage): ModelTokens {
  const { input_tokens, cache_creation_input_tokens, cache_read_input_tokens, output_tokens } = usage;
  const cached = (cache_creation_input_tokens ?? 0) + (cache_read_input_tokens ?? 0);
  return { input_tokens: input_tokens + cached, output_tokens };
}

async function unlessModelFails<T>(
  options: PlannerOptions,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    signal?.throwIfAborted();
    options.logger.warn({ err: error }, 'the model could not be asked');
    return null;
  }
}

/** One subtask, the whole task, for an agent that exists: a set that nobody has would wait for ever. */
export function fallbackPlan(request: PlanRequest): Plan {
  return planSchema.parse({
    subtasks: [
      { description: describe(request.description), required_capabilities: [likelyCapability(request.agents)] },
    ],
  });
}

/** A task's description as a subtask's, whose limits are other ones. */
function describe(task: string): string {
  const text = task.trim();
  // Characters as the database counts them: a task may be long enough by its spaces, or in halves of pairs, alone.
  if ([...text].length < DESCRIPTION_MIN) return `Carry out this task: ${text}`;
  // Half of a pair would be left at the end where the cut goes through it.
  return text.slice(0, SUBTASK_DESCRIPTION_MAX).replace(/[\ud800-\udbff]$/, '');
}

/** The most general of the capabilities that some agent has. */
function likelyCapability(agents: PlanRequest['agents']): Capability {
  const offered = new Set(agents.flatMap((agent) => agent.capabilities));
  const preferred: Capability[] = ['code_generation', 'data_analysis', ...CAPABILITIES];
  return preferred.find((capability) => offered.has(capability)) ?? 'code_generation';
}

function plainSummary({ results }: SummaryRequest): string {
  const lines = [`All ${results.length} subtasks completed.`];
  let room = PLAIN_MAX;
  for (const result of results) {
    const line = `- ${result.description}: ${summaryOf(result.output)}`.slice(0, PLAIN_LINE_MAX);
    room -= line.length;
    if (room < 0) return [...lines, `- and ${results.length - lines.length + 1} more`].join('\n');
    lines.push(line);
  }
  return lines.join('\n');
}

function summaryOf(output: Record<string, unknown>): string {
  return typeof output.summary === 'string' ? output.summary : JSON.stringify(output);
}

function user(content: string): Anthropic.MessageParam {
  return { role: 'user', content };
}

function assistant(content: string): Anthropic.MessageParam {
  return { role: 'assistant', content: content || '(no answer)' };
}

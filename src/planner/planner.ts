// From a description to a validated plan, and from results to a summary, by asking the model. Trouble with the model
// never fails a task: planning falls back to one subtask, a summary to a plain list. A model that is only busy is told apart,
// since whoever has the time can ask for the plan again. How a question is asked is model-call.ts's.
import type Anthropic from '@anthropic-ai/sdk';
import { zodOutputFormat } from '@anthropic-ai/sdk/helpers/zod';
import { z } from 'zod';
import { CAPABILITIES, type Capability, maskOf } from '../domain/capability.ts';
import { type CheckedPlan, checkPlan, MODEL_PLAN_MAX, type Plan, planSchema } from '../domain/plan.ts';
import { PRIORITY_MAX, SUBTASK_DESCRIPTION_MAX } from '../domain/subtask.ts';
import { DESCRIPTION_MIN } from '../domain/task.ts';
import type { Logger } from '../log.ts';
import { type Asker, ask, type CountTokens, ModelBusy } from './model-call.ts';
import {
  PLANNER_SYSTEM,
  type PlanRequest,
  planMessage,
  repairMessage,
  SUMMARY_SYSTEM,
  type SummaryRequest,
  summaryMessage,
} from './prompts.ts';
import { StepCount } from './step-count.ts';

export type { CountTokens, PlanRequest, SummaryRequest };
export { ModelBusy };

export interface PlannedGraph {
  plan: Plan;
  source: 'model' | 'fallback';
  /** The model's first answer broke a rule, the second did not. */
  repaired?: boolean;
}

/** Hears how planning goes on. */
export interface PlanListener {
  used?: CountTokens;
  /** The first word of an answer has come. */
  began?: () => void;
  /** So many steps of the plan have been written; told once for each. */
  steps?: (steps: number) => void;
}

export interface Planner {
  /** Rejects with ModelBusy when asking again may help, and when `signal` aborts; never else because of the model. */
  plan(request: PlanRequest, signal?: AbortSignal, heard?: PlanListener): Promise<PlannedGraph>;
  /** The text of the final answer. Never rejects because of the model. */
  summarise(request: SummaryRequest, signal?: AbortSignal, count?: CountTokens): Promise<string>;
}

export interface PlannerOptions extends Asker {
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
/** A summary is wanted within a minute or plainly, so a busy model is asked again at once. */
const SUMMARY_RETRIES = 2;

/** Characters of a summary that no model wrote: of one subtask's line, and of all of them. */
const PLAIN_LINE_MAX = 500;
const PLAIN_MAX = 64_000;

export function createPlanner(given: PlannerOptions): Planner {
  return {
    async plan(request, signal, heard = {}) {
      const planned = await planByModel(speakingOf(given, request), request, { signal, heard });
      return planned ? { ...planned, source: 'model' } : { plan: fallbackPlan(request), source: 'fallback' };
    },
    async summarise(request, signal, count) {
      const options = speakingOf(given, request);
      const text = await unlessModelFails(options, signal, () =>
        ask(options, {
          system: SUMMARY_SYSTEM,
          messages: [user(summaryMessage(request))],
          maxTokens: SUMMARY_TOKENS,
          maxRetries: SUMMARY_RETRIES,
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
  return unlessModelFails({ ...options, throwBusy: true }, call.signal, async () => {
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
  const { signal, heard } = call;
  // The SDK would parse what has its own parser, and throw at what is no plan.
  const { type, schema } = zodOutputFormat(planAnswer);
  const count = new StepCount();
  let hasBegun = false;
  return ask(options, {
    system: PLANNER_SYSTEM,
    messages,
    maxTokens: PLAN_TOKENS,
    maxRetries: 0,
    format: { type, schema },
    signal,
    count: heard.used,
    onText: (piece) => {
      if (!hasBegun) heard.began?.();
      hasBegun = true;
      if (count.read(piece)) heard.steps?.(count.steps);
    },
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
  heard: PlanListener;
}

async function unlessModelFails<T>(
  options: Pick<PlannerOptions, 'logger'> & { throwBusy?: boolean },
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    signal?.throwIfAborted();
    if (options.throwBusy && error instanceof ModelBusy) throw error;
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

// The planner is asked in a planning slot; a model that is busy is asked again later, in another slot. Used for stored tasks and
// for plans without a task. What comes of the plan is left to whoever asked.
import type { AgentStatus } from '../domain/agent.ts';
import { backoffMs } from '../domain/backoff.ts';
import {
  type CountTokens,
  fallbackPlan,
  ModelBusy,
  type PlanListener,
  type PlannedGraph,
  type PlanRequest,
} from '../planner/planner.ts';
import type { PlanningOutcome } from '../telemetry/control-metrics.ts';
import type { Parts } from './parts.ts';
import type { Applicant } from './planning-line.ts';

/** How often a busy model is asked for one plan. */
const TRIES = 3;
/** The longest wait that a busy model is granted, in milliseconds. */
const WAIT_MAX_MS = 600_000;

type AskParts = Pick<Parts, 'bus' | 'clock' | 'logger' | 'metrics' | 'planner' | 'planning'>;

export interface WantedPlan extends Omit<PlanRequest, 'agents'>, Pick<Applicant, 'user_id' | 'since'> {
  signal: AbortSignal;
  /** Told of each answer, also of one of which nothing comes. */
  used: CountTokens;
}

/** Rejects only when the signal aborts. */
export async function askPlanner(parts: AskParts, wanted: WantedPlan): Promise<PlannedGraph> {
  const { task_id = null, user_id, since, signal } = wanted;
  let notBefore: Date | null = null;
  for (let tries = 1; ; tries += 1) {
    const leave = await enterSlot(parts, { task_id, user_id, since, notBefore }, signal);
    try {
      // It may have got its slot from others that were aborted a moment before it.
      signal.throwIfAborted();
      const answer = await askOnce(parts, wanted, { isLast: tries === TRIES });
      // A busy model does not keep the slot: others may have more luck, and after a rate limit nobody tries.
      if (!(answer instanceof ModelBusy)) return answer;
      notBefore = backOff(parts, answer, tries);
      parts.logger.warn({ err: answer, task_id, notBefore }, 'the model is busy; it is asked again');
    } finally {
      leave();
    }
  }
}

async function enterSlot(parts: AskParts, applicant: Applicant, signal: AbortSignal): Promise<() => void> {
  const seconds = stopwatch(parts);
  const leave = await parts.planning.slots.enter(applicant, signal);
  parts.metrics.planningBegan(seconds());
  return leave;
}

/** The instant from which the model may be asked again for this plan. */
function backOff({ clock, planning }: AskParts, busy: ModelBusy, tries: number): Date {
  const waitMs = Math.min(busy.retryAfterMs ?? backoffMs(tries, Math.random()), WAIT_MAX_MS);
  const at = new Date(clock.now().getTime() + waitMs);
  if (busy.isRateLimit) planning.slots.pauseUntil(at);
  return at;
}

async function askOnce(
  parts: AskParts,
  wanted: WantedPlan,
  { isLast }: { isLast: boolean },
): Promise<PlannedGraph | ModelBusy> {
  const { signal, used, user_id: _user, since: _since, ...about } = wanted;
  const request = { ...about, agents: await listCrew(parts) };
  const progress = progressOf(parts, about.task_id);
  const seconds = stopwatch(parts);
  const ended = (outcome: PlanningOutcome) => parts.metrics.planned(outcome, seconds());
  try {
    const planned = await parts.planner.plan(request, signal, { ...progress, used });
    ended(planned.repaired ? 'repaired' : planned.source);
    return planned;
  } catch (error) {
    if (!(error instanceof ModelBusy)) {
      ended('abandoned');
      throw error;
    }
    ended(isLast ? 'fallback' : 'busy');
    return isLast ? { plan: fallbackPlan(request), source: 'fallback' } : error;
  } finally {
    progress.over();
  }
}

/** What is shown of a task's plan while it is written; of a plan without a task nothing is. */
function progressOf(parts: AskParts, taskId: string | undefined): PlanListener & { over(): void } {
  const seconds = stopwatch(parts);
  const wrote = (steps: number | null) => taskId && parts.planning.board.wrote(taskId, steps);
  let hasBegun = false;
  return {
    began() {
      // A repair round begins too; the first answer is what is measured.
      if (!hasBegun) parts.metrics.plannerSpoke(seconds());
      hasBegun = true;
    },
    steps: wrote,
    over: () => void wrote(null),
  };
}

/** Seconds from now on. */
function stopwatch({ clock }: AskParts): () => number {
  const startedAt = clock.now().getTime();
  return () => (clock.now().getTime() - startedAt) / 1_000;
}

/** Without a registry the planner knows no crew, and its fallback still makes a plan. */
async function listCrew({ bus, logger }: AskParts): Promise<AgentStatus[]> {
  return bus.listAgents().catch((error: unknown) => {
    logger.warn({ err: error }, 'the agent registry does not answer; planning without it');
    return [];
  });
}

// A task that is only planned: the same planner, crew and count of tokens as for a task, but nothing is stored or run.
import type { ModelTokens } from '../domain/attempt.ts';
import { AppError } from '../domain/errors.ts';
import type { PlannedGraph, PlanRequest } from '../planner/planner.ts';
import { askPlanner } from './ask-planner.ts';
import type { Caller } from './caller.ts';
import { linkedAbort } from './linked-abort.ts';
import type { Parts } from './parts.ts';
import { sumOf } from './token-count.ts';

/** Somebody waits for the answer; planning a stored task may take longer. */
const PLAN_MS = 120_000;

export interface PlanOnly extends Pick<PlanRequest, 'description' | 'files'> {
  user_id: string;
  caller: Caller;
  /** Aborts when nobody waits any more. */
  gone: AbortSignal;
}

/** Throws planning_failed (none within PLAN_MS), unauthorized (the key was revoked meanwhile) or unavailable. */
export async function planOnly(parts: Parts, asked: PlanOnly): Promise<PlannedGraph & ModelTokens> {
  const leave = parts.planning.places.takeNow(asked.user_id, 'ask again shortly');
  const ending = linkedAbort(parts.stopping, asked.gone);
  const cancelLimit = parts.clock.after(PLAN_MS, () => ending.abort());
  const used: ModelTokens[] = [];
  try {
    const { user_id, description, files } = asked;
    const wanted = { user_id, since: parts.clock.now(), description, files, signal: ending.signal };
    const planned = await askPlanner(parts, { ...wanted, used: (tokens) => used.push(tokens) });
    return { ...planned, ...sumOf(used) };
  } catch (error) {
    throw ending.signal.aborted ? interrupted(parts, asked, error) : error;
  } finally {
    leave();
    cancelLimit();
    ending.release();
    const tokens = sumOf(used);
    if (used.length > 0) parts.metrics.modelUsed('planning', tokens);
    parts.logger.info({ user_id: asked.user_id, ...tokens }, 'a plan was asked for, without a task');
  }
}

function interrupted({ stopping }: Parts, { caller }: PlanOnly, cause: unknown): AppError {
  if (caller.revoked.aborted)
    return new AppError('unauthorized', 'this API key was revoked while the plan was being made', { cause });
  if (stopping.aborted)
    return new AppError('unavailable', 'the service is stopping: ask for the plan again shortly', { cause });
  const message = `the model made no plan within ${PLAN_MS / 1_000} s: ask again, or for less at once`;
  return new AppError('planning_failed', message, { cause });
}

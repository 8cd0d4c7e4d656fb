// Cancelling and retrying: the transition, the notices that follow it, and the words for whoever may not.
import { type Limits, type Spending, spentInWords } from '../domain/budget.ts';
import { AppError } from '../domain/errors.ts';
import { readyNotice } from '../domain/ready-notice.ts';
import type { TaskStatus } from '../domain/transitions.ts';
import { cancelTask, retryTask, type TaskChanged, type TaskRetried } from '../store/tasks.ts';
import { announce } from './notices.ts';
import type { Parts } from './parts.ts';
import { unknownTask } from './task-response.ts';

/** `limits` replace those of the task that is retried. */
export type TaskAction = { action: 'cancel' } | { action: 'retry'; limits?: Partial<Limits> };

export type Acted =
  | { done: true; status: TaskStatus }
  | { done: false /** Null: there is no such task. */; status: TaskStatus | null; error: AppError };

export async function actOnTask(parts: Parts, task_id: string, asked: TaskAction): Promise<Acted> {
  const { action } = asked;
  const changed = action === 'cancel' ? await cancel(parts, task_id) : await retry(parts, task_id, asked.limits);
  if (changed.outcome === 'spent') return { done: false, status: 'failed', error: stillSpent(task_id, changed.task) };
  if (changed.outcome === 'changed') return { done: true, status: ACTIONS[action].leadsTo };
  if (changed.outcome === 'not_found') return nothingDone(task_id);
  // Cancelling what is cancelled changes nothing and is no error: the caller has what it wanted.
  if (action === 'cancel' && changed.status === 'cancelled') return { done: true, status: 'cancelled' };
  const message = `task ${task_id} is ${changed.status}: ${ACTIONS[action].mend}`;
  return { done: false, status: changed.status, error: new AppError('wrong_state', message) };
}

/** There is no such task. */
export function nothingDone(task_id: string): Acted {
  return { done: false, status: null, error: unknownTask(task_id) };
}

const ACTIONS = {
  cancel: { leadsTo: 'cancelled', mend: 'only a pending task or one in progress can be cancelled' },
  retry: { leadsTo: 'in_progress', mend: 'only a failed task can be retried' },
} as const;

async function cancel(parts: Parts, task_id: string): Promise<TaskChanged> {
  const cancelled = await cancelTask(parts.db, task_id);
  if (cancelled.outcome === 'not_found') return cancelled;
  if (cancelled.outcome === 'changed') {
    parts.metrics.taskEnded('cancelled');
    parts.logger.info({ task_id }, 'the task is cancelled');
  }
  // Told again when it was cancelled before: an agent may have missed the first notice.
  await announce(parts, 'stop', { task_id });
  await announce(parts, 'events', { task_ids: [task_id] });
  return cancelled;
}

async function retry(parts: Parts, task_id: string, limits?: Partial<Limits>): Promise<TaskRetried> {
  const retried = await retryTask(parts.db, task_id, limits);
  if (retried.outcome !== 'changed') return retried;
  parts.metrics.taskRetried();
  parts.logger.info({ task_id }, 'the task is started again');
  await announce(parts, 'wake', readyNotice({ ready: retried.ready }));
  await announce(parts, 'events', { task_ids: [task_id] });
  return retried;
}

function stillSpent(taskId: string, task: Limits & Spending): AppError {
  const field = task.budget_usd !== null && task.spent_usd >= task.budget_usd ? 'budget_usd' : 'max_turns';
  return new AppError('wrong_state', `task ${taskId} cannot be retried: ${spentInWords(taskId, task)}`, { field });
}

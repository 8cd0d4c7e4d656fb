// POST /tasks/{task_id}/cancel and /retry.
import { z } from 'zod';
import { type Limits, type Spending, spentInWords } from '../../domain/budget.ts';
import { AppError } from '../../domain/errors.ts';
import type { TaskStatus } from '../../domain/transitions.ts';
import { taskActionResponse, taskLimits } from '../../protocol/api.ts';
import { cancelTask, retryTask } from '../../store/tasks.ts';
import type { App } from '../app.ts';
import { LIMIT_FIELDS, readLimits } from '../limits-input.ts';
import { announce } from '../notices.ts';
import { failures } from '../openapi.ts';
import type { Parts } from '../parts.ts';
import { unknownTask } from '../task-response.ts';
import { taskParams } from './tasks.ts';

export function addTaskActionRoutes(app: App, parts: Parts): void {
  app.post('/tasks/:task_id/cancel', { schema: cancelSchema }, async ({ params: { task_id } }) => {
    const cancelled = await cancelTask(parts.db, task_id);
    const answer = answerOf(task_id, cancelled, 'cancelled');
    await announce(parts, 'stop', { task_id });
    await announce(parts, 'events', { task_id });
    return answer;
  });

  // The body is checked by readRetry, whose messages name value and mend; the schema documents it.
  const retry = { schema: retrySchema, validatorCompiler: () => (value: unknown) => ({ value }) };
  app.post('/tasks/:task_id/retry', retry, async ({ params: { task_id }, body }) => {
    const retried = await retryTask(parts.db, task_id, readRetry(body));
    if (retried.outcome === 'spent') throw stillSpent(task_id, retried.task);
    const answer = answerOf(task_id, retried, 'in_progress');
    if (retried.outcome === 'changed') await announce(parts, 'wake', { ready: retried.ready });
    await announce(parts, 'events', { task_id });
    return answer;
  });
}

type Changed = { outcome: 'changed' } | { outcome: 'wrong_state'; status: TaskStatus } | { outcome: 'not_found' };

/** Cancelling what is cancelled changes nothing and is no error: the caller has what it wanted. */
function answerOf(task_id: string, changed: Changed, wanted: 'cancelled' | 'in_progress') {
  if (changed.outcome === 'not_found') throw unknownTask(task_id);
  if (changed.outcome === 'changed') return { task_id, status: wanted };
  if (wanted === 'cancelled' && changed.status === 'cancelled') return { task_id, status: wanted };
  const mend =
    wanted === 'cancelled'
      ? 'only a pending task or one in progress can be cancelled'
      : 'only a failed task can be retried';
  throw new AppError('wrong_state', `task ${task_id} is ${changed.status}: ${mend}`);
}

const response = { 200: taskActionResponse.describe('Done.'), ...failures('not_found', 'wrong_state') };

const cancelSchema = {
  operationId: 'cancelTask',
  summary: 'Cancel a task: nothing of it is started any more, and what runs is stopped.',
  tags: ['tasks'],
  params: taskParams,
  response,
};

function readRetry(body: unknown): Partial<Limits> {
  if (body === undefined || body === null) return {};
  const { data } = z.record(z.string(), z.unknown()).safeParse(body);
  const unknown = Object.keys(data ?? {}).find((name) => !LIMIT_FIELDS.some((field) => field === name));
  if (data && unknown === undefined) return readLimits(data);
  const message = `a retry takes ${LIMIT_FIELDS.join(' and ')} in a JSON object, or no body at all`;
  throw new AppError('invalid_request', message, unknown === undefined ? {} : { field: unknown });
}

function stillSpent(taskId: string, task: Limits & Spending): AppError {
  const field = task.budget_usd !== null && task.spent_usd >= task.budget_usd ? 'budget_usd' : 'max_turns';
  return new AppError('wrong_state', `task ${taskId} cannot be retried: ${spentInWords(taskId, task)}`, { field });
}

const retrySchema = {
  operationId: 'retryTask',
  summary: 'Run the failed parts of a failed task again; completed results are kept.',
  description: 'Limits that are given replace those of the task. One whose budget is used up needs a larger one.',
  tags: ['tasks'],
  params: taskParams,
  body: taskLimits.nullish(),
  response: { ...response, ...failures('invalid_request') },
};

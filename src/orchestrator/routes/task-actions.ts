// POST /tasks/{task_id}/cancel and /retry.
import { AppError } from '../../domain/errors.ts';
import type { TaskStatus } from '../../domain/transitions.ts';
import { taskActionResponse } from '../../protocol/api.ts';
import { cancelTask, retryTask } from '../../store/tasks.ts';
import type { App } from '../app.ts';
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

  app.post('/tasks/:task_id/retry', { schema: retrySchema }, async ({ params: { task_id } }) => {
    const retried = await retryTask(parts.db, task_id);
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

const retrySchema = {
  operationId: 'retryTask',
  summary: 'Run the failed parts of a failed task again; completed results are kept.',
  tags: ['tasks'],
  params: taskParams,
  response,
};

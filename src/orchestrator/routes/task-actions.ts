// POST /tasks/{task_id}/cancel and /retry, and POST /tasks/actions for several tasks at once.
import { taskActionResponse } from '../../protocol/api.ts';
import { taskActionsBody, taskActionsResponse } from '../../protocol/dashboard-api.ts';
import type { App } from '../app.ts';
import { failures } from '../openapi.ts';
import type { Parts } from '../parts.ts';
import { actOnTask, type TaskAction } from '../task-actions.ts';
import { taskParams } from './tasks.ts';

export function addTaskActionRoutes(app: App, parts: Parts): void {
  const act = async (action: TaskAction, task_id: string) => {
    const acted = await actOnTask(parts, action, task_id);
    if (!acted.done) throw acted.error;
    return { task_id, status: acted.status };
  };
  app.post('/tasks/:task_id/cancel', { schema: cancelSchema }, async ({ params }) => act('cancel', params.task_id));
  app.post('/tasks/:task_id/retry', { schema: retrySchema }, async ({ params }) => act('retry', params.task_id));

  app.post('/tasks/actions', { schema: severalSchema }, async ({ body: { action, task_ids } }) => {
    const results = [];
    // One after the other: a hundred at once would take every connection from everybody else.
    for (const task_id of new Set(task_ids)) {
      const acted = await actOnTask(parts, action, task_id);
      const detail = acted.done ? null : acted.error.message;
      results.push({ task_id, done: acted.done, status: acted.status, detail });
    }
    return { results };
  });
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

const severalSchema = {
  operationId: 'actOnTasks',
  summary: 'Cancel or retry up to a hundred tasks at once; each has its own outcome.',
  description:
    'A task that is unknown or in another state is no error of the request: its `detail` says why nothing was done.',
  tags: ['tasks'],
  body: taskActionsBody,
  response: {
    200: taskActionsResponse.describe('One outcome for each task, in the order of the request.'),
    ...failures('invalid_request', 'too_large', 'unsupported_media_type'),
  },
};

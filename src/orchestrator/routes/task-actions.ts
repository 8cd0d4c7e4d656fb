// POST /tasks/{task_id}/cancel and /retry, and POST /tasks/actions for several tasks at once.

import { z } from 'zod';
import type { Limits } from '../../domain/budget.ts';
import { AppError } from '../../domain/errors.ts';
import { taskActionResponse, taskLimits } from '../../protocol/api.ts';
import { taskActionsBody, taskActionsResponse } from '../../protocol/dashboard-api.ts';
import { failures } from '../../protocol/failures.ts';
import type { App } from '../app.ts';
import { LIMIT_FIELDS, readLimits } from '../limits-input.ts';
import type { Parts } from '../parts.ts';
import { actOnTask, nothingDone, type TaskAction } from '../task-actions.ts';
import type { TaskOwners } from '../task-owners.ts';
import { taskParams } from './tasks.ts';

export function addTaskActionRoutes(app: App, parts: Parts, owners: TaskOwners): void {
  const config = { access: 'submit' } as const;
  const act = async (task_id: string, action: TaskAction) => {
    const acted = await actOnTask(parts, task_id, action);
    if (!acted.done) throw acted.error;
    return { task_id, status: acted.status };
  };
  app.post('/tasks/:task_id/cancel', { schema: cancelSchema, config }, async ({ params }) =>
    act(params.task_id, { action: 'cancel' }),
  );
  // The body is checked by readRetry, whose messages name value and mend; the schema documents it.
  const retry = { schema: retrySchema, config, validatorCompiler: () => (value: unknown) => ({ value }) };
  app.post('/tasks/:task_id/retry', retry, async ({ params, body }) =>
    act(params.task_id, { action: 'retry', limits: readRetry(body) }),
  );

  app.post('/tasks/actions', { schema: severalSchema, config }, async ({ body: { action, task_ids }, caller }) => {
    const results = [];
    // One after the other: a hundred at once would take every connection from everybody else.
    for (const task_id of new Set(task_ids)) {
      const isSeen = await owners.isSeenBy(caller, task_id);
      const acted = isSeen ? await actOnTask(parts, task_id, { action }) : nothingDone(task_id);
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

function readRetry(body: unknown): Partial<Limits> {
  if (body === undefined || body === null) return {};
  const { data } = z.record(z.string(), z.unknown()).safeParse(body);
  const unknown = Object.keys(data ?? {}).find((name) => !LIMIT_FIELDS.some((field) => field === name));
  if (data && unknown === undefined) return readLimits(data);
  const message = `a retry takes ${LIMIT_FIELDS.join(' and ')} in a JSON object, or no body at all`;
  throw new AppError('invalid_request', message, unknown === undefined ? {} : { field: unknown });
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

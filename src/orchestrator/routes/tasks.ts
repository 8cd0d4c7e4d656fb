// POST /tasks, GET /tasks, GET /tasks/{task_id}.
import { z } from 'zod';
import {
  createTaskBody,
  createTaskResponse,
  listTasksQuery,
  listTasksResponse,
  taskResponse,
} from '../../protocol/api.ts';
import { taskStoredResponse } from '../../protocol/dashboard-api.ts';
import { failures } from '../../protocol/failures.ts';
import { listTasks } from '../../store/task-views.ts';
import { inSpan } from '../../telemetry/tracing.ts';
import type { App } from '../app.ts';
import { userSeenBy } from '../caller.ts';
import { documentedPlan } from '../plan-document.ts';
import { type SubmitParts, storeForPlanning, submitTask } from '../submit.ts';
import { prefersAsync, readTaskInput } from '../task-input.ts';
import { readTask } from '../task-response.ts';

export function addTaskRoutes(app: App, { parts, intake, planning }: SubmitParts): void {
  // The parameters may come from three places and are checked together, by readTaskInput; the schema documents them.
  const options = {
    schema: createTaskSchema,
    config: { access: 'submit' } as const,
    validatorCompiler: () => (value: unknown) => ({ value }),
  };
  app.post('/tasks', options, async (request, reply) => {
    const input = await readTaskInput(request, parts.config.bodyLimitBytes);
    const waits = !prefersAsync(request.headers.prefer);
    if (!waits) reply.status(202).header('preference-applied', 'respond-async');
    // Within the caller's trace, if there is one.
    const parent = request.headers.traceparent?.toString();
    return inSpan('task.submit', { parent, kind: 'server' }, async (span) => {
      const traced = { ...input, trace_parent: span.traceparent };
      const stored = waits ? await submitTask(parts, intake, traced) : await storeForPlanning(parts, planning, traced);
      span.describe({ 'muster.task_id': stored.task_id });
      return stored;
    });
  });

  app.get('/tasks', { schema: listTasksSchema, config: { access: 'read' } }, async ({ query, caller }) => {
    const user_id = userSeenBy(caller, query.user_id);
    const { rows, next_cursor } = await listTasks(parts.db, { ...query, user_id });
    return { tasks: rows, next_cursor };
  });

  app.get('/tasks/:task_id', { schema: getTaskSchema, config: { access: 'read' } }, async ({ params }) =>
    readTask(parts, params.task_id),
  );
}

export const taskParams = z.object({ task_id: z.string().meta({ description: 'Id of the task, `task_…`.' }) });

const file = z.custom<Uint8Array>().meta({ type: 'string', format: 'binary' });
const parameters = createTaskBody.extend({ plan: documentedPlan }).partial();
const planText = z.string().meta({ description: 'A graph to run as it is, in JSON.' });

const createTaskSchema = {
  operationId: 'createTask',
  summary: 'Submit a task in natural language; it is planned, stored and queued.',
  description:
    'The parameters are accepted in the query string, in a JSON body or in the fields of a multipart body; a body wins over the query string. `description` is required, in one of them. A `plan` and `files` need a body.',
  tags: ['tasks'],
  querystring: parameters.omit({ plan: true }),
  body: {
    content: {
      'application/json': { schema: parameters },
      'multipart/form-data': { schema: parameters.extend({ plan: planText, files: z.array(file) }).partial() },
    },
  },
  headers: z.object({
    'idempotency-key': z
      .string()
      .min(1)
      .max(200)
      .optional()
      .meta({ description: 'A repeated request of the same user with the same key gets the first answer.' }),
    prefer: z
      .string()
      .optional()
      .meta({ description: '`respond-async`: answer 202 as soon as the task is stored, and plan it afterwards.' }),
    traceparent: z
      .string()
      .optional()
      .meta({ description: "W3C trace context: where traces are kept, the task's spans belong to this one." }),
  }),
  response: {
    200: createTaskResponse.describe('Stored durably and queued.'),
    202: taskStoredResponse.describe('Stored durably; it is being planned.'),
    ...failures(
      'invalid_request',
      'invalid_plan',
      'idempotency_conflict',
      'wrong_state',
      'too_large',
      'unsupported_media_type',
      'planning_failed',
      'unavailable',
    ),
  },
};

const listTasksSchema = {
  operationId: 'listTasks',
  summary: 'Tasks, newest or oldest first, in pages.',
  tags: ['tasks'],
  querystring: listTasksQuery,
  response: { 200: listTasksResponse.describe('One page.'), ...failures('invalid_request') },
};

const getTaskSchema = {
  operationId: 'getTask',
  summary: 'A task, its subtasks with the reason why each waits, and every result so far.',
  tags: ['tasks'],
  params: taskParams,
  response: { 200: taskResponse.describe('Found.'), ...failures('not_found') },
};

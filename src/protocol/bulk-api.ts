// Many tasks handed in by one request: what travels, for POST /tasks/bulk and the client's submitAll.
import { z } from 'zod';
import { errorResponse } from './agent-api.ts';
import { createTaskBody, createTaskResponse } from './api.ts';

/** Tasks of one request. The largest body bounds them too. */
export const BULK_MAX = 100;

/** As in POST /tasks, but without files; what is a header there is a field here. */
export const bulkTask = createTaskBody.partial().extend({
  idempotency_key: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .meta({ description: 'A repeated task of the same user with the same key gets the first answer.' }),
});

export const bulkBody = z.object({ tasks: z.array(bulkTask).min(1).max(BULK_MAX) });

/** Numbers of subtasks are missing while a task is being planned. */
const created = createTaskResponse.partial({ subtasks_count: true, initial_subtasks_queued: true });
const refused = z.object({ status: z.literal('refused'), error: errorResponse });

export const bulkResponse = z.object({ results: z.array(z.discriminatedUnion('status', [created, refused])) });
export type BulkResult = z.infer<typeof bulkResponse>['results'][number];

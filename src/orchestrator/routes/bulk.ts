// POST /tasks/bulk: up to a hundred tasks in one request.
import { z } from 'zod';
import { BULK_MAX, bulkBody, bulkResponse, bulkTask } from '../../protocol/bulk-api.ts';
import { failures } from '../../protocol/failures.ts';
import { inSpan } from '../../telemetry/tracing.ts';
import type { App } from '../app.ts';
import { submitBulk } from '../bulk-submit.ts';
import { documentedPlan } from '../plan-document.ts';
import type { SubmitParts } from '../submit.ts';

export function addBulkRoute(app: App, bulk: SubmitParts): void {
  // Each task is checked by itself, by submitBulk; the schema documents it.
  const options = {
    schema,
    config: { access: 'submit' } as const,
    validatorCompiler: () => (value: unknown) => ({ value }),
  };
  app.post('/tasks/bulk', options, async (request) =>
    inSpan('tasks.submit', { parent: request.headers.traceparent?.toString(), kind: 'server' }, async (span) => {
      const answer = await submitBulk(bulk, request, span.traceparent);
      span.describe({ 'muster.tasks': answer.results.length });
      return answer;
    }),
  );
}

const schema = {
  operationId: 'createTasks',
  summary: `Submit up to ${BULK_MAX} tasks in one request; each has its own outcome.`,
  description:
    'A task that is refused is no error of the request: its `error` says what is wrong with it, and the others are taken. Tasks with a plan are stored and queued when this answers; those without are stored, and planned afterwards. Files need a request of their own.',
  tags: ['tasks'],
  body: bulkBody.extend({
    tasks: z
      .array(bulkTask.extend({ plan: documentedPlan.optional() }))
      .min(1)
      .max(BULK_MAX),
  }),
  response: {
    200: bulkResponse.describe('One outcome for each task, in the order of the request.'),
    ...failures('invalid_request', 'too_large', 'unsupported_media_type', 'unavailable'),
  },
};

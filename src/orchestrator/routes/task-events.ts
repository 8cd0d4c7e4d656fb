// GET /tasks/{task_id}/events: server-sent events.

import { Readable } from 'node:stream';
import { z } from 'zod';
import { failures } from '../../protocol/failures.ts';
import type { App } from '../app.ts';
import { readStart, watchTask } from '../event-stream.ts';
import { EVENT_STREAM_HEADERS, eventStreamResponse, goneSignal } from '../event-stream-reply.ts';
import type { Parts } from '../parts.ts';
import { taskParams } from './tasks.ts';

export function addTaskEventRoutes(app: App, parts: Parts): void {
  // No HEAD: it would be answered by reading the stream to its end.
  app.get(
    '/tasks/:task_id/events',
    { schema, exposeHeadRoute: false, config: { access: 'read' } },
    async (request, reply) => {
      const { params, query, headers, caller } = request;
      const after = readStart(headers['last-event-id'], query.after);
      const text = await watchTask(parts, { taskId: params.task_id, after, gone: goneSignal(reply, caller) });
      // 204 tells a browser's EventSource not to connect again.
      if (!text) return reply.status(204).send();
      reply.headers(EVENT_STREAM_HEADERS);
      return reply.send(Readable.from(text));
    },
  );
}

const schema = {
  operationId: 'streamTaskEvents',
  summary: "The task's events as server-sent events, from the first or after the one named, until it ends.",
  description:
    'Each event has its number as `id`, its type as `event` and the whole event as JSON `data`. Resumes after the `Last-Event-ID` header, or after the `after` parameter.',
  tags: ['tasks'],
  params: taskParams,
  querystring: z.object({
    after: z.string().optional().meta({ description: 'Number of the last event already seen; default 0.' }),
  }),
  headers: z.object({ 'last-event-id': z.string().optional() }),
  response: {
    200: eventStreamResponse,
    204: z.undefined().describe('The task has ended and nothing follows.'),
    ...failures('invalid_request', 'not_found'),
  },
};

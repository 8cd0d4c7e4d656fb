// GET /logs and /logs/stream: what agents said and did, in pages and live.

import { Readable } from 'node:stream';
import { z } from 'zod';
import { listLogsQuery, listLogsResponse } from '../../protocol/api.ts';
import { streamLogsQuery } from '../../protocol/dashboard-api.ts';
import { failures } from '../../protocol/failures.ts';
import { listLogs } from '../../store/logs.ts';
import type { App } from '../app.ts';
import { userSeenBy } from '../caller.ts';
import { EVENT_STREAM_HEADERS, eventStreamResponse, goneSignal, readEventId } from '../event-stream-reply.ts';
import { streamLogs } from '../log-stream.ts';
import type { Parts } from '../parts.ts';

export function addLogRoutes(app: App, parts: Parts): void {
  app.get('/logs', { schema, config: { access: 'read' } }, async ({ query, caller }) => {
    const { rows, next_cursor } = await listLogs(parts.db, { ...query, user_id: userSeenBy(caller) });
    return { logs: rows, next_cursor };
  });

  // No HEAD: it would be answered by reading the stream to its end.
  app.get(
    '/logs/stream',
    { schema: streamSchema, exposeHeadRoute: false, config: { access: 'read' } },
    async (request, reply) => {
      const { query, headers, caller } = request;
      const { after_id: value, ...asked } = query;
      const filter = { ...asked, user_id: userSeenBy(caller) };
      const parameter = { name: 'after_id', value };
      const after = readEventId({ header: headers['last-event-id'], parameter, max: Number.MAX_SAFE_INTEGER });
      reply.headers(EVENT_STREAM_HEADERS);
      return reply.send(Readable.from(streamLogs(parts, { filter, after, gone: goneSignal(reply, caller) })));
    },
  );
}

const schema = {
  operationId: 'listLogs',
  summary: "The agents' log lines, newest first, in pages.",
  tags: ['logs'],
  querystring: listLogsQuery,
  response: { 200: listLogsResponse.describe('One page.'), ...failures('invalid_request') },
};

const streamSchema = {
  operationId: 'streamLogs',
  summary: "The agents' log lines as server-sent events, as they are stored.",
  description:
    'Begins with the next line that is stored, or after the `Last-Event-ID` header or the `after_id` parameter. The filters are those of the list. A line that another replica commits within 10 s behind lines with higher ids is sent late, without an `id`.',
  tags: ['logs'],
  querystring: streamLogsQuery,
  headers: z.object({ 'last-event-id': z.string().optional() }),
  response: { 200: eventStreamResponse, ...failures('invalid_request') },
};

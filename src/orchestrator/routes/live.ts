// GET /events: server-sent events of all tasks and agents.

import { Readable } from 'node:stream';
import { liveQuery } from '../../protocol/dashboard-api.ts';
import { failures } from '../../protocol/failures.ts';
import type { App } from '../app.ts';
import { userSeenBy } from '../caller.ts';
import { EVENT_STREAM_HEADERS, eventStreamResponse, goneSignal } from '../event-stream-reply.ts';
import { LiveFeed } from '../live-feed.ts';
import type { Parts } from '../parts.ts';

export function addLiveRoutes(app: App, parts: Parts): void {
  const feed = new LiveFeed(parts);
  app.get(
    '/events',
    { schema, exposeHeadRoute: false, config: { access: 'read' } },
    async ({ query, caller }, reply) => {
      reply.headers(EVENT_STREAM_HEADERS);
      const watch = {
        user_id: userSeenBy(caller, query.user_id),
        agents: caller.role === 'operate',
        gone: goneSignal(reply, caller),
      };
      return reply.send(Readable.from(feed.watch(watch)));
    },
  );
}

const schema = {
  operationId: 'streamChanges',
  summary: 'Changes of all tasks and agents as server-sent events, for pages that show many of them.',
  description:
    '`hello` comes first, and again whenever a client was too slow: read the lists anew. `task` is a row of the task list as it stands now, at most four times a second for each task. `agents` names agents that changed. There are no ids: a client that was away reads its lists again.',
  tags: ['tasks'],
  querystring: liveQuery,
  response: { 200: eventStreamResponse, ...failures('invalid_request') },
};

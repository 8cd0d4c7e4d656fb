// GET /stats: the overview in numbers.

import { statsQuery, statsResponse } from '../../protocol/dashboard-api.ts';
import { failures } from '../../protocol/failures.ts';
import type { App } from '../app.ts';
import type { Parts } from '../parts.ts';
import { Stats } from '../stats.ts';

export function addStatsRoutes(app: App, parts: Parts): void {
  const stats = new Stats(parts);
  app.get('/stats', { schema, config: { access: 'operate' } }, async ({ query }) => stats.read(query.window));
}

const schema = {
  operationId: 'getStats',
  summary: 'What is open and queued now, and what ended in a window: counts, waiting and running times, costs.',
  description:
    'Tasks that have ended are counted in the window. At most the newest 100,000 attempts and tasks of a window are read; then `window.from` is later than asked for. The past may be a sixtieth of a bucket old.',
  tags: ['service'],
  querystring: statsQuery,
  response: { 200: statsResponse.describe('The numbers.'), ...failures('invalid_request') },
};

// GET /metrics: what Prometheus scrapes.

import { z } from 'zod';
import { failures } from '../../protocol/failures.ts';
import { expose, METRICS_TYPE } from '../../telemetry/exposition.ts';
import type { App } from '../app.ts';
import type { Parts } from '../parts.ts';
import { Snapshots } from '../snapshot.ts';

export function addMetricsRoute(app: App, parts: Parts): void {
  const snapshots = new Snapshots(parts);
  app.get('/metrics', { schema, config: { access: 'operate' } }, async (_request, reply) => {
    parts.metrics.live.show(await snapshots.take());
    return reply.type(METRICS_TYPE).send(await expose(parts.metrics.registry));
  });
}

const schema = {
  operationId: 'getMetrics',
  summary: "Counters, gauges and histograms of this process and of the whole system, in Prometheus' text format.",
  description: 'docs/metrics.md lists them. What is read from database and bus may be a second old.',
  tags: ['service'],
  response: {
    200: { description: 'The metrics.', content: { 'text/plain': { schema: z.string() } } },
    ...failures(),
  },
};

// GET /metrics of the dashboard: its answers, those passed on under /api among them, and its process.
import { Registry } from 'prom-client';
import { expose, METRICS_TYPE } from '../telemetry/exposition.ts';
import { HttpMetrics } from '../telemetry/http-metrics.ts';
import type { DashboardApp } from './guard.ts';

export function createDashboardMetrics() {
  const registry = new Registry();
  return { registry, http: new HttpMetrics(registry) };
}

/** Call after the guard, which judges who may read them, and before the routes. */
export function addMetrics(app: DashboardApp): void {
  const { registry, http } = createDashboardMetrics();
  http.watch(app);
  app.get('/metrics', async (_request, reply) => reply.type(METRICS_TYPE).send(await expose(registry)));
}

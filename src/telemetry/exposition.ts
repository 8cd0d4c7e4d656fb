// What a service answers to GET /metrics: its own metrics, and those of the process it runs in. Several services of one
// process (`muster up`) have registries of their own, and show the same process.
import { collectDefaultMetrics, Registry } from 'prom-client';

export const METRICS_TYPE = Registry.PROMETHEUS_CONTENT_TYPE;

/** Upper bounds in seconds of what takes milliseconds when all is well: a request, a notice, a wait in an idle system. */
export const SHORT_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
/** Of what a model does: up to the longest deadline that is usual. */
export const LONG_SECONDS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600];

let ofProcess: Registry | null = null;

/** CPU, memory, event loop and garbage collection of this process; observed from the first call on. */
export function processMetrics(): Registry {
  if (ofProcess) return ofProcess;
  ofProcess = new Registry();
  collectDefaultMetrics({ register: ofProcess });
  return ofProcess;
}

/** In Prometheus' text format. */
export async function expose(own: Registry): Promise<string> {
  const [ofService, shared] = await Promise.all([own.metrics(), processMetrics().metrics()]);
  return `${ofService}\n${shared}`;
}

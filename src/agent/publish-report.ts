// The way of an attempt's report to the bus: again and again until the bus takes it, since the orchestrator must hear of the
// end. Given up only when the agent stops.
import type { Bus } from '../bus/bus.ts';
import type { Clock } from '../clock.ts';
import type { AttemptReport } from '../domain/attempt.ts';
import { namesIn } from '../log.ts';
import type { ServiceLog } from './observed-attempt.ts';
import { pause } from './pause.ts';

const RETRY_MS = 500;

export interface ReportChannel {
  bus: Pick<Bus, 'publish'>;
  clock: Clock;
  logger: ServiceLog;
}

export async function publishReport(
  { bus, clock, logger }: ReportChannel,
  report: AttemptReport,
  gaveUp: AbortSignal,
): Promise<void> {
  for (;;) {
    try {
      return await bus.publish('agent_results', [report]);
    } catch (error) {
      const { agent_id: _, ...names } = namesIn(report);
      logger.warn({ err: error, ...names }, 'A report could not be sent yet');
    }
    if (gaveUp.aborted) return;
    await pause(clock, RETRY_MS, gaveUp);
  }
}

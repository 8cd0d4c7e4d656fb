// The way of the reports of attempts to the bus: those that end together go together, and each again and again until the bus
// takes it, since the orchestrator must hear of the end. Given up only when the agent stops.
import { Batcher } from '../batcher.ts';
import type { Bus } from '../bus/bus.ts';
import type { Clock } from '../clock.ts';
import type { AttemptReport } from '../domain/attempt.ts';
import { namesIn } from '../log.ts';
import type { ServiceLog } from './observed-attempt.ts';
import { pause } from './pause.ts';

const RETRY_MS = 500;
const BATCH = 100;

export interface ReportChannel {
  bus: Pick<Bus, 'publish'>;
  clock: Clock;
  logger: ServiceLog;
}

export class ReportOutbox {
  private readonly channel: ReportChannel;
  private readonly batcher: Batcher<AttemptReport, undefined>;

  constructor(channel: ReportChannel) {
    this.channel = channel;
    this.batcher = new Batcher({
      max: BATCH,
      // The bus takes all of them or none.
      blamesItem: () => false,
      run: (reports) => channel.bus.publish('agent_results', reports).then(() => reports.map(() => undefined)),
    });
  }

  async send(report: AttemptReport, gaveUp: AbortSignal): Promise<void> {
    const { clock, logger } = this.channel;
    for (;;) {
      try {
        return await this.batcher.add(report);
      } catch (error) {
        const { agent_id: _, ...names } = namesIn(report);
        logger.warn({ err: error, ...names }, 'A report could not be sent yet');
      }
      if (gaveUp.aborted) return;
      await pause(clock, RETRY_MS, gaveUp);
    }
  }
}

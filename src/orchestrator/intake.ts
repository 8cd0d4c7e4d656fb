// Takes one queue of the bus into the database, batch by batch. A message that is malformed, or that the database cannot
// hold, is dropped with an error in the log; every other trouble leaves the batch unacknowledged, and it comes again.
import type { z } from 'zod';
import type { QueueName, Queues } from '../bus/bus.ts';
import { namesIn } from '../log.ts';
import type { Parts } from './parts.ts';
import { isUnstorable } from './unstorable.ts';

export interface IntakeOptions<Q extends QueueName> {
  queue: Q;
  batch: number;
  schema: z.ZodType<Queues[Q]>;
  /** Acknowledged once it resolves; may be called again with the same messages. */
  store: (messages: Queues[Q][]) => Promise<void>;
}

/** All replicas share the work. */
const GROUP = 'orchestrator';

export class Intake<Q extends QueueName> {
  private readonly parts: Pick<Parts, 'bus' | 'logger'>;
  private readonly options: IntakeOptions<Q>;
  private readonly stopping = new AbortController();
  private running: Promise<void> = Promise.resolve();

  constructor(parts: Pick<Parts, 'bus' | 'logger'>, options: IntakeOptions<Q>) {
    this.parts = parts;
    this.options = options;
  }

  start(): void {
    const { bus, logger } = this.parts;
    const { queue, batch } = this.options;
    const consumer = `${process.pid}-${crypto.randomUUID()}`;
    this.running = bus
      .consume(queue, { group: GROUP, consumer, batch, signal: this.stopping.signal }, (messages) =>
        this.handle(messages),
      )
      .catch((error: unknown) => logger.error({ err: error, queue }, 'the queue is no longer read'));
  }

  /** Resolves when the batch at hand is done; what was not acknowledged comes to whoever reads next. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async handle(messages: readonly unknown[]): Promise<void> {
    const wellFormed = messages.flatMap((message) => this.check(message));
    if (wellFormed.length === 0) return;
    try {
      await this.options.store(wellFormed);
    } catch (error) {
      if (!isUnstorable(error)) throw this.report(error);
      await this.storeOneByOne(wellFormed);
    }
  }

  private check(message: unknown): Queues[Q][] {
    const checked = this.options.schema.safeParse(message);
    if (checked.success) return [checked.data];
    this.parts.logger.error(
      { queue: this.options.queue, ...namesIn(message), issues: checked.error.issues },
      'a malformed message is dropped',
    );
    return [];
  }

  private async storeOneByOne(messages: readonly Queues[Q][]): Promise<void> {
    for (const message of messages) {
      try {
        await this.options.store([message]);
      } catch (error) {
        if (!isUnstorable(error)) throw this.report(error);
        const details = { err: error, queue: this.options.queue, ...namesIn(message), message };
        this.parts.logger.error(details, 'a message that the database cannot hold is dropped');
      }
    }
  }

  private report(error: unknown): unknown {
    this.parts.logger.error({ err: error, queue: this.options.queue }, 'a batch could not be stored; it comes again');
    return error;
  }
}

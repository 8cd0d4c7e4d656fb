// One consumer of a group on one stream: its own connection, since reading blocks. Messages are acknowledged after they
// were handled; those of a consumer that died are taken over.
import { setTimeout as pause } from 'node:timers/promises';
import type { ConsumeOptions } from './bus.ts';
import { type Connection, connect, type RedisOptions } from './redis-connection.ts';

export interface StreamOptions extends ConsumeOptions {
  stream: string;
}

interface Message {
  id: string;
  text: string;
}

/** A read waits this long for messages. */
const BLOCK_MS = 2_000;
/** Messages of dead consumers are looked for this often. */
const CLAIM_MS = 2_000;
/** A message handed out this long ago without being acknowledged belongs to a dead consumer. */
const DEAD_MS = 30_000;
/** Pause before a batch whose handler failed, or a server that is away, is tried again. */
const RETRY_MS = 200;

export class StreamConsumer {
  private readonly stream: StreamOptions;
  private readonly redis: RedisOptions;
  private reading = false;
  private claimAt = 0;
  private acknowledging: Promise<void> = Promise.resolve();

  constructor(stream: StreamOptions, redis: RedisOptions) {
    this.stream = stream;
    this.redis = redis;
  }

  /** Resolves when the signal aborts, after the batch at hand. */
  async run(handle: (texts: string[]) => Promise<void>): Promise<void> {
    const { signal } = this.stream;
    if (signal.aborted) return;
    const connection = await connect(this.redis);
    // A read that waits for messages can only be ended by hanging up; a batch at hand is finished first.
    const hangUp = () => this.reading && connection.destroy();
    signal.addEventListener('abort', hangUp, { once: true });
    try {
      while (!signal.aborted) await this.round(connection, handle);
    } finally {
      signal.removeEventListener('abort', hangUp);
      await this.acknowledging;
      if (connection.isOpen) connection.destroy();
    }
  }

  private async round(connection: Connection, handle: (texts: string[]) => Promise<void>): Promise<void> {
    try {
      const batch = await this.read(connection);
      if (batch.length > 0) await this.handleUntilDone(batch, connection, handle);
    } catch (error) {
      if (this.stream.signal.aborted) return;
      await this.recover(connection, error as Error);
    }
  }

  private async read(connection: Connection): Promise<Message[]> {
    this.reading = true;
    try {
      const orphans = await this.claimOrphans(connection);
      return orphans.length > 0 ? orphans : await this.readNew(connection);
    } finally {
      this.reading = false;
    }
  }

  private async handleUntilDone(
    batch: readonly Message[],
    connection: Connection,
    handle: (texts: string[]) => Promise<void>,
  ): Promise<void> {
    const { signal, stream, group, consumer } = this.stream;
    const ids = batch.map((message) => message.id);
    for (;;) {
      try {
        await handle(batch.map((message) => message.text));
        break;
      } catch {
        // Not acknowledged: the handler has logged why, and the same messages come again; to another, if this one ends.
        if (signal.aborted)
          return void (await connection.xClaimJustId(stream, group, consumer, 0, ids, { IDLE: DEAD_MS }));
        await pause(RETRY_MS, undefined, { signal }).catch(() => undefined);
      }
    }
    // Travels together with the next read. What it does not reach comes again, and is known to be old.
    this.acknowledging = connection.xAck(stream, group, ids).then(
      () => undefined,
      (error: Error) => this.redis.logger.debug({ err: error, stream }, 'messages were not acknowledged'),
    );
  }

  private async readNew(connection: Connection): Promise<Message[]> {
    const { stream, group, consumer, batch } = this.stream;
    const answer = await connection.xReadGroup(
      group,
      consumer,
      { key: stream, id: '>' },
      { COUNT: batch, BLOCK: BLOCK_MS },
    );
    const streams = (answer ?? []) as { messages: StreamMessage[] }[];
    return streams.flatMap((one) => one.messages).map(messageOf);
  }

  private async claimOrphans(connection: Connection): Promise<Message[]> {
    const { stream, group, consumer, batch } = this.stream;
    if (Date.now() < this.claimAt) return [];
    const { messages } = await connection.xAutoClaim(stream, group, consumer, DEAD_MS, '0-0', { COUNT: batch });
    // As long as there are some, there may be more.
    if (messages.length === 0) this.claimAt = Date.now() + CLAIM_MS;
    return messages.flatMap((message) => (message ? [messageOf(message as StreamMessage)] : []));
  }

  /** A group is missing at the first start and after Redis was emptied; a new one begins with the oldest message. */
  private async recover(connection: Connection, error: Error): Promise<void> {
    const { stream, group, signal } = this.stream;
    if (!error.message.includes('NOGROUP')) {
      this.redis.logger.debug({ err: error, stream }, 'reading a stream failed; trying again');
      await pause(RETRY_MS, undefined, { signal }).catch(() => undefined);
      return;
    }
    await connection.xGroupCreate(stream, group, '0', { MKSTREAM: true }).catch((failure: Error) => {
      // BUSYGROUP: another consumer has just made it. Anything else shows again in the next round.
      this.redis.logger.debug({ err: failure, stream }, 'a consumer group was not made');
    });
  }
}

interface StreamMessage {
  id: string;
  message: Record<string, string>;
}

function messageOf({ id, message }: StreamMessage): Message {
  return { id, text: message.json ?? 'null' };
}

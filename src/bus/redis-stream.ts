// One consumer of a group on one stream: its own connection, since reading blocks. Messages are acknowledged after they
// were handled; those of a consumer that died are taken over.
import { setTimeout as pause } from 'node:timers/promises';
import type { ConsumeOptions } from './bus.ts';
import type { RedisOptions } from './redis.ts';
import { type Connection, connect } from './redis-connection.ts';

export interface StreamOptions extends ConsumeOptions {
  stream: string;
}

interface Message {
  id: string;
  text: string;
}

/** A read waits this long for messages, then looks for those of dead consumers. */
const BLOCK_MS = 2_000;
/** A message handed out this long ago without being acknowledged belongs to a dead consumer. */
const DEAD_MS = 30_000;
/** Pause before a batch whose handler failed, or a server that is away, is tried again. */
const RETRY_MS = 200;

export class StreamConsumer {
  private readonly stream: StreamOptions;
  private readonly redis: RedisOptions;

  constructor(stream: StreamOptions, redis: RedisOptions) {
    this.stream = stream;
    this.redis = redis;
  }

  /** Resolves when the signal aborts. */
  async run(handle: (texts: string[]) => Promise<void>): Promise<void> {
    const { signal } = this.stream;
    const connection = await connect(this.redis);
    const hangUp = () => connection.destroy();
    signal.addEventListener('abort', hangUp, { once: true });
    try {
      while (!signal.aborted) await this.round(connection, handle);
    } finally {
      signal.removeEventListener('abort', hangUp);
      if (connection.isOpen) connection.destroy();
    }
  }

  private async round(connection: Connection, handle: (texts: string[]) => Promise<void>): Promise<void> {
    try {
      const orphans = await this.claimOrphans(connection);
      const batch = orphans.length > 0 ? orphans : await this.readNew(connection);
      if (batch.length > 0) await this.handleUntilDone(batch, connection, handle);
    } catch (error) {
      if (this.stream.signal.aborted) return;
      await this.recover(connection, error as Error);
    }
  }

  private async handleUntilDone(
    batch: readonly Message[],
    connection: Connection,
    handle: (texts: string[]) => Promise<void>,
  ): Promise<void> {
    const { signal, stream, group } = this.stream;
    for (;;) {
      try {
        await handle(batch.map((message) => message.text));
        break;
      } catch {
        // Not acknowledged: the handler has logged why, and the same messages come again.
        if (signal.aborted) return;
        await pause(RETRY_MS);
      }
    }
    await connection.xAck(
      stream,
      group,
      batch.map((message) => message.id),
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
    const { messages } = await connection.xAutoClaim(stream, group, consumer, DEAD_MS, '0-0', { COUNT: batch });
    return messages.flatMap((message) => (message ? [messageOf(message as StreamMessage)] : []));
  }

  /** A group is missing at the first start and after Redis was emptied; a new one begins with the oldest message. */
  private async recover(connection: Connection, error: Error): Promise<void> {
    const { stream, group } = this.stream;
    if (!error.message.includes('NOGROUP')) {
      this.redis.logger.debug({ err: error, stream }, 'reading a stream failed; trying again');
      await pause(RETRY_MS);
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

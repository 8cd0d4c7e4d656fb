// One connection to Redis that comes back by itself, and whose commands reject while it is away.
import { setTimeout as pause } from 'node:timers/promises';
import { createClient } from 'redis';
import type { AgentRegistration } from '../domain/agent.ts';
import type { Logger } from '../log.ts';

export interface RedisOptions {
  /** `redis://host:port/db` */
  url: string;
  logger: Logger;
  /** How long to wait for a server that does not answer, in milliseconds. Default 60 s. */
  waitMs?: number;
  /** Gives up waiting for it. */
  signal?: AbortSignal;
  /** Told when a connection that broke is back. */
  onReconnect?: () => void;
  /** Which registrations are believed. Default: all. */
  trusts?: (registration: AgentRegistration) => boolean;
}

export type Connection = ReturnType<typeof create>;

const DEFAULT_WAIT_MS = 60_000;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;
const CONNECT_MS = 5_000;

/** Waits for a server that is not up yet. */
export async function connect(options: RedisOptions): Promise<Connection> {
  const deadline = Date.now() + (options.waitMs ?? DEFAULT_WAIT_MS);
  for (let wait = FIRST_PAUSE_MS; ; wait = Math.min(wait * 2, LONGEST_PAUSE_MS)) {
    const connection = create(options);
    try {
      await connection.connect();
      return connection;
    } catch (error) {
      connection.destroy();
      if (Date.now() + wait > deadline) throw error;
      options.logger.warn({ why: (error as Error).message }, 'waiting for Redis');
      await pause(wait, undefined, { ...(options.signal && { signal: options.signal }) });
    }
  }
}

function create(options: RedisOptions) {
  let connected = false;
  const client = createClient({
    url: options.url,
    disableOfflineQueue: true,
    socket: {
      connectTimeout: CONNECT_MS,
      // The first connection is retried by `connect`, which knows when to give up.
      reconnectStrategy: (retries) => (connected ? Math.min(FIRST_PAUSE_MS * 2 ** retries, LONGEST_PAUSE_MS) : false),
    },
  });
  client.on('ready', () => {
    if (connected) options.onReconnect?.();
    connected = true;
  });
  client.on('error', (error: Error) => options.logger.debug({ err: error }, 'Redis connection trouble'));
  return client;
}

// The database on a server: a pool of connections, created with the database itself when that is missing. A server that is
// not up yet is waited for; a connection that breaks is replaced by the pool.
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from '../log.ts';
import { type Db, type Row, STATEMENT_TIMEOUT_MS, type TransactionOptions, type Tx, toText } from './db.ts';
import { extended, isPlain, PgSession } from './pg-session.ts';
import { PlanAging } from './plan-aging.ts';
import { StatementNames } from './statement-names.ts';

export interface PgOptions {
  /** `postgresql://user:password@host:port/database` */
  url: string;
  logger: Logger;
  /** How long to wait for a server that does not answer, in milliseconds. Default 60 s. */
  waitMs?: number;
  signal?: AbortSignal;
  /** Told when a connection broke: the pool replaces it. */
  onReconnect?: () => void;
}

const POOL_MIN = 2;
const POOL_MAX = 12;
/**
 * Transitions have connections of their own. Their statements are always the same and find each row by its key, so they are
 * planned once for all values, and in a database without statistics, as a new one is, the planner is given little choice to
 * get wrong: a plan made for empty tables would read whole tables once they are full. PlanAging ends what is left of that.
 */
const TRANSITIONS_MAX = 10;
const TRANSITION_SETTINGS =
  '-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off -c enable_material=off -c jit=off';
const CONNECT_MS = 5_000;
const DEFAULT_WAIT_MS = 60_000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;

/** SQLSTATE invalid_catalog_name: the server is there, the database is not. */
const NO_SUCH_DATABASE = '3D000';
const DUPLICATE_DATABASE = '42P04';
const UNIQUE_VIOLATION = '23505';

/** Resolves when the database answers. Rejects at once when it refuses the credentials, or after `waitMs`. */
export async function openPg(options: PgOptions): Promise<Db> {
  await waitForServer(options);
  return new PgDb(openPool(options, POOL_MAX), openPool(options, TRANSITIONS_MAX, TRANSITION_SETTINGS));
}

function openPool({ url, logger, onReconnect }: PgOptions, max: number, settings = ''): pg.Pool {
  // Statements that do not wait for each other are sent together: a transaction costs fewer round trips than statements.
  const pool = new pg.Pool({ ...connectionOf(url), options: settings, min: POOL_MIN, max, pipeline: true });
  // An idle connection that breaks is only noted: the pool opens another when it is needed.
  pool.on('error', (error) => logger.warn({ err: error }, 'an idle database connection broke'));
  // One that breaks while in use fails its statement; without a listener it would end the process as well.
  pool.on('connect', (client) => client.on('error', () => onReconnect?.()));
  return pool;
}

class PgDb implements Db {
  private readonly pool: pg.Pool;
  private readonly transitions: pg.Pool;
  private readonly names = new StatementNames();
  private readonly aging = new PlanAging();
  private closing: Promise<void> | null = null;

  constructor(pool: pg.Pool, transitions: pg.Pool) {
    this.pool = pool;
    this.transitions = transitions;
  }

  async query<R = Row>(text: string, params: readonly unknown[] = []): Promise<R[]> {
    this.refuseWhenClosed();
    return (await this.pool.query<R & pg.QueryResultRow>(extended(text, params))).rows;
  }

  async script(text: string): Promise<void> {
    this.refuseWhenClosed();
    await this.pool.query(toText(text));
  }

  async transaction<T>(work: (tx: Tx) => Promise<T>, options: TransactionOptions = {}): Promise<T> {
    this.refuseWhenClosed();
    // What asks for more than a transaction runs statements of another kind: reports of one instant, the SQL of agents,
    // migrations.
    const client = await (isPlain(options) ? this.transitions : this.pool).connect();
    const session = new PgSession(client, this.names, options);
    let broken: Error | undefined;
    try {
      if (isPlain(options) && this.aging.isDue(client)) await client.query('discard plans');
      const result = await work(session);
      await session.commit();
      return result;
    } catch (error) {
      // A connection that cannot even roll back is not given to anyone again.
      await session.rollback().catch((failure: Error) => {
        broken = failure;
      });
      throw error;
    } finally {
      client.release(broken);
    }
  }

  async close(): Promise<void> {
    this.closing ??= Promise.all([this.pool.end(), this.transitions.end()]).then(() => undefined);
    await this.closing;
  }

  private refuseWhenClosed(): void {
    if (this.closing) throw new Error('the database is closed');
  }
}

function connectionOf(url: string): pg.ClientConfig {
  return {
    connectionString: url,
    connectionTimeoutMillis: CONNECT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    application_name: 'muster',
    types: { getTypeParser },
  };
}

const PARSERS: Record<number, (value: string) => unknown> = {
  [pg.types.builtins.TIMESTAMPTZ]: isoInstant,
  [pg.types.builtins.INT8]: Number,
  [pg.types.builtins.NUMERIC]: Number,
};

/** `infinity` and years before Christ are no ISO instants and stay as they are. */
function isoInstant(value: string): string {
  const instant = new Date(value);
  return Number.isNaN(instant.getTime()) ? value : instant.toISOString();
}

function getTypeParser(oid: number, format?: 'text' | 'binary'): (value: string) => unknown {
  return PARSERS[oid] ?? pg.types.getTypeParser(oid, format as 'text');
}

async function waitForServer(options: PgOptions): Promise<void> {
  const deadline = Date.now() + (options.waitMs ?? DEFAULT_WAIT_MS);
  for (let wait = FIRST_PAUSE_MS; ; wait = Math.min(wait * 2, LONGEST_PAUSE_MS)) {
    try {
      return await connectOnce(options.url);
    } catch (error) {
      if (!isNotUpYet(error) || Date.now() + wait > deadline) throw error;
      options.logger.warn({ why: (error as Error).message }, 'waiting for PostgreSQL');
      await pause(wait, undefined, { ...(options.signal && { signal: options.signal }) });
    }
  }
}

async function connectOnce(url: string): Promise<void> {
  try {
    await withClient(url, async () => undefined);
  } catch (error) {
    if ((error as { code?: string }).code !== NO_SUCH_DATABASE) throw error;
    await createDatabase(url);
  }
}

async function createDatabase(url: string): Promise<void> {
  const server = new URL(url);
  const name = decodeURIComponent(server.pathname.slice(1));
  server.pathname = '/postgres';
  await withClient(server.href, async (client) => {
    await client.query(`create database ${pg.escapeIdentifier(name)}`).catch((error: { code?: string }) => {
      // Another process that starts at the same moment has just made it.
      if (error.code !== DUPLICATE_DATABASE && error.code !== UNIQUE_VIOLATION) throw error;
    });
  });
}

async function withClient(url: string, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client(connectionOf(url));
  try {
    await client.connect();
    await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Nothing listens, the name does not resolve yet, or the server says that it is starting or stopping (class 57P). */
function isNotUpYet(error: unknown): boolean {
  const { code = '', message } = error as { code?: string; message: string };
  return (
    /^(ECONN|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ETIMEDOUT|57P|53300)/.test(code) || /timeout|terminated/i.test(message)
  );
}

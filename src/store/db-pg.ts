// The database on a server: a pool of connections, created with the database itself when that is missing. A server that is
// not up yet is waited for; a connection that breaks is replaced by the pool.
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from '../log.ts';
import {
  beginOf,
  type Db,
  type Row,
  type Sql,
  STATEMENT_TIMEOUT_MS,
  type TransactionOptions,
  toParameter,
  toText,
} from './db.ts';
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
const POOL_MAX = 20;
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
  // Statements that do not wait for each other are sent together: a transaction costs fewer round trips than statements.
  const pool = new pg.Pool({ ...connectionOf(options.url), min: POOL_MIN, max: POOL_MAX, pipeline: true });
  // An idle connection that breaks is only noted: the pool opens another when it is needed.
  pool.on('error', (error) => options.logger.warn({ err: error }, 'an idle database connection broke'));
  // One that breaks while in use fails its statement; without a listener it would end the process as well.
  pool.on('connect', (client) => client.on('error', () => options.onReconnect?.()));
  return new PgDb(pool);
}

class PgDb implements Db {
  private readonly pool: pg.Pool;
  private readonly names = new StatementNames();
  private closing: Promise<void> | null = null;

  constructor(pool: pg.Pool) {
    this.pool = pool;
  }

  async query<R = Row>(text: string, params: readonly unknown[] = []): Promise<R[]> {
    this.refuseWhenClosed();
    return (await this.pool.query<R & pg.QueryResultRow>(extended(text, params))).rows;
  }

  async script(text: string): Promise<void> {
    this.refuseWhenClosed();
    await this.pool.query(toText(text));
  }

  async transaction<T>(work: (tx: Sql) => Promise<T>, options: TransactionOptions = {}): Promise<T> {
    this.refuseWhenClosed();
    const client = await this.pool.connect();
    let broken: Error | undefined;
    try {
      const begun = client.query(beginning(options));
      const session = new Session({ client, names: this.names, begun });
      const [result] = await Promise.all([work(session), begun]);
      // A commit after a failed statement is answered with a silent rollback: whoever swallowed the error hears of it.
      if (session.failure) throw session.failure;
      await client.query('commit');
      return result;
    } catch (error) {
      // A connection that cannot even roll back is not given to anyone again.
      await client.query('rollback').catch((failure: Error) => {
        broken = failure;
      });
      throw error;
    } finally {
      client.release(broken);
    }
  }

  async close(): Promise<void> {
    this.closing ??= this.pool.end();
    await this.closing;
  }

  private refuseWhenClosed(): void {
    if (this.closing) throw new Error('the database is closed');
  }
}

interface Opening {
  client: pg.PoolClient;
  names: StatementNames;
  begun: Promise<unknown>;
}

/** The statements of one transaction; remembers the first that failed. */
class Session implements Sql {
  failure: unknown;
  private readonly client: pg.PoolClient;
  private readonly names: StatementNames;
  private readonly begun: Promise<unknown>;
  private beginning = true;

  constructor({ client, names, begun }: Opening) {
    this.client = client;
    this.names = names;
    this.begun = begun.finally(() => {
      this.beginning = false;
    });
    // Heard of by whoever waits for it.
    this.begun.catch(() => undefined);
  }

  async query<R = Row>(text: string, params: readonly unknown[] = []): Promise<R[]> {
    // Those of transactions are few and always the same; lists are planned anew, for the values that they look for.
    const name = this.names.nameOf(text);
    return (await this.run<R & pg.QueryResultRow>({ ...extended(text, params), ...(name && { name }) })).rows;
  }

  async script(text: string): Promise<void> {
    await this.run({ text: toText(text) });
  }

  private async run<R extends pg.QueryResultRow>(query: pg.QueryConfig): Promise<pg.QueryResult<R>> {
    try {
      // A first statement that only reads or locks is sent together with the `begin`; nothing else may run without it.
      if (!this.beginning || !query.text.startsWith('select ')) await this.begun;
      return await this.client.query<R>(query);
    } catch (error) {
      this.failure ??= error;
      throw error;
    }
  }
}

function beginning(options: TransactionOptions): string {
  const begin = beginOf(options);
  return options.statementTimeoutMs === undefined
    ? begin
    : `${begin}; set local statement_timeout = ${Math.ceil(options.statementTimeoutMs)}`;
}

/** The extended protocol even without parameters: it refuses a text of several statements. */
function extended(text: string, params: readonly unknown[]) {
  return { text: toText(text), values: params.map(toParameter), queryMode: 'extended' };
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

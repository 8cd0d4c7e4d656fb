// One transaction on one connection of a server. Statements that do not wait for each other leave in one write, `begin` with
// the first and `commit` with the last of them: a write wakes a process on each side, which costs more than most statements.
import type pg from 'pg';
import { beginOf, type Row, type TransactionOptions, type Tx, toParameter, toText } from './db.ts';
import type { StatementNames } from './statement-names.ts';

export class PgSession implements Tx {
  /** The first error of a statement: whoever swallowed it hears of it, for a commit after it is a silent rollback. */
  private failure: unknown;
  private readonly client: pg.PoolClient;
  private readonly names: StatementNames;
  private readonly options: TransactionOptions;
  private begun: Promise<unknown> | null = null;
  private beginning = false;
  private ended: Promise<unknown> | null = null;

  constructor(client: pg.PoolClient, names: StatementNames, options: TransactionOptions) {
    this.client = client;
    this.names = names;
    this.options = options;
  }

  async query<R = Row>(text: string, params: readonly unknown[] = []): Promise<R[]> {
    const begun = this.begin();
    // A first statement that only reads or locks is sent together with the `begin`; nothing else may run without it.
    if (this.beginning && !text.startsWith('select ')) await begun;
    return this.send<R>(this.named(text, params));
  }

  async last<R = Row>(text: string, params: readonly unknown[] = []): Promise<R[]> {
    const statement = this.named(text, params);
    if (!this.begun && isPlain(this.options)) {
      this.ended = Promise.resolve();
      return this.send<R>(statement);
    }
    await this.begin();
    const answer = this.send<R>(statement);
    this.ended = this.client.query('commit');
    const [rows] = await Promise.all([answer, this.ended]);
    return rows;
  }

  async script(text: string): Promise<void> {
    await this.begin();
    await this.send({ text: toText(text) });
  }

  async commit(): Promise<void> {
    await this.begun;
    if (this.failure) throw this.failure;
    if (this.begun && !this.ended) this.ended = this.client.query('commit');
    await this.ended;
  }

  async rollback(): Promise<void> {
    if (this.begun) await this.client.query('rollback');
  }

  private begin(): Promise<unknown> {
    if (this.begun) return this.begun;
    this.beginning = true;
    sendTogether(this.client);
    this.begun = this.client.query(beginning(this.options)).finally(() => {
      this.beginning = false;
    });
    // Heard of by whoever waits for it.
    this.begun.catch(() => undefined);
    return this.begun;
  }

  /** Those of transactions are few and always the same; lists are planned anew, for the values that they look for. */
  private named(text: string, params: readonly unknown[]): pg.QueryConfig {
    const name = this.names.nameOf(text);
    return { ...extended(text, params), ...(name && { name }) };
  }

  private async send<R>(statement: pg.QueryConfig): Promise<R[]> {
    try {
      sendTogether(this.client);
      return (await this.client.query<R & pg.QueryResultRow>(statement)).rows;
    } catch (error) {
      this.failure ??= error;
      throw error;
    }
  }
}

/** The extended protocol even without parameters: it refuses a text of several statements. */
export function extended(text: string, params: readonly unknown[]) {
  return { text: toText(text), values: params.map(toParameter), queryMode: 'extended' };
}

/** Holds what is written to the connection back until everything that now runs has given its statements. */
function sendTogether(client: pg.PoolClient): void {
  const { stream } = (client as unknown as { connection: { stream: { cork(): void; uncork(): void } } }).connection;
  stream.cork();
  process.nextTick(() => stream.uncork());
}

/** Nothing is asked for beyond a transaction itself. */
export function isPlain(options: TransactionOptions): boolean {
  return options.statementTimeoutMs === undefined && !options.snapshot;
}

function beginning(options: TransactionOptions): string {
  const begin = beginOf(options);
  return options.statementTimeoutMs === undefined
    ? begin
    : `${begin}; set local statement_timeout = ${Math.ceil(options.statementTimeoutMs)}`;
}

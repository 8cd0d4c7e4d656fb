// The port to PostgreSQL, the truth. Two implementations: db-pglite (embedded) and db-pg (a server).
// Values come the same from both: timestamptz as ISO 8601 strings in UTC, int8 and numeric as numbers, json as values.
// JSON parameters are passed as text (`$1::jsonb`), since drivers disagree on what an array parameter means.

export type Row = Record<string, unknown>;

export interface Sql {
  /**
   * Runs one statement and returns its rows. Rejects with the driver's error, whose `code` is the SQLSTATE. In a transaction,
   * statements that are given together run in the order in which they were given; a server is sent them all at once.
   */
  query<R = Row>(text: string, params?: readonly unknown[]): Promise<R[]>;
  /** Runs a text of several statements, such as a migration. */
  script(text: string): Promise<void>;
}

/** What a transaction runs its statements on. */
export interface Tx extends Sql {
  /**
   * Runs the last statement of the transaction: it travels together with the commit, and one that is the only statement needs
   * neither `begin` nor `commit`. Nothing may be run after it; what it returns counts once the transaction has resolved.
   */
  last<R = Row>(text: string, params?: readonly unknown[]): Promise<R[]>;
}

export interface TransactionOptions {
  /** Each statement of the transaction is cancelled after this long, with SQLSTATE 57014; 0 is no limit. Default 60 s. */
  statementTimeoutMs?: number;
  /** All statements see the rows of one instant (REPEATABLE READ), and none may change any. Default false. */
  snapshot?: boolean;
}

/** The statement that begins a transaction, the same for both implementations. */
export function beginOf({ snapshot = false }: TransactionOptions): string {
  return snapshot ? 'begin isolation level repeatable read read only' : 'begin';
}

export interface Db extends Sql {
  /** Runs `work` in one transaction, READ COMMITTED unless told otherwise: committed when it resolves, rolled back when it rejects. */
  transaction<T>(work: (tx: Tx) => Promise<T>, options?: TransactionOptions): Promise<T>;
  close(): Promise<void>;
}

export const STATEMENT_TIMEOUT_MS = 60_000;

/**
 * JSON text that PostgreSQL accepts: jsonb holds neither U+0000 nor half of a surrogate pair, and a model, a file or a
 * text cut in the middle of an emoji may well contain them.
 */
export function toJson(value: unknown): string {
  return JSON.stringify(value).replace(/(?<!\\)((?:\\\\)*)\\u(?:0000|d[89a-f][0-9a-f]{2})/g, '$1\\ufffd');
}

/** Text that PostgreSQL accepts, for the same reason; drivers replace half pairs themselves. */
export function toText(text: string): string {
  return text.replaceAll('\u0000', '\ufffd');
}

/** A parameter that PostgreSQL accepts. Both implementations apply it to every one, so that no caller has to think of it. */
export function toParameter(value: unknown): unknown {
  if (typeof value === 'string') return toText(value);
  return Array.isArray(value) ? value.map(toParameter) : value;
}

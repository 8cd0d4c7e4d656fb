// The database as agents see it: the workspace schema and nothing else. Each call is one judged statement in one
// transaction, under a role that can read (muster_reader) or change (muster_worker) that schema alone. What may be said
// is decided in workspace-sql.ts.
import { AppError } from '../domain/errors.ts';
import type { Db, Row, Sql } from './db.ts';
import { Turns } from './turns.ts';
import { commandOf, createdTable, judgeCommand, judgeQuery, type SqlNode, type Verdict } from './workspace-sql.ts';

export interface QueryAnswer {
  /** In the order of the select list; a name that occurs twice is there once. */
  columns: string[];
  /** Values fit for JSON: dates as ISO text, integers beyond 2^53 as decimal text, bytea as a note of its size. */
  rows: Row[];
  rowCount: number;
  /** There are more rows than were fetched. */
  truncated: boolean;
}

const MAX_ROWS = 1000;
const BATCH = 100;
/** Rows are fetched in batches until this much is there, so that wide rows do not fill the memory. */
const MAX_CHARS = 1_000_000;
const ROW_MAX_BYTES = 100_000;
const TIMEOUT_MS = 30_000;
/** Two agents that change one table wait for each other this long at most. */
const LOCK_TIMEOUT_MS = 10_000;

/** Slow statements of models must leave connections of the pool to those who schedule. */
const TURNS = { atOnce: 5, inLine: 50 };

/**
 * Both functions reject with invalid_request when the statement is to blame: the message is one line for the model, what
 * was wrong and how to mend it.
 */
export function createWorkspace(db: Db) {
  const turns = new Turns(TURNS);
  return {
    query: (sql: string) =>
      turns.take(() => run(db, { sql, judge: judgeQuery, role: 'muster_reader', readOnly: true }, answerQuery)),
    execute: (sql: string) =>
      turns.take(() => run(db, { sql, judge: judgeCommand, role: 'muster_worker', readOnly: false }, answerCommand)),
  };
}

type Accepted = Extract<Verdict, { ok: true }>;

interface Call {
  sql: string;
  judge(sql: string): Promise<Verdict>;
  role: 'muster_reader' | 'muster_worker';
  readOnly: boolean;
}

async function run<T>(db: Db, call: Call, answer: (tx: Sql, statement: Accepted) => Promise<T>): Promise<T> {
  const verdict = await call.judge(call.sql);
  if (!verdict.ok) throw new AppError('invalid_request', `sql: ${verdict.reason}`, { field: 'sql' });
  try {
    return await db.transaction(
      async (tx) => {
        await enter(tx, call);
        return await answer(tx, verdict);
      },
      { statementTimeoutMs: TIMEOUT_MS },
    );
  } catch (error) {
    throw isOfStatement(error)
      ? new AppError('invalid_request', oneLine(error), { field: 'sql', cause: error })
      : error;
  }
}

/** Whatever else PostgreSQL says, with an SQLSTATE, of the statement; not that it is away, stopping or out of room. */
function isOfStatement(error: unknown): error is Error {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /^[0-9A-Z]{5}$/.test(code) && !/^(08|53|57P|58|XX)/.test(code);
}

/** The role comes last: it may not set the rest. pg_temp is named so that it is searched last, not first. */
async function enter(tx: Sql, { role, readOnly }: Call): Promise<void> {
  await tx.query(
    `select set_config('transaction_read_only', $1, true), set_config('search_path', 'workspace, pg_temp', true),
            set_config('lock_timeout', $2, true), set_config('role', $3, true)`,
    [readOnly ? 'on' : 'off', String(LOCK_TIMEOUT_MS), role],
  );
}

async function answerQuery(tx: Sql, { kind, text }: Accepted): Promise<QueryAnswer> {
  if (kind === 'ExplainStmt') return present(await tx.query(text), false);
  const { rows, truncated } = await fetchRows(tx, text);
  if (rows.length > 0) return present(rows, truncated);
  // An empty result has no row to take the columns from: one row of nulls beside it has, and the statement is not run for it.
  const nulls = await tx.query(`select found.* from (select 1) as one left join (${text}\n) as found on false`);
  return { ...present(nulls, false), rows: [], rowCount: 0 };
}

async function fetchRows(tx: Sql, text: string): Promise<{ rows: Row[]; truncated: boolean }> {
  const rows: Row[] = [];
  let chars = 0;
  await tx.query(`declare workspace_rows no scroll cursor for ${refusingWideRows(text)}`);
  while (rows.length <= MAX_ROWS && chars <= MAX_CHARS) {
    const batch = (await tx.query(`fetch ${BATCH} from workspace_rows`)).map(jsonSafeRow);
    rows.push(...batch);
    chars += JSON.stringify(batch).length;
    if (batch.length < BATCH) return { rows: rows.slice(0, MAX_ROWS), truncated: rows.length > MAX_ROWS };
  }
  return { rows: rows.slice(0, MAX_ROWS), truncated: true };
}

/**
 * A statement of a few words can make a row of a gigabyte, which would take the whole process down: it fails in the
 * database instead, with the cast of a text that says why. `offset 0` keeps the planner from measuring rows before they are
 * sorted and limited.
 */
function refusingWideRows(text: string): string {
  return `select found.* from (select found.* from (${text}\n) as found offset 0) as found
    where case when octet_length((found.*)::text) > ${ROW_MAX_BYTES}
      then (left((found.*)::text, 0) || '${TOO_WIDE}')::bool else true end`;
}

const TOO_WIDE = `a row is wider than ${ROW_MAX_BYTES} bytes: select fewer columns, or parts of texts with left(column, 1000)`;

function present(rows: Row[], truncated: boolean): QueryAnswer {
  return { columns: Object.keys(rows[0] ?? {}), rows, rowCount: rows.length, truncated };
}

function jsonSafeRow(row: Row): Row {
  return Object.fromEntries(Object.entries(row).map(([column, value]) => [column, jsonSafe(value)]));
}

function jsonSafe(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(jsonSafe);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? String(value) : value.toISOString();
  if (value instanceof Uint8Array) return `[bytea, ${value.length} bytes]`;
  return typeof value === 'bigint' || typeof value === 'number' ? jsonSafeNumber(value) : value;
}

function jsonSafeNumber(value: bigint | number): number | string {
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
}

const COUNTED = new Set(['InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt']);

async function answerCommand(tx: Sql, { kind, text, tree }: Accepted): Promise<{ command: string; rowCount: number }> {
  const command = commandOf(kind);
  if (COUNTED.has(kind)) return { command, rowCount: await countChanged(tx, text) };
  await tx.query(text);
  return { command, rowCount: kind === 'CreateTableAsStmt' ? await countRows(tx, tree) : 0 };
}

/**
 * Counted by the database, so that a change of a million rows sends none of them. Not by `returning` in a common table
 * expression: merge has learnt that in PostgreSQL 17 only. The statement is handed over as a setting, so it needs no quoting.
 */
async function countChanged(tx: Sql, text: string): Promise<number> {
  await tx.query("select set_config('muster.statement', $1, true)", [text]);
  await tx.query(`do $$
    declare
      changed bigint;
    begin
      execute current_setting('muster.statement');
      get diagnostics changed = row_count;
      perform set_config('muster.changed', changed::text, true);
    end
    $$`);
  const [row] = await tx.query<{ n: number }>("select current_setting('muster.changed')::int8 as n");
  return row?.n ?? 0;
}

async function countRows(tx: Sql, tree: SqlNode): Promise<number> {
  const name = createdTable(tree).replaceAll('"', '""');
  const [row] = await tx.query<{ n: number }>(`select count(*)::int as n from workspace."${name}"`);
  return row?.n ?? 0;
}

/** PostgreSQL's own words, with its detail and hint, on one line. */
function oneLine(error: Error & { detail?: unknown; hint?: unknown }): string {
  const { message, detail, hint } = error;
  return [message, detail, hint]
    .filter((part) => typeof part === 'string' && part !== '')
    .join(' – ')
    .replace(/\s+/g, ' ')
    .replace(/^invalid input syntax for type boolean: "(a row is wider.*)"$/, '$1')
    .slice(0, 1000);
}

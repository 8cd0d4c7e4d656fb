// Pages of a long list, newest first. Rows are ordered by an instant and their id, and a cursor names the row after which
// the next page begins. What no index can find (words in a text) is looked for in a bounded stretch of the list: a page
// may then hold fewer rows than asked for, or none, and its cursor goes on where the look ended.
import { AppError } from '../domain/errors.ts';
import { type Condition, given, whereOf } from './conditions.ts';
import type { Sql } from './db.ts';

export interface Page<T> {
  rows: T[];
  /** Null: nothing follows. */
  next_cursor: string | null;
}

/** Rows looked at for one page when some of the filters have no index: a fraction of a second. */
export const LOOK_MAX = 5_000;

export interface Listing {
  table: 'tasks' | 'agent_logs';
  /** The column of the instant that orders the rows, before their id. */
  at: 'created_at' | 'time';
  /** What is read of each row, which is called `page`, and of what is joined to it. */
  columns: string;
  /** Joined to the rows of the page only. */
  joins?: string;
  /** Filters that an index answers in the order of the list. */
  indexed: readonly Condition[];
  /** The rows' instants: from one on, and up to but without another. */
  from?: string | undefined;
  before?: string | undefined;
  /** Filters that each row must be looked at for. */
  sifted: readonly Condition[];
}

export interface PageRequest {
  limit: number;
  cursor?: string | undefined;
}

/** An AppError when the cursor is not one that a page returned. */
export async function readPage<T extends { id: unknown }>(
  db: Sql,
  listing: Listing,
  { limit, cursor }: PageRequest,
): Promise<Page<T>> {
  const stretch = stretchOf(listing, cursor);
  const sifted = given(listing.sifted);
  const params: unknown[] = [];
  const found = rowsOf({ ...stretch, sifted, limit }, params);
  const joined = `select ${listing.columns} from (${found}) as page ${listing.joins ?? ''}`;
  const rows = await db.query<T & Instants>(`${joined} order by page.${listing.at} desc, page.id desc`, params);
  if (rows.length > limit) {
    const page = rows.slice(0, limit);
    return { rows: page, next_cursor: cursorOf(listing, page.at(-1)) };
  }
  const next_cursor = sifted.length > 0 ? await endOfLook(db, listing, stretch) : null;
  return { rows, next_cursor };
}

interface Instants {
  created_at?: string;
  time?: string;
}

/** A part of the list, without what is sifted out of it. */
interface Stretch {
  table: Listing['table'];
  conditions: Condition[];
  order: string;
}

/**
 * With a filter, the instant is written otherwise, as the indexes of filtered lists have it: see their migration. The
 * order is the same.
 */
function stretchOf({ table, at, from, before, ...listing }: Listing, cursor: string | undefined): Stretch {
  const indexed = given(listing.indexed);
  const [key, value] =
    indexed.length > 0 ? [`(${at} at time zone 'UTC')`, "(?::timestamptz at time zone 'UTC')"] : [at, '?'];
  const after: Condition[] = cursor ? [[`(${key}, id) < (${value}, ?)`, ...readCursor(cursor, table)]] : [];
  const conditions = [
    ...indexed,
    [`${key} >= ${value}`, from] as const,
    [`${key} < ${value}`, before] as const,
    ...after,
  ];
  return { table, conditions, order: `order by ${key} desc, id desc` };
}

/** One row more than fits tells whether a page follows. */
function rowsOf(
  { table, conditions, order, sifted, limit }: Stretch & { sifted: readonly Condition[]; limit: number },
  params: unknown[],
): string {
  const list = `select * from ${table} where ${whereOf(conditions, params)} ${order}`;
  if (sifted.length === 0) return `${list} limit ${limit + 1}`;
  return `select * from (${list} limit ${LOOK_MAX}) as looked_at where ${whereOf(sifted, params)} ${order} limit ${limit + 1}`;
}

/** The last row that was looked at, or null when the look reached the end of the list. */
async function endOfLook(db: Sql, listing: Listing, { table, conditions, order }: Stretch): Promise<string | null> {
  const params: unknown[] = [];
  const [last] = await db.query<{ id: unknown } & Instants>(
    `select ${listing.at}, id from ${table} where ${whereOf(conditions, params)} ${order} offset ${LOOK_MAX - 1} limit 1`,
    params,
  );
  return last ? cursorOf(listing, last) : null;
}

function cursorOf({ at }: Listing, row: ({ id: unknown } & Instants) | undefined): string | null {
  return row ? Buffer.from(`${row[at]}~${row.id}`).toString('base64url') : null;
}

const INSTANT = String.raw`(\d{4}-\d\d-\d\dT[\d:.]+Z)`;
const CURSORS = {
  tasks: new RegExp(`^${INSTANT}~(task_[a-z0-9]+)$`),
  agent_logs: new RegExp(String.raw`^${INSTANT}~(\d{1,15})$`),
};

function readCursor(cursor: string, table: Listing['table']): [at: string, id: string] {
  const [, at = '', id = ''] = CURSORS[table].exec(Buffer.from(cursor, 'base64url').toString('utf8')) ?? [];
  if (!Number.isNaN(Date.parse(at))) return [at, id];
  const message = `cursor ${JSON.stringify(cursor)} is not one that a page returned: use next_cursor as it is`;
  throw new AppError('invalid_request', message, { field: 'cursor' });
}

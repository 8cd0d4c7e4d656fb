// Pages of a long list, newest or oldest first. Rows are ordered by an instant and their id, and a cursor names the row
// after which the next page begins. What no index can find (words in a text) is looked for in a bounded stretch of the list: a page
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
  /** Filters of which one must hold; with each, an index answers in the order of the list. None: no such filter. */
  anyOf?: readonly Condition[];
  /** The rows' instants: from one on, and up to but without another. */
  from?: string | undefined;
  before?: string | undefined;
  /** Filters that each row must be looked at for. */
  sifted: readonly Condition[];
}

export interface PageRequest {
  limit: number;
  cursor?: string | undefined;
  /** Default: newest. */
  sort?: 'newest' | 'oldest' | undefined;
}

/** An AppError when the cursor is not one that a page returned. */
export async function readPage<T extends { id: unknown }>(
  db: Sql,
  listing: Listing,
  { limit, cursor, sort = 'newest' }: PageRequest,
): Promise<Page<T>> {
  const stretch = stretchOf(listing, { cursor, ...DIRECTIONS[sort] });
  const sifted = given(listing.sifted);
  const params: unknown[] = [];
  const found = rowsOf({ ...stretch, sifted, limit }, params);
  const joined = `select ${listing.columns} from (${found}) as page ${listing.joins ?? ''}`;
  const { direction } = stretch;
  const order = `order by page.${listing.at} ${direction}, page.id ${direction}`;
  const rows = await db.query<T & Instants>(`${joined} ${order}`, params);
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

const DIRECTIONS = {
  newest: { direction: 'desc', behind: '<' },
  oldest: { direction: 'asc', behind: '>' },
} as const;

type Direction = (typeof DIRECTIONS)[keyof typeof DIRECTIONS];

/** A part of the list, without what is sifted out of it. */
interface Stretch {
  table: Listing['table'];
  /** The list is made of these, each of which an index answers. */
  branches: Condition[][];
  direction: Direction['direction'];
  /** The columns of the order. */
  order: string;
}

/**
 * With a filter, the instant is written otherwise, as the indexes of filtered lists have it: see their migration. The
 * order is the same.
 */
function stretchOf(
  listing: Listing,
  { cursor, direction, behind }: Direction & { cursor: string | undefined },
): Stretch {
  const { table, at, from, before, anyOf = [] } = listing;
  const indexed = given(listing.indexed);
  const [key, value] =
    indexed.length + anyOf.length > 0
      ? [`(${at} at time zone 'UTC')`, "(?::timestamptz at time zone 'UTC')"]
      : [at, '?'];
  const after: Condition[] = cursor ? [[`(${key}, id) ${behind} (${value}, ?)`, ...readCursor(cursor, table)]] : [];
  const conditions = [
    ...indexed,
    [`${key} >= ${value}`, from] as const,
    [`${key} < ${value}`, before] as const,
    ...after,
  ];
  const branches = anyOf.length === 0 ? [conditions] : anyOf.map((one) => [one, ...conditions]);
  return { table, branches, direction, order: `order by ${key} ${direction}, id ${direction}` };
}

/** The first `limit` rows of the stretch. */
function listOf({ table, branches, order }: Stretch, limit: number, params: unknown[]): string {
  const lists = branches.map(
    (conditions) => `select * from ${table} where ${whereOf(conditions, params)} ${order} limit ${limit}`,
  );
  if (lists.length === 1) return lists.join('');
  const all = lists.map((list) => `(${list})`).join(' union all ');
  return `select * from (${all}) as merged ${order} limit ${limit}`;
}

/** One row more than fits tells whether a page follows. */
function rowsOf(
  { sifted, limit, ...stretch }: Stretch & { sifted: readonly Condition[]; limit: number },
  params: unknown[],
): string {
  if (sifted.length === 0) return listOf(stretch, limit + 1, params);
  const looked = listOf(stretch, LOOK_MAX, params);
  return `select * from (${looked}) as looked_at where ${whereOf(sifted, params)} ${stretch.order} limit ${limit + 1}`;
}

/** The last row that was looked at, or null when the look reached the end of the list. */
async function endOfLook(db: Sql, listing: Listing, stretch: Stretch): Promise<string | null> {
  const params: unknown[] = [];
  const looked = listOf(stretch, LOOK_MAX, params);
  const [last] = await db.query<{ id: unknown } & Instants>(
    `select ${listing.at}, id from (${looked}) as looked_at ${stretch.order} offset ${LOOK_MAX - 1} limit 1`,
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

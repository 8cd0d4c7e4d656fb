// Log lines in the order in which they were stored, for whoever follows them live. Pages of older lines are logs.ts's.
import type { Condition } from './conditions.ts';
import { whereOf } from './conditions.ts';
import type { Sql } from './db.ts';
import { type LogFilter, levelsFrom, OF_USER, type StoredLog } from './logs.ts';

export type TailFilter = Omit<LogFilter, 'limit' | 'cursor' | 'before'>;

/** Rows looked at in one read, whether they match or not. */
export const TAIL_PAGE = 1_000;

export interface TailPlace {
  /** Rows with higher ids are read, in their order. */
  after: number;
  /** And these, which were not there before. */
  missing: readonly number[];
}

export interface LogTail {
  /** Of every row that was looked at, ascending. */
  ids: number[];
  /** Those that match, ascending by id. */
  lines: StoredLog[];
}

export async function readTail(db: Sql, filter: TailFilter, { after, missing }: TailPlace): Promise<LogTail> {
  const params: unknown[] = [missing, after, TAIL_PAGE];
  const conditions: Condition[] = [
    ['subtask_id = ?', filter.subtask_id],
    ['task_id = ?', filter.task_id],
    ['agent_id = ?', filter.agent_id],
    ['level = any(?)', levelsFrom(filter.level)],
    ['time >= ?', filter.after],
    ['position(lower(?) in lower(message)) > 0', filter.text],
    [OF_USER, filter.user_id],
  ];
  const [tail] = await db.query<LogTail>(
    `with looked_at as (
       select * from agent_logs where id = any($1::bigint[])
       union all
       (select * from agent_logs where id > $2 order by id limit $3)
     )
     select (select coalesce(jsonb_agg(id order by id), '[]') from looked_at) as ids,
       (select coalesce(jsonb_agg(to_jsonb(looked_at) order by id), '[]') from looked_at where ${whereOf(conditions, params)}) as lines`,
    params,
  );
  return { ids: tail?.ids ?? [], lines: (tail?.lines ?? []).map(withIsoTime) };
}

/** JSON made by PostgreSQL writes an instant with the session's offset. */
function withIsoTime(line: StoredLog): StoredLog {
  return { ...line, time: new Date(line.time).toISOString() };
}

/** The id of the newest line, 0 when there is none. */
export async function lastLogId(db: Sql): Promise<number> {
  const [row] = await db.query<{ id: number | null }>('select max(id) as id from agent_logs');
  return row?.id ?? 0;
}

// Agent logs: stored in batches as they arrive from the bus, read in pages, newest first.
import { type AgentLog, LOG_LEVELS, type LogLevel } from '../domain/log.ts';
import { type Sql, toJson } from './db.ts';
import { type Page, pageOf, readCursor } from './task-views.ts';

export interface StoredLog extends AgentLog {
  id: number;
}

export interface LogFilter {
  agent_id?: string | undefined;
  task_id?: string | undefined;
  subtask_id?: string | undefined;
  /** This level and the graver ones. */
  level?: LogLevel | undefined;
  text?: string | undefined;
  after?: string | undefined;
  before?: string | undefined;
  limit: number;
  cursor?: string | undefined;
}

export async function insertLogs(db: Sql, logs: readonly AgentLog[]): Promise<void> {
  await db.query(
    `insert into agent_logs (time, agent_id, task_id, subtask_id, attempt, level, message, metadata)
     select time, agent_id, task_id, subtask_id, attempt, level, message, metadata
     from jsonb_to_recordset($1::jsonb) as l (time timestamptz, agent_id text, task_id text, subtask_id text, attempt int,
       level text, message text, metadata jsonb)`,
    [toJson(logs)],
  );
}

/** Newest first, in the order in which they were stored. */
export async function listLogs(db: Sql, filter: LogFilter): Promise<Page<StoredLog>> {
  const levels = filter.level ? LOG_LEVELS.slice(LOG_LEVELS.indexOf(filter.level)) : null;
  const [before = null] = filter.cursor ? readCursor(filter.cursor, /^(\d{1,15})$/) : [];
  const rows = await db.query<StoredLog>(
    `select id, time, agent_id, task_id, subtask_id, attempt, level, message, metadata from agent_logs
     where ($1::text is null or agent_id = $1) and ($2::text is null or task_id = $2)
       and ($3::text is null or subtask_id = $3) and ($4::text[] is null or level = any($4))
       and ($5::text is null or position(lower($5) in lower(message)) > 0)
       and ($6::timestamptz is null or time >= $6) and ($7::timestamptz is null or time < $7)
       and ($8::bigint is null or id < $8)
     order by id desc limit $9`,
    [
      filter.agent_id ?? null,
      filter.task_id ?? null,
      filter.subtask_id ?? null,
      levels,
      filter.text ?? null,
      filter.after ?? null,
      filter.before ?? null,
      before,
      filter.limit + 1,
    ],
  );
  return pageOf(rows, filter.limit, (log) => String(log.id));
}

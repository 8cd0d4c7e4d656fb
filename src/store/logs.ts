// Agent logs: stored in batches as they arrive from the bus, read in pages, newest first.
import { type AgentLog, LOG_LEVELS, type LogLevel } from '../domain/log.ts';
import { type Condition, given } from './conditions.ts';
import { type Sql, toJson } from './db.ts';
import { type Page, type PageRequest, readPage } from './pages.ts';

export interface StoredLog extends AgentLog {
  id: number;
}

export interface LogFilter extends PageRequest {
  agent_id?: string | undefined;
  task_id?: string | undefined;
  subtask_id?: string | undefined;
  /** This level and the graver ones. */
  level?: LogLevel | undefined;
  text?: string | undefined;
  /** Only lines of this user's tasks, as long as these are kept. */
  user_id?: string | undefined;
  after?: string | undefined;
  before?: string | undefined;
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

/** Newest first, by the agents' clocks. */
export async function listLogs(db: Sql, filter: LogFilter): Promise<Page<StoredLog>> {
  const filters: Condition[] = [
    ['subtask_id = ?', filter.subtask_id],
    ['task_id = ?', filter.task_id],
    ['agent_id = ?', filter.agent_id],
  ];
  const isGrave = filter.level === 'WARN' || filter.level === 'ERROR';
  // One of them is enough to find the lines of a subtask, a task, an agent or of trouble; the rest sifts those.
  const [first, ...others] = [...given(filters), ...(isGrave ? [GRAVE] : [])];
  return readPage<StoredLog>(
    db,
    {
      table: 'agent_logs',
      at: 'time',
      columns: 'id, time, agent_id, task_id, subtask_id, attempt, level, message, metadata',
      indexed: first ? [first] : [],
      from: filter.after,
      before: filter.before,
      sifted: [
        ...others,
        ['level = any(?)', levelsFrom(filter.level)],
        ['position(lower(?) in lower(message)) > 0', filter.text],
        [OF_USER, filter.user_id],
      ],
    },
    filter,
  );
}

/** The level and the graver ones. */
export function levelsFrom(level: LogLevel | undefined): readonly LogLevel[] | undefined {
  return level && LOG_LEVELS.slice(LOG_LEVELS.indexOf(level));
}

/** For each line by the key of its task: the list of a user's tasks may be long. */
export const OF_USER = 'exists (select from tasks t where t.id = task_id and t.user_id = ?)';

/** The condition of the index of warnings and errors. */
const GRAVE: Condition = ["level in ('WARN', 'ERROR')"];

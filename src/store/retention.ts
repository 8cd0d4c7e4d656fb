// Forgetting by age: finished tasks with everything of theirs, events of finished tasks, log lines. One call removes one
// bounded batch of each, so that no lock is held for long. Only tasks that ended are touched; how often, and for how long,
// is the caller's.
import { isTaskEnded, TASK_STATUSES } from '../domain/transitions.ts';
import type { Db, Sql } from './db.ts';

/** Days after which each kind is forgotten, counted from the end of the task, or from the line's own time; null: never. */
export interface KeepDays {
  tasks: number | null;
  /** The last event of a task stays as long as the task, so that whoever asks for its events learns how it ended. */
  events: number | null;
  logs: number | null;
}

export interface Pruned {
  /** Rows removed of each kind, without those that went with their task. */
  tasks: number;
  events: number;
  logs: number;
  /** There was more than a batch of some kind: call again. */
  more: boolean;
}

/** Tasks in a batch; each brings its subtasks, results, events and documents along, hundreds of rows at most times. */
export const TASKS_BATCH = 100;
export const LOGS_BATCH = 5_000;

const OPEN = TASK_STATUSES.filter((status) => !isTaskEnded(status));

/**
 * Removes the oldest batch of what is older than `keep` says. `removeFiles` is given the tasks that go, before their rows
 * are gone for good: a process that dies in between finds the tasks again, and no folder is left that nobody knows of.
 */
export async function prune(
  db: Db,
  keep: KeepDays,
  removeFiles: (taskIds: readonly string[]) => Promise<void>,
): Promise<Pruned> {
  const tasks = keep.tasks === null ? NOTHING : await pruneTasks(db, keep.tasks, removeFiles);
  const events = keep.events === null ? NOTHING : await pruneEvents(db, keep.events);
  const logs = keep.logs === null ? NOTHING : await pruneLogs(db, keep.logs);
  return { tasks: tasks.rows, events: events.rows, logs: logs.rows, more: tasks.more || events.more || logs.more };
}

interface Batch {
  rows: number;
  more: boolean;
}

const NOTHING: Batch = { rows: 0, more: false };

async function pruneTasks(
  db: Db,
  days: number,
  removeFiles: (taskIds: readonly string[]) => Promise<void>,
): Promise<Batch> {
  return db.transaction(async (tx) => {
    const ended = await tx.query<{ id: string }>(
      `select id from tasks where finished_at < now() - $1 * interval '1 day'
       order by finished_at, id limit $2 for update skip locked`,
      [days, TASKS_BATCH],
    );
    if (ended.length === 0) return NOTHING;
    const ids = ended.map((task) => task.id);
    await removeFiles(ids);
    await tx.query('delete from agent_logs where task_id = any($1)', [ids]);
    await tx.query('delete from events where task_id = any($1)', [ids]);
    await tx.query('delete from tasks where id = any($1)', [ids]);
    return { rows: ids.length, more: ids.length === TASKS_BATCH };
  });
}

interface Mark {
  finished_at: string;
  task_id: string;
}

/**
 * Goes through the tasks in the order in which they ended, from where the call before left off, so that a million tasks
 * without events are not looked at again. A task that is locked just now is passed over; it ends anew if it is retried.
 */
async function pruneEvents(db: Db, days: number): Promise<Batch> {
  return db.transaction(async (tx) => {
    // Taken by whoever prunes; another process has nothing to do meanwhile.
    const [mark] = await tx.query<Mark>('select finished_at, task_id from pruned_events for update skip locked');
    if (!mark) return NOTHING;
    const ended = await tx.query<Mark>(
      `select finished_at, id as task_id from tasks
       where finished_at < now() - $1 * interval '1 day' and (finished_at, id) > ($2, $3)
       order by finished_at, id limit $4 for no key update skip locked`,
      [days, mark.finished_at, mark.task_id, TASKS_BATCH],
    );
    const last = ended.at(-1);
    if (!last) return NOTHING;
    const rows = await deleteEvents(
      tx,
      ended.map((task) => task.task_id),
    );
    await tx.query('update pruned_events set finished_at = $1, task_id = $2', [last.finished_at, last.task_id]);
    return { rows, more: ended.length === TASKS_BATCH };
  });
}

async function deleteEvents(tx: Sql, taskIds: readonly string[]): Promise<number> {
  return countOf(
    await tx.query(
      `with gone as (
         delete from events using tasks
         where tasks.id = any($1) and events.task_id = tasks.id and events.seq < tasks.last_event
         returning 1
       ) select count(*)::int as rows from gone`,
      [taskIds],
    ),
  );
}

/** Lines of tasks that are gone, or never were, are pruned as well; those of tasks that still run are not. */
async function pruneLogs(db: Db, days: number): Promise<Batch> {
  const rows = countOf(
    await db.query(
      `with old as (
         select id from agent_logs
         where time < now() - $1 * interval '1 day'
           and not exists (select from tasks where tasks.id = agent_logs.task_id and tasks.status = any($2))
         order by time, id limit $3 for update of agent_logs skip locked
       ), gone as (
         delete from agent_logs where id in (select id from old) returning 1
       ) select count(*)::int as rows from gone`,
      [days, OPEN, LOGS_BATCH],
    ),
  );
  return { rows, more: rows === LOGS_BATCH };
}

function countOf([counted]: { rows?: number }[]): number {
  return counted?.rows ?? 0;
}

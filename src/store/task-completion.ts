// The last step of tasks all of whose subtasks completed: what their summaries are made of, and in_progress → completed.
import { TASK_TRANSITIONS } from '../domain/transitions.ts';
import { type Db, type Sql, toJson } from './db.ts';

/** What a plain summary says of one subtask. */
export interface SummaryPiece {
  task_id: string;
  description: string;
  /** In the words of the agent; null when it found none. */
  summary: string | null;
  simulated: boolean;
}

/** Those of tasks of which nothing is left to run, in the order of their plans. One row after the other, by their keys. */
export async function listSummaryPieces(db: Sql, taskIds: readonly string[]): Promise<SummaryPiece[]> {
  return db.query<SummaryPiece>(
    `select t.id as task_id, s.description, r.summary, coalesce(r.simulated, false) as simulated
     from tasks t cross join lateral (
       select id, position, description from subtasks where task_id = t.id order by position offset 0
     ) s left join lateral (
       select output ->> 'summary' as summary, (output ->> 'simulated')::bool as simulated from subtask_results
       where subtask_id = s.id and status = 'completed' limit 1
     ) r on true
     where t.id = any($1) and t.status = 'in_progress' and t.done_at is not null order by t.id, s.position`,
    [taskIds],
  );
}

export interface TaskSummary {
  id: string;
  summary: string;
}

/**
 * in_progress → completed, each with its summary; returns the ids of those that this call completed. Others were no longer
 * in progress, or not all of their subtasks had completed.
 */
export async function completeTasks(db: Db, ends: readonly TaskSummary[]): Promise<string[]> {
  const { from, to, event } = TASK_TRANSITIONS.complete;
  const ids = ends.map((end) => end.id);
  const rows = await db.transaction((tx) =>
    tx.last<{ id: string }>(COMPLETE_TASKS, [ids, toJson(ends), to, from, event]),
  );
  return rows.map((row) => row.id);
}

export async function completeTask(db: Db, id: string, summary: string): Promise<boolean> {
  return (await completeTasks(db, [{ id, summary }])).length > 0;
}

// Locked in the order of their ids first, as everywhere.
const COMPLETE_TASKS = `with locked as (
     select id from tasks where id = any($1) order by id for no key update
   ), completed as (
     update tasks t set status = $3, summary = c.summary, last_event = t.last_event + 1, finished_at = now(),
       updated_at = now()
     from locked join jsonb_to_recordset($2::jsonb) as c (id text, summary text) on c.id = locked.id
     where t.id = locked.id and t.status = any($4) and t.open_subtasks = 0 and t.failed_subtasks = 0
     returning t.id, t.last_event
   ), noted as (
     insert into events (task_id, seq, type) select id, last_event, $5 from completed
   )
   select id from completed`;

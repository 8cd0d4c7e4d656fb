// Event rows: written by the transition that they record, in its own transaction, and read in order by whoever watches.
import type { TaskEvent } from '../domain/event.ts';
import type { EventType } from '../domain/transitions.ts';
import { type Sql, toJson } from './db.ts';

export interface NewEvent {
  task_id: string;
  type: EventType;
  subtask_id?: string | null;
  data?: Record<string, unknown>;
}

/** Numbers the events after the last of their task. The caller holds the task rows locked, so no number is missed. */
export async function appendEvents(tx: Sql, events: readonly NewEvent[]): Promise<void> {
  if (events.length === 0) return;
  await tx.query(
    `with given as (
       select e.*, row_number() over (partition by e.task_id order by e.nth) as step
       from jsonb_to_recordset($1::jsonb) as e (nth int, task_id text, type text, subtask_id text, data jsonb)
     ), numbered as (
       update tasks set last_event = last_event + given.steps
       from (select task_id, count(*)::int as steps from given group by task_id) as given
       where tasks.id = given.task_id
       returning tasks.id, last_event - given.steps as base
     )
     insert into events (task_id, seq, type, subtask_id, data)
     select given.task_id, numbered.base + given.step, given.type, given.subtask_id, given.data
     from given join numbered on numbered.id = given.task_id`,
    [toJson(events.map((event, nth) => ({ nth, subtask_id: null, data: {}, ...event })))],
  );
}

/** The events of a task after number `after`, oldest first. */
export async function listEvents(
  db: Sql,
  taskId: string,
  range: { after: number; limit: number },
): Promise<TaskEvent[]> {
  return db.query<TaskEvent>(
    `select task_id, seq, type, subtask_id, data, created_at from events
     where task_id = $1 and seq > $2 order by seq limit $3`,
    [taskId, range.after, range.limit],
  );
}

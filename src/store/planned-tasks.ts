// Tasks that come with their plan: stored, planned and started by one statement for a whole batch of them. What a task
// without a plan goes through one after the other is in tasks.ts.
import type { Plan } from '../domain/plan.ts';
import type { ReadySubtask } from '../domain/subtask.ts';
import { SUBTASK_TRANSITIONS, TASK_TRANSITIONS } from '../domain/transitions.ts';
import { type Db, type Tx, toJson } from './db.ts';
import { rowsOf, type SubtaskRow } from './subtask-rows.ts';
import { findRepeated, type NewTask, type RepeatedTask } from './tasks.ts';

export interface PlannedTask extends Omit<NewTask, 'given_plan' | 'id'> {
  id: string;
  plan: Plan;
}

export type CreatedPlanned = { outcome: 'created'; id: string; subtasks: number; ready: ReadySubtask[] } | RepeatedTask;

/** In progress at once. The same idempotency key finds the first task; the answers are in the order of the tasks. */
export async function createPlanned(db: Db, tasks: readonly PlannedTask[]): Promise<CreatedPlanned[]> {
  const planned = tasks.map((task) => ({ task, rows: rowsOf(task.plan) }));
  const readyAt = await db.transaction((tx) => insertPlanned(tx, planned));
  return Promise.all(
    planned.map((one) => {
      const ready_at = readyAt.get(one.task.id);
      return ready_at === undefined ? findRepeated(db, one.task) : answerOf(one, ready_at);
    }),
  );
}

interface Planned {
  task: PlannedTask;
  rows: readonly SubtaskRow[];
}

/** Id → since when its first subtasks are ready, for those that were not there yet. */
async function insertPlanned(tx: Tx, planned: readonly Planned[]): Promise<Map<string, string>> {
  const { to, event } = TASK_TRANSITIONS.start;
  const created = await tx.last<{ id: string; ready_at: string }>(CREATE_PLANNED, [
    toJson(planned.map(taskRow)),
    toJson(planned.flatMap(({ task, rows }) => rows.map((row) => ({ ...row, task_id: task.id })))),
    toJson(planned.flatMap(({ task, rows }) => rows.flatMap((row) => edgesOf(task.id, row)))),
    to,
    event,
    SUBTASK_TRANSITIONS.unblock.event,
  ]);
  return new Map(created.map((row) => [row.id, row.ready_at]));
}

function taskRow({ task: { plan: _, idempotency, ...task }, rows }: Planned) {
  return {
    ...task,
    idempotency_key: idempotency?.key ?? null,
    request_hash: idempotency?.request_hash ?? null,
    open_subtasks: rows.length,
    // Created, started, and one for each that is ready.
    events: 2 + rows.filter((row) => row.waiting_for === 0).length,
  };
}

function edgesOf(task_id: string, { id, dependencies }: SubtaskRow) {
  return dependencies.map((source) => ({ task_id, subtask_id: id, depends_on: source }));
}

function answerOf({ task: { id: task_id, user_id }, rows }: Planned, ready_at: string): CreatedPlanned {
  const ready = rows
    .filter((row) => row.waiting_for === 0)
    .map(({ id, required_capabilities, priority, rank }) => ({
      ...{ id, task_id, user_id, required_capabilities, priority, rank, ready_at },
      due_in_ms: 0,
    }));
  return { outcome: 'created', id: task_id, subtasks: rows.length, ready };
}

const CREATE_PLANNED = `with made as (
     insert into tasks (id, user_id, description, trace_parent, idempotency_key, request_hash, budget_usd, max_turns, status,
       plan_source, open_subtasks, started_at, last_event)
     select id, user_id, description, trace_parent, idempotency_key, request_hash, budget_usd, max_turns, $4, 'given', open_subtasks,
       now(), events
     from jsonb_to_recordset($1::jsonb) as t (id text, user_id text, description text, trace_parent text, idempotency_key text,
       request_hash text, budget_usd numeric, max_turns int, open_subtasks int, events int)
     on conflict (user_id, idempotency_key) do nothing
     returning id, user_id, open_subtasks, started_at
   ), steps as (
     insert into subtasks (id, task_id, user_id, position, description, required_capabilities, priority, estimated_duration,
       input_data, rank, status, waiting_for, ready_at)
     select s.id, s.task_id, made.user_id, s.position, s.description, s.required_capabilities, s.priority,
       s.estimated_duration, s.input_data, s.rank, case when s.waiting_for = 0 then 'ready' else 'pending' end, s.waiting_for,
       case when s.waiting_for = 0 then now() end
     from jsonb_to_recordset($2::jsonb) as s (id text, task_id text, position int, description text,
       required_capabilities text[], priority int, estimated_duration int, input_data jsonb, rank float8, waiting_for int)
       join made on made.id = s.task_id
     returning id, task_id, position, waiting_for
   ), edges as (
     insert into dependencies (subtask_id, depends_on)
     select e.subtask_id, e.depends_on from jsonb_to_recordset($3::jsonb) as e (task_id text, subtask_id text,
       depends_on text)
     where e.task_id in (select id from made)
   ), noted as (
     insert into events (task_id, seq, type, subtask_id, data)
     select id, 1, 'task.created', null, '{}'::jsonb from made
     union all
     select id, 2, $5, null, jsonb_build_object('subtasks', open_subtasks, 'source', 'given') from made
     union all
     select task_id, 2 + row_number() over (partition by task_id order by position), $6, id, '{}' from steps
     where waiting_for = 0
   )
   select id, started_at as ready_at from made`;

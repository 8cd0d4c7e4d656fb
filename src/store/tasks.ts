// Transitions of whole tasks: created, planned, completed, cancelled, retried. Each is one guarded transaction that writes
// its event rows; a guard that matches nothing is a named outcome.

import type { Limits, Spending } from '../domain/budget.ts';
import type { Plan } from '../domain/plan.ts';
import type { PlanSource } from '../domain/task.ts';
import { SUBTASK_TRANSITIONS, TASK_TRANSITIONS, type TaskStatus } from '../domain/transitions.ts';
import { type Db, type Sql, toJson } from './db.ts';
import { appendEvents, type NewEvent } from './events.ts';
import { newId } from './ids.ts';
import { rowsOf, type SubtaskRow } from './subtask-rows.ts';

export interface NewTask extends Partial<Limits> {
  description: string;
  user_id: string;
  /** The graph the request gave, kept so that planning can be repeated after a crash. */
  given_plan?: Plan;
  idempotency?: { key: string; request_hash: string };
  /** Known beforehand when files were stored for it. */
  id?: string;
  /** The span of its submit; absent unless traces are sent somewhere. */
  trace_parent?: string | null;
}

export type RepeatedTask = { outcome: 'repeated'; id: string } | { outcome: 'conflict'; id: string };
export type CreatedTask = { outcome: 'created'; id: string } | RepeatedTask;

/** Stores a pending task that this process has `planningMs` to plan. The same idempotency key finds the first task. */
export async function createTask(db: Db, task: NewTask, planningMs: number): Promise<CreatedTask> {
  const id = task.id ?? newId('task');
  return db.transaction(async (tx) => {
    const created = await tx.query<{ id: string }>(
      `insert into tasks (id, user_id, description, given_plan, idempotency_key, request_hash, planning_until, budget_usd,
         max_turns, trace_parent)
       values ($1, $2, $3, $4::jsonb, $5, $6, now() + $7 * interval '1 millisecond', $8, $9, $10)
       on conflict (user_id, idempotency_key) do nothing
       returning id`,
      [
        id,
        task.user_id,
        task.description,
        task.given_plan ? toJson(task.given_plan) : null,
        task.idempotency?.key ?? null,
        task.idempotency?.request_hash ?? null,
        planningMs,
        task.budget_usd ?? null,
        task.max_turns ?? null,
        task.trace_parent ?? null,
      ],
    );
    if (created.length === 0) return findRepeated(tx, task);
    await appendEvents(tx, [{ task_id: id, type: 'task.created' }]);
    return { outcome: 'created', id };
  });
}

/** The task that was stored first under the idempotency key of this one. */
export async function findRepeated(tx: Sql, task: Omit<NewTask, 'given_plan'>): Promise<RepeatedTask> {
  const [first] = await tx.query<{ id: string; request_hash: string }>(
    'select id, request_hash from tasks where user_id = $1 and idempotency_key = $2',
    [task.user_id, task.idempotency?.key ?? null],
  );
  if (!first) throw new Error('a task with this idempotency key vanished while it was being found');
  return { outcome: first.request_hash === task.idempotency?.request_hash ? 'repeated' : 'conflict', id: first.id };
}

export interface UnplannedTask {
  id: string;
  user_id: string;
  description: string;
  given_plan: Plan | null;
  trace_parent: string | null;
  /** Left out: it has just been stored. */
  created_at?: string;
}

export type SavedPlan = { outcome: 'saved'; subtasks: number; ready: string[] } | { outcome: 'not_pending' };

/** Stores subtasks, edges and ranks, and starts the task: pending → in_progress. */
export async function savePlan(
  db: Db,
  taskId: string,
  planned: { plan: Plan; source: PlanSource },
): Promise<SavedPlan> {
  const rows = rowsOf(planned.plan);
  return db.transaction(async (tx) => {
    const [started] = await tx.query<{ user_id: string }>(
      `update tasks set status = $2, plan_source = $3, planning_until = null, open_subtasks = $4,
         started_at = now(), updated_at = now()
       where id = $1 and status = any($5) returning user_id`,
      [taskId, TASK_TRANSITIONS.start.to, planned.source, rows.length, TASK_TRANSITIONS.start.from],
    );
    if (!started) return { outcome: 'not_pending' };
    await insertSubtasks(tx, { id: taskId, ...started }, rows);
    const ready = rows.filter((row) => row.waiting_for === 0).map((row) => row.id);
    const data = { subtasks: rows.length, source: planned.source };
    await appendEvents(tx, [
      { task_id: taskId, type: TASK_TRANSITIONS.start.event, data },
      ...ready.map((id): NewEvent => ({ task_id: taskId, type: SUBTASK_TRANSITIONS.unblock.event, subtask_id: id })),
    ]);
    return { outcome: 'saved', subtasks: rows.length, ready };
  });
}

async function insertSubtasks(
  tx: Sql,
  task: { id: string; user_id: string },
  rows: readonly SubtaskRow[],
): Promise<void> {
  await tx.query(
    `insert into subtasks (id, task_id, user_id, position, description, required_capabilities, priority, estimated_duration,
       input_data, rank, status, waiting_for, ready_at)
     select s.id, $1, $3, s.position, s.description, s.required_capabilities, s.priority, s.estimated_duration,
       s.input_data, s.rank, case when s.waiting_for = 0 then 'ready' else 'pending' end, s.waiting_for,
       case when s.waiting_for = 0 then now() end
     from jsonb_to_recordset($2::jsonb) as s (id text, position int, description text, required_capabilities text[],
       priority int, estimated_duration int, input_data jsonb, rank float8, waiting_for int)`,
    [task.id, toJson(rows), task.user_id],
  );
  const edges = rows.flatMap((row) => row.dependencies.map((source) => ({ subtask_id: row.id, depends_on: source })));
  if (edges.length === 0) return;
  await tx.query(
    `insert into dependencies (subtask_id, depends_on)
     select e.subtask_id, e.depends_on from jsonb_to_recordset($1::jsonb) as e (subtask_id text, depends_on text)`,
    [toJson(edges)],
  );
}

/** Ids of tasks all of whose subtasks completed but that have no summary yet, oldest first: their writer may have died. */
export async function listUnsummarised(db: Sql, olderThanMs: number): Promise<string[]> {
  const rows = await db.query<{ id: string }>(
    `select id from tasks
     where status = 'in_progress' and done_at <= now() - $1 * interval '1 millisecond'
     order by done_at limit 10`,
    [olderThanMs],
  );
  return rows.map((row) => row.id);
}

export type TaskChanged =
  | { outcome: 'changed' }
  | { outcome: 'wrong_state'; status: TaskStatus }
  | { outcome: 'not_found' };

/**
 * pending | in_progress → cancelled, with every subtask that had not ended. Nobody waits to hear what the running attempts
 * cost: all that they held is counted.
 */
export async function cancelTask(db: Db, taskId: string): Promise<TaskChanged> {
  const { from, to, event } = TASK_TRANSITIONS.cancel;
  return db.transaction(async (tx) => {
    const cancelled = await tx.query(
      `update tasks set status = $2, open_subtasks = 0, planning_until = null, finished_at = now(), updated_at = now(),
         spent_usd = spent_usd + reserved_usd, spent_turns = spent_turns + reserved_turns, reserved_usd = 0,
         reserved_turns = 0, reservations = 0
       where id = $1 and status = any($3) returning id`,
      [taskId, to, from],
    );
    if (cancelled.length === 0) return whyUnchanged(tx, taskId);
    const subtask = SUBTASK_TRANSITIONS.cancel;
    const stopped = await tx.query<{ id: string }>(
      `update subtasks set status = $2, due_at = null, deadline_at = null, reserved_usd = 0, reserved_turns = 0,
         finished_at = now(), updated_at = now()
       where task_id = $1 and status = any($3) returning id`,
      [taskId, subtask.to, subtask.from],
    );
    await appendEvents(tx, [
      ...stopped.map((row): NewEvent => ({ task_id: taskId, type: subtask.event, subtask_id: row.id })),
      { task_id: taskId, type: event },
    ]);
    return { outcome: 'changed' };
  });
}

export type TaskRetried =
  | { outcome: 'changed'; ready: string[] }
  | { outcome: 'spent'; task: Limits & Spending }
  | Exclude<TaskChanged, { outcome: 'changed' }>;

/**
 * failed → in_progress: failed subtasks become ready, blocked ones wait again; completed results are kept. Limits that are
 * given replace the old ones; `spent` when even so nothing is left to run it with. `started_at` is that of this run from
 * now on: nobody counts the days in which a failed task lay still.
 */
export async function retryTask(db: Db, taskId: string, given: Partial<Limits> = {}): Promise<TaskRetried> {
  const { from, to, event } = TASK_TRANSITIONS.retry;
  return db.transaction(async (tx) => {
    const retried = await tx.query(
      `update tasks set status = $2, error = null, failed_subtasks = 0, done_at = null, started_at = now(),
         finished_at = null, updated_at = now(),
         budget_usd = coalesce($4, budget_usd), max_turns = coalesce($5, max_turns)
       where id = $1 and status = any($3) and coalesce(coalesce($4, budget_usd) > spent_usd, true)
         and coalesce(coalesce($5, max_turns) > spent_turns, true) returning id`,
      [taskId, to, from, given.budget_usd ?? null, given.max_turns ?? null],
    );
    if (retried.length === 0) return whyNotRetried(tx, taskId, given);
    const ready = await reopen(tx, taskId, 'retry');
    const waiting = await reopen(tx, taskId, 'reopen');
    await tx.query('update tasks set open_subtasks = $2 where id = $1', [taskId, ready.length + waiting.length]);
    const eventOf =
      (name: 'retry' | 'reopen') =>
      (id: string): NewEvent => ({
        task_id: taskId,
        type: SUBTASK_TRANSITIONS[name].event,
        subtask_id: id,
      });
    await appendEvents(tx, [
      { task_id: taskId, type: event },
      ...ready.map(eventOf('retry')),
      ...waiting.map(eventOf('reopen')),
    ]);
    return { outcome: 'changed', ready };
  });
}

async function reopen(tx: Sql, taskId: string, name: 'retry' | 'reopen'): Promise<string[]> {
  const { from, to } = SUBTASK_TRANSITIONS[name];
  const rows = await tx.query<{ id: string }>(
    `update subtasks s set status = $2, failures = 0, overruns = 0, error = null, agent_id = null, finished_at = null, updated_at = now(),
       ready_at = case when $2 = 'ready' then now() end,
       waiting_for = (
         select count(*) from dependencies d join subtasks source on source.id = d.depends_on
         where d.subtask_id = s.id and source.status <> 'completed'
       )
     where task_id = $1 and status = any($3) returning id`,
    [taskId, to, from],
  );
  return rows.map((row) => row.id);
}

async function whyNotRetried(tx: Sql, taskId: string, given: Partial<Limits>): Promise<TaskRetried> {
  const why = await whyUnchanged(tx, taskId);
  if (why.outcome === 'not_found' || why.status !== 'failed') return why;
  const [task] = await tx.query<Limits & Spending>(
    `select coalesce($2, budget_usd) as budget_usd, coalesce($3, max_turns) as max_turns, spent_usd, spent_turns
     from tasks where id = $1`,
    [taskId, given.budget_usd ?? null, given.max_turns ?? null],
  );
  return task ? { outcome: 'spent', task } : { outcome: 'not_found' };
}

async function whyUnchanged(tx: Sql, taskId: string): Promise<Exclude<TaskChanged, { outcome: 'changed' }>> {
  const [task] = await tx.query<{ status: TaskStatus }>('select status from tasks where id = $1', [taskId]);
  return task ? { outcome: 'wrong_state', status: task.status } : { outcome: 'not_found' };
}

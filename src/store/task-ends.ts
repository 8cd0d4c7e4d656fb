// How tasks end when attempts do: their counters and their spending are kept, what a used-up budget no longer covers is
// failed, and a task in which nothing is left to run and something failed is closed. Part of the transaction of attempts.ts.
import type { AttemptReport } from '../domain/attempt.ts';
import { type Amount, NOTHING, plus, spentInWords } from '../domain/budget.ts';
import type { ReadySubtask } from '../domain/subtask.ts';
import { SUBTASK_TRANSITIONS, TASK_TRANSITIONS } from '../domain/transitions.ts';
import { type Sql, toJson } from './db.ts';
import { UNBLOCK } from './dependents.ts';
import { appendEvents, type NewEvent } from './events.ts';
import { holds, type TaskPurse } from './purses.ts';

const NOT_RUN = 'not run: the budget of its task is used up';
const STOPPED = 'stopped: the budget of its task is used up';

/** A subtask that failed because its task cannot pay for it. */
export interface Unpaid {
  id: string;
  task_id: string;
  held: Amount;
  event: NewEvent;
  /** Of the attempt that ran; null when none did. */
  report: AttemptReport | null;
}

interface UnpaidRow extends Amount {
  id: string;
  task_id: string;
  attempt: number;
  agent_id: string | null;
  ran: boolean;
  seconds: number;
}

/** Fails what is ready or runs in these tasks; what waits for it is blocked by the caller. */
export async function endUnpaid(tx: Sql, spent: readonly TaskPurse[]): Promise<Unpaid[]> {
  if (spent.length === 0) return [];
  const { from, to } = SUBTASK_TRANSITIONS.fail;
  const rows = await tx.query<UnpaidRow>(
    `update subtasks s set status = $2, error = case held.status when 'running' then $4 else $5 end, reserved_usd = 0,
       reserved_turns = 0, due_at = null, deadline_at = null, finished_at = now(), updated_at = now()
     from subtasks held
     where s.task_id = any($1) and s.status = any($3) and held.id = s.id
     returning s.id, s.task_id, s.attempt, s.agent_id, held.status = 'running' as ran, held.reserved_usd as usd,
       held.reserved_turns as turns, greatest(0.001, extract(epoch from now() - s.started_at))::float8 as seconds`,
    [spent.map((task) => task.id), to, from, STOPPED, NOT_RUN],
  );
  return rows.map((row) => ({
    id: row.id,
    task_id: row.task_id,
    held: { usd: row.usd, turns: row.turns },
    event: unpaidEvent(row),
    report: row.ran ? reportOf(row) : null,
  }));
}

function unpaidEvent({ id, task_id, ran, agent_id, attempt }: UnpaidRow): NewEvent {
  const why = { error: ran ? STOPPED : NOT_RUN, error_code: 'budget_exceeded' };
  const data = ran ? { agent_id, attempt, ...why } : why;
  return { task_id, type: SUBTASK_TRANSITIONS.fail.event, subtask_id: id, data };
}

function reportOf({ id, task_id, attempt, agent_id, seconds }: UnpaidRow): AttemptReport {
  return {
    task_id,
    subtask_id: id,
    attempt,
    agent_id: agent_id ?? '',
    outcome: { status: 'failed', error: STOPPED, error_code: 'budget_exceeded' },
    usage: {
      execution_time: seconds,
      input_tokens: 0,
      output_tokens: 0,
      cost_usd: 0,
      turns: 0,
      unknown: ['cost_usd', 'turns'],
    },
  };
}

/** What became of one subtask, as its task counts it. */
export interface SubtaskEnd {
  task_id: string;
  closed: boolean;
  failed: boolean;
  /** What its attempt held, which is given back, and what it is counted with. */
  held: Amount;
  charge: Amount;
}

export interface Closing {
  id: string;
  failed_subtasks: number;
}

export interface Ending {
  /** Ids of the subtasks whose dependents count down. */
  completed: readonly string[];
  ends: readonly SubtaskEnd[];
  /** At least one for each task of `ends`. Those of dependents that become ready are added after them. */
  events: readonly NewEvent[];
}

export interface CountedDown {
  unblocked: ReadySubtask[];
  /** Tasks in which nothing is left to run. */
  closing: Closing[];
}

type RunStatement = <R>(text: string, params: readonly unknown[]) => Promise<R[]>;

/**
 * Unblocks dependents, keeps the tasks' counters and what they spent, and writes all events: one statement, so that the
 * common end of an attempt costs one write. The caller holds the tasks since an earlier statement: this one must see all
 * that those who held them before have done.
 */
export async function countDown(run: RunStatement, { completed, ends, events }: Ending): Promise<CountedDown> {
  const { from, to, event } = SUBTASK_TRANSITIONS.unblock;
  const rows = await run<CountedRow>(COUNT_DOWN, [
    completed,
    from,
    to,
    event,
    toJson(sumByTask(ends)),
    toJson(events.map((given, nth) => ({ nth, subtask_id: null, data: {}, ...given }))),
  ]);
  return {
    unblocked: rows
      .filter((row) => row.unblocked)
      .map(({ id, task_id, user_id, required_capabilities, priority, rank, ready_at }) => ({
        ...{ id, task_id, user_id, required_capabilities, priority, rank, ready_at },
        due_in_ms: 0,
      })),
    closing: rows.filter((row) => !row.unblocked).map(({ id, failed_subtasks }) => ({ id, failed_subtasks })),
  };
}

type CountedRow = Omit<ReadySubtask, 'due_in_ms'> & Closing & { unblocked: boolean };

const COUNT_DOWN = `with touched as (${UNBLOCK}), unblocked as (
     select * from touched where status = $3
   ), told as (
     select * from jsonb_to_recordset($6::jsonb) as e (nth bigint, task_id text, type text, subtask_id text, data jsonb)
     union all
     select 1000000 + row_number() over (order by id), task_id, $4, id, '{}' from unblocked
   ), counted as (
     select told.task_id, count(*)::int as events from told group by told.task_id
   ), ended as (
     update tasks t set open_subtasks = t.open_subtasks - coalesce(c.closed, 0),
       failed_subtasks = t.failed_subtasks + coalesce(c.failed, 0),
       spent_usd = t.spent_usd + coalesce(c.usd, 0), spent_turns = t.spent_turns + coalesce(c.turns, 0),
       reserved_usd = t.reserved_usd - coalesce(c.held_usd, 0),
       reserved_turns = t.reserved_turns - coalesce(c.held_turns, 0),
       reservations = t.reservations - coalesce(c.attempts, 0), last_event = t.last_event + counted.events,
       done_at = case when t.open_subtasks = c.closed and t.failed_subtasks + c.failed = 0 then now() end,
       updated_at = now()
     from counted left join jsonb_to_recordset($5::jsonb) as c (id text, closed int, failed int, usd numeric, turns int,
       held_usd numeric, held_turns int, attempts int) on c.id = counted.task_id
     where t.id = counted.task_id
     returning t.id, t.open_subtasks, t.failed_subtasks, t.last_event - counted.events as base
   ), noted as (
     insert into events (task_id, seq, type, subtask_id, data)
     select told.task_id, ended.base + row_number() over (partition by told.task_id order by told.nth), told.type,
       told.subtask_id, told.data
     from told join ended on ended.id = told.task_id
   )
   select true as unblocked, id, task_id, user_id, required_capabilities, priority, rank, ready_at, null::int as failed_subtasks
   from unblocked
   union all
   select false, id, null, null, null, null, null, null, failed_subtasks from ended where open_subtasks = 0`;

function sumByTask(ends: readonly SubtaskEnd[]) {
  const sums = new Map<string, { closed: number; failed: number; attempts: number; charge: Amount; held: Amount }>();
  const none = { closed: 0, failed: 0, attempts: 0, charge: NOTHING, held: NOTHING };
  for (const end of ends) {
    const sum = sums.get(end.task_id) ?? none;
    sums.set(end.task_id, {
      closed: sum.closed + (end.closed ? 1 : 0),
      failed: sum.failed + (end.failed ? 1 : 0),
      attempts: sum.attempts + (holds(end.held) ? 1 : 0),
      charge: plus(sum.charge, end.charge),
      held: plus(sum.held, end.held),
    });
  }
  return [...sums].map(([id, { charge, held, ...counts }]) => ({
    id,
    ...counts,
    ...charge,
    held_usd: held.usd,
    held_turns: held.turns,
  }));
}

/** in_progress → failed; the error of a task whose budget is used up begins with that, and with the mend. */
export async function failTasks(tx: Sql, tasks: readonly Closing[], spent: readonly TaskPurse[]): Promise<string[]> {
  if (tasks.length === 0) return [];
  const { from, to, event } = TASK_TRANSITIONS.fail;
  const whySpent = new Map(spent.map((task) => [task.id, spentInWords(task.id, task)]));
  const failed = await tx.query<{ id: string; error: string }>(
    `update tasks t set status = $2, finished_at = now(), updated_at = now(), error = concat_ws('; ', f.why, (
       select string_agg('subtask ' || s.position || ' (' || s.id || ') failed: ' || s.error, '; ' order by s.position)
       from subtasks s where s.task_id = t.id and s.status = 'failed' and (f.why is null or s.error <> all($4))))
     from jsonb_to_recordset($1::jsonb) as f (id text, why text)
     where t.id = f.id and t.status = any($3) returning t.id, t.error`,
    [toJson(tasks.map(({ id }) => ({ id, why: whySpent.get(id) ?? null }))), to, from, [NOT_RUN, STOPPED]],
  );
  await appendEvents(
    tx,
    failed.map((task) => ({ task_id: task.id, type: event, data: { error: task.error } })),
  );
  return failed.map((task) => task.id);
}

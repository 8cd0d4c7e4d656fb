// How tasks end when attempts do: their counters and their spending are kept, what a used-up budget no longer covers is
// failed, and a task in which nothing is left to run and something failed is closed. Part of the transaction of attempts.ts.
import type { AttemptReport } from '../domain/attempt.ts';
import { type Amount, NOTHING, plus, spentInWords } from '../domain/budget.ts';
import { SUBTASK_TRANSITIONS, TASK_TRANSITIONS } from '../domain/transitions.ts';
import { type Sql, toJson } from './db.ts';
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

/** Keeps the tasks' counters and what they spent; returns the tasks in which nothing is left to run. */
export async function countDown(tx: Sql, ends: readonly SubtaskEnd[]): Promise<Closing[]> {
  const rows = await tx.query<Closing & { open_subtasks: number }>(
    `update tasks t set open_subtasks = t.open_subtasks - c.closed, failed_subtasks = t.failed_subtasks + c.failed,
       spent_usd = t.spent_usd + c.usd, spent_turns = t.spent_turns + c.turns,
       reserved_usd = t.reserved_usd - c.held_usd, reserved_turns = t.reserved_turns - c.held_turns,
       reservations = t.reservations - c.attempts, updated_at = now()
     from jsonb_to_recordset($1::jsonb) as c (id text, closed int, failed int, usd numeric, turns int, held_usd numeric,
       held_turns int, attempts int)
     where t.id = c.id
     returning t.id, t.open_subtasks, t.failed_subtasks`,
    [toJson(sumByTask(ends))],
  );
  return rows.filter((row) => row.open_subtasks === 0);
}

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

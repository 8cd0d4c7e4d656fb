// What happens when attempts end: one transaction for a whole batch stores the results, moves the subtasks, unblocks
// dependents or blocks what can no longer run, charges the tasks and closes those that have nothing left to do or to spend
// (task-ends.ts), and writes the events.
import type { AttemptKey, AttemptReport } from '../domain/attempt.ts';
import { backoffMs } from '../domain/backoff.ts';
import {
  type Amount,
  chargeOf,
  isSpent,
  type Limits,
  mayHaveMore,
  NOTHING,
  plus,
  type Spending,
} from '../domain/budget.ts';
import { isRetryable } from '../domain/errors.ts';
import { MAX_FAILURES } from '../domain/subtask.ts';
import { SUBTASK_TRANSITIONS, type SubtaskStatus } from '../domain/transitions.ts';
import { type Db, type Sql, toJson } from './db.ts';
import { appendEvents, type NewEvent } from './events.ts';
import { lockTasksOf, type TaskPurse } from './purses.ts';
import { countDown, endUnpaid, failTasks, type Unpaid } from './task-ends.ts';

export interface FinishedBatch {
  /** Reports that changed something; the others were superseded, or came twice. */
  accepted: AttemptKey[];
  superseded: AttemptKey[];
  /** Subtasks that became ready: dependents, retries that back off, and those handed back. */
  ready: string[];
  /** Attempts that nobody waits for any more, since the budget of their task is used up: their agents are to be told. */
  stopped: AttemptKey[];
  /** Tasks all of whose subtasks completed: their summary is due. */
  toSummarise: string[];
  /** Tasks that failed with this batch. */
  failed: string[];
}

interface Current {
  id: string;
  task_id: string;
  attempt: number;
  failures: number;
  status: SubtaskStatus;
  reserved_usd: number;
  reserved_turns: number;
}

type Verdict = 'complete' | 'backOff' | 'fail' | 'release';

interface Ended {
  report: AttemptReport;
  /** Transient failures before this one. */
  failures: number;
  held: Amount;
  charge: Amount;
}

interface Judged extends Ended {
  verdict: Verdict;
  delay_ms: number | null;
  /** It failed because its share was used up: the next attempt gets a larger one. */
  overran: boolean;
}

interface Judgement {
  judged: Judged[];
  /** Tasks whose budget these reports have used up. */
  spent: TaskPurse[];
}

const NONE: FinishedBatch = { accepted: [], superseded: [], ready: [], stopped: [], toSummarise: [], failed: [] };

/**
 * Ends the attempts that the reports name, in one transaction. A report whose attempt is not the running one changes
 * nothing. `random` gives the jitter of the backoff.
 */
export async function finishAttempts(
  db: Db,
  reports: readonly AttemptReport[],
  random: () => number,
): Promise<FinishedBatch> {
  return db.transaction(async (tx) => {
    const { judged, spent } = await judge(tx, reports, random);
    const accepted = judged.map((one) => one.report);
    const superseded = reports.filter((report) => !accepted.includes(report));
    if (judged.length === 0) return { ...NONE, superseded };
    // The results first: how long each waited is read from what moving changes.
    const [, , unblocked] = await Promise.all([
      insertResults(tx, accepted),
      moveSubtasks(tx, judged),
      unblockDependents(tx, idsWith(judged, 'complete')),
    ]);
    const { unpaid, stopped, hopeless, blocked } = await endHopeless(tx, judged, spent);
    const [closing] = await Promise.all([
      countDown(tx, [...judged.map(endOf), ...unpaid.map(unpaidEnd), ...blocked.map(blockedEnd)]),
      appendEvents(tx, [
        ...judged.map(eventOf),
        ...unblocked.map(unblockedEvent),
        ...unpaid.map((row) => row.event),
        ...blocked.map(blockedEvent),
      ]),
    ]);
    const failing = closing.filter((task) => task.failed_subtasks > 0);
    const ready = [...unblocked.map((row) => row.id), ...idsWith(judged, 'backOff'), ...idsWith(judged, 'release')];
    return {
      accepted,
      superseded,
      ready: ready.filter((id) => !hopeless.has(id)),
      stopped,
      toSummarise: closing.filter((task) => task.failed_subtasks === 0).map((task) => task.id),
      failed: await failTasks(tx, failing, spent),
    };
  });
}

/** What cannot go on: what a used-up budget no longer covers, and everything that waits for it or for what failed. */
async function endHopeless(tx: Sql, judged: readonly Judged[], spent: readonly TaskPurse[]) {
  const unpaid = await endUnpaid(tx, spent);
  const stopped = unpaid.flatMap((row) => row.report ?? []);
  await insertResults(tx, stopped);
  const hopeless = new Set([...idsWith(judged, 'fail'), ...unpaid.map((row) => row.id)]);
  return { unpaid, stopped, hopeless, blocked: await blockDownstream(tx, [...hopeless]) };
}

/** Locks tasks, then subtasks, in id order, and decides what each current report means. */
async function judge(tx: Sql, reports: readonly AttemptReport[], random: () => number): Promise<Judgement> {
  const ids = reports.map((report) => report.subtask_id);
  const [purses, rows] = await Promise.all([
    lockTasksOf(tx, ids),
    tx.query<Current>(
      `select id, task_id, attempt, failures, status, reserved_usd, reserved_turns
       from subtasks where id = any($1) order by id for no key update`,
      [ids],
    ),
  ]);
  const ended = currentOf(reports, rows);
  const charged = new Map(purses.map((purse) => [purse.id, purse]));
  for (const { report, charge } of ended) {
    const purse = charged.get(report.task_id);
    if (purse) charged.set(report.task_id, spend(purse, charge));
  }
  return {
    judged: ended.map((one) => judgeOne(one, charged.get(one.report.task_id), random)),
    spent: [...charged.values()].filter(isSpent),
  };
}

function currentOf(reports: readonly AttemptReport[], rows: readonly Current[]): Ended[] {
  const current = new Map(rows.map((row) => [row.id, row]));
  return reports.flatMap((report) => {
    const row = current.get(report.subtask_id);
    if (!row || row.task_id !== report.task_id || row.attempt !== report.attempt || row.status !== 'running') return [];
    // The same report twice in one batch: the second one finds its subtask already judged.
    current.delete(report.subtask_id);
    const held = { usd: row.reserved_usd, turns: row.reserved_turns };
    return [{ report, failures: row.failures, held, charge: chargeOf(held, report) }];
  });
}

function spend(purse: TaskPurse, charge: Amount): TaskPurse {
  const { usd, turns } = plus({ usd: purse.spent_usd, turns: purse.spent_turns }, charge);
  return { ...purse, spent_usd: usd, spent_turns: turns };
}

function judgeOne(ended: Ended, task: (Limits & Spending) | undefined, random: () => number): Judged {
  const { outcome } = ended.report;
  const plain = { ...ended, delay_ms: null, overran: false };
  if (outcome.status === 'completed') return { ...plain, verdict: 'complete' };
  if (outcome.status === 'handed_back') return { ...plain, verdict: 'release', delay_ms: 0 };
  if (task && mayHaveMore(task, ended.held, outcome.error_code))
    return { ...plain, verdict: 'backOff', delay_ms: 0, overran: true };
  const failures = ended.failures + 1;
  const again = isRetryable(outcome.error_code) && failures < MAX_FAILURES;
  return again
    ? { ...plain, verdict: 'backOff', failures, delay_ms: backoffMs(failures, random()) }
    : { ...plain, verdict: 'fail', failures };
}

async function insertResults(tx: Sql, reports: readonly AttemptReport[]): Promise<void> {
  const rows = reports.flatMap(({ outcome, usage, ...key }) =>
    outcome.status === 'handed_back' ? [] : [{ ...key, ...usage, ...outcome }],
  );
  if (rows.length === 0) return;
  await tx.query(
    `insert into subtask_results (subtask_id, attempt, task_id, agent_id, status, output, error, error_code,
       execution_time, input_tokens, output_tokens, cost_usd, turns, waited_seconds)
     select r.subtask_id, r.attempt, r.task_id, r.agent_id, r.status, r.output, r.error, r.error_code,
       r.execution_time, r.input_tokens, r.output_tokens, r.cost_usd, r.turns,
       greatest(0, extract(epoch from s.started_at - s.ready_at))
     from jsonb_to_recordset($1::jsonb) as r (subtask_id text, attempt int, task_id text, agent_id text, status text,
       output jsonb, error text, error_code text, execution_time float8, input_tokens int, output_tokens int, cost_usd float8,
       turns int) join subtasks s on s.id = r.subtask_id`,
    [toJson(rows)],
  );
}

async function moveSubtasks(tx: Sql, judged: readonly Judged[]): Promise<void> {
  const moves = judged.map(({ report, verdict, failures, overran, delay_ms }) => ({
    id: report.subtask_id,
    status: SUBTASK_TRANSITIONS[verdict].to,
    ended: verdict === 'complete' || verdict === 'fail',
    failures,
    overran: overran ? 1 : 0,
    delay_ms,
    error: report.outcome.status === 'failed' ? report.outcome.error : null,
  }));
  await tx.query(
    `update subtasks s set status = m.status, failures = m.failures, overruns = s.overruns + m.overran, error = m.error,
       reserved_usd = 0, reserved_turns = 0, deadline_at = null, updated_at = now(),
       finished_at = case when m.ended then now() end,
       ready_at = case when m.ended then s.ready_at else now() end,
       due_at = now() + m.delay_ms * interval '1 millisecond'
     from jsonb_to_recordset($1::jsonb) as m (id text, status text, ended bool, failures int, overran int, delay_ms int,
       error text)
     where s.id = m.id and s.status = 'running'`,
    [toJson(moves)],
  );
}

interface Touched {
  id: string;
  task_id: string;
}

/** Counts the completed dependencies of each dependent down, under its row lock; whoever reaches 0 becomes ready. */
async function unblockDependents(tx: Sql, completed: readonly string[]): Promise<Touched[]> {
  if (completed.length === 0) return [];
  const { from, to } = SUBTASK_TRANSITIONS.unblock;
  const rows = await tx.query<Touched & { status: SubtaskStatus }>(
    `update subtasks s set waiting_for = s.waiting_for - d.done, updated_at = now(),
       status = case when s.waiting_for = d.done and s.status = any($2) then $3 else s.status end,
       ready_at = case when s.waiting_for = d.done and s.status = any($2) then now() else s.ready_at end
     from (select subtask_id, count(*)::int as done from dependencies where depends_on = any($1) group by subtask_id) as d
     where s.id = d.subtask_id
     returning s.id, s.task_id, s.status`,
    [completed, from, to],
  );
  return rows.filter((row) => row.status === to);
}

/**
 * Everything that can no longer run because a dependency, near or far, failed for good; each after what blocks it. An
 * array, not a join: the planner guesses a recursion to be large, and would read the whole table for it.
 */
async function blockDownstream(tx: Sql, failed: readonly string[]): Promise<Touched[]> {
  if (failed.length === 0) return [];
  const { from, to } = SUBTASK_TRANSITIONS.block;
  const rows = await tx.query<Touched & { rank: number }>(
    `with recursive downstream (id) as (
       select subtask_id from dependencies where depends_on = any($1)
       union
       select d.subtask_id from dependencies d join downstream on d.depends_on = downstream.id
     )
     update subtasks s set status = $3, finished_at = now(), updated_at = now()
     where s.id = any(array(select id from downstream)) and s.status = any($2)
     returning s.id, s.task_id, s.rank`,
    [failed, from, to],
  );
  // The rank falls strictly along every edge, so it is an order of the graph.
  return rows.sort((a, b) => b.rank - a.rank);
}

function endOf({ report, verdict, held, charge }: Judged) {
  const closed = verdict === 'complete' || verdict === 'fail';
  return { task_id: report.task_id, closed, failed: verdict === 'fail', held, charge };
}

/** What a stopped attempt cost is not known: all that it held is counted. */
function unpaidEnd({ task_id, held }: Unpaid) {
  return { task_id, closed: true, failed: true, held, charge: held };
}

function blockedEnd({ task_id }: Touched) {
  return { task_id, closed: true, failed: false, held: NOTHING, charge: NOTHING };
}

function idsWith(judged: readonly Judged[], verdict: Verdict): string[] {
  return judged.filter((one) => one.verdict === verdict).map((one) => one.report.subtask_id);
}

function eventOf({ report, verdict, delay_ms }: Judged): NewEvent {
  const { outcome, usage } = report;
  const failure = outcome.status === 'failed' ? { error: outcome.error, error_code: outcome.error_code } : {};
  const data = { agent_id: report.agent_id, attempt: report.attempt, execution_time: usage.execution_time, ...failure };
  return {
    task_id: report.task_id,
    type: SUBTASK_TRANSITIONS[verdict].event,
    subtask_id: report.subtask_id,
    data: delay_ms === null ? data : { ...data, delay_ms },
  };
}

function unblockedEvent(row: Touched): NewEvent {
  return { task_id: row.task_id, type: SUBTASK_TRANSITIONS.unblock.event, subtask_id: row.id };
}

function blockedEvent(row: Touched): NewEvent {
  return { task_id: row.task_id, type: SUBTASK_TRANSITIONS.block.event, subtask_id: row.id };
}

// What happens when attempts end: one transaction for a whole batch stores the results, moves the subtasks, unblocks
// dependents or blocks what can no longer run, closes tasks that have nothing left to do, and writes the events.
import type { AttemptKey, AttemptReport } from '../domain/attempt.ts';
import { backoffMs } from '../domain/backoff.ts';
import { isRetryable } from '../domain/errors.ts';
import { MAX_FAILURES } from '../domain/subtask.ts';
import { SUBTASK_TRANSITIONS, type SubtaskStatus, TASK_TRANSITIONS } from '../domain/transitions.ts';
import { type Db, type Sql, toJson } from './db.ts';
import { appendEvents, type NewEvent } from './events.ts';
import { lockTasksOf } from './subtasks.ts';

export interface FinishedBatch {
  /** Reports that changed something; the others were superseded, or came twice. */
  accepted: AttemptKey[];
  superseded: AttemptKey[];
  /** Subtasks that became ready: dependents, retries that back off, and those handed back. */
  ready: string[];
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
}

type Verdict = 'complete' | 'backOff' | 'fail' | 'release';

interface Judged {
  report: AttemptReport;
  verdict: Verdict;
  failures: number;
  delay_ms: number | null;
}

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
    const judged = await judge(tx, reports, random);
    const accepted = judged.map((one) => one.report);
    const superseded = reports.filter((report) => !accepted.includes(report));
    if (judged.length === 0) return { accepted: [], superseded, ready: [], toSummarise: [], failed: [] };
    await insertResults(tx, accepted);
    await moveSubtasks(tx, judged);
    const unblocked = await unblockDependents(tx, idsWith(judged, 'complete'));
    const blocked = await blockDownstream(tx, idsWith(judged, 'fail'));
    const closing = await countDown(tx, judged, blocked);
    await appendEvents(tx, [...judged.map(eventOf), ...unblocked.map(unblockedEvent), ...blocked.map(blockedEvent)]);
    const failed = await failTasks(
      tx,
      closing.filter((task) => task.failed_subtasks > 0).map((task) => task.id),
    );
    return {
      accepted,
      superseded,
      ready: [...unblocked.map((row) => row.id), ...idsWith(judged, 'backOff'), ...idsWith(judged, 'release')],
      toSummarise: closing.filter((task) => task.failed_subtasks === 0).map((task) => task.id),
      failed,
    };
  });
}

/** Locks tasks, then subtasks, in id order, and decides what each current report means. */
async function judge(tx: Sql, reports: readonly AttemptReport[], random: () => number): Promise<Judged[]> {
  const ids = reports.map((report) => report.subtask_id);
  await lockTasksOf(tx, ids);
  const rows = await tx.query<Current>(
    'select id, task_id, attempt, failures, status from subtasks where id = any($1) order by id for update',
    [ids],
  );
  const current = new Map(rows.map((row) => [row.id, row]));
  return reports.flatMap((report) => {
    const row = current.get(report.subtask_id);
    if (!row || row.task_id !== report.task_id || row.attempt !== report.attempt || row.status !== 'running') return [];
    // The same report twice in one batch: the second one finds its subtask already judged.
    current.delete(report.subtask_id);
    return [judgeOne(report, row.failures, random)];
  });
}

function judgeOne(report: AttemptReport, failuresBefore: number, random: () => number): Judged {
  const { outcome } = report;
  if (outcome.status === 'completed') return { report, verdict: 'complete', failures: failuresBefore, delay_ms: null };
  if (outcome.status === 'handed_back') return { report, verdict: 'release', failures: failuresBefore, delay_ms: 0 };
  const failures = failuresBefore + 1;
  const again = isRetryable(outcome.error_code) && failures < MAX_FAILURES;
  return again
    ? { report, verdict: 'backOff', failures, delay_ms: backoffMs(failures, random()) }
    : { report, verdict: 'fail', failures, delay_ms: null };
}

async function insertResults(tx: Sql, reports: readonly AttemptReport[]): Promise<void> {
  const rows = reports.flatMap(({ outcome, usage, ...key }) =>
    outcome.status === 'handed_back' ? [] : [{ ...key, ...usage, ...outcome }],
  );
  if (rows.length === 0) return;
  await tx.query(
    `insert into subtask_results (subtask_id, attempt, task_id, agent_id, status, output, error, error_code,
       execution_time, input_tokens, output_tokens, cost_usd, waited_seconds)
     select r.subtask_id, r.attempt, r.task_id, r.agent_id, r.status, r.output, r.error, r.error_code,
       r.execution_time, r.input_tokens, r.output_tokens, r.cost_usd,
       greatest(0, extract(epoch from s.started_at - s.ready_at))
     from jsonb_to_recordset($1::jsonb) as r (subtask_id text, attempt int, task_id text, agent_id text, status text,
       output jsonb, error text, error_code text, execution_time float8, input_tokens int, output_tokens int, cost_usd float8)
       join subtasks s on s.id = r.subtask_id`,
    [toJson(rows)],
  );
}

async function moveSubtasks(tx: Sql, judged: readonly Judged[]): Promise<void> {
  const moves = judged.map(({ report, verdict, failures, delay_ms }) => ({
    id: report.subtask_id,
    status: SUBTASK_TRANSITIONS[verdict].to,
    ended: verdict === 'complete' || verdict === 'fail',
    failures,
    delay_ms,
    error: report.outcome.status === 'failed' ? report.outcome.error : null,
  }));
  await tx.query(
    `update subtasks s set status = m.status, failures = m.failures, error = m.error, deadline_at = null, updated_at = now(),
       finished_at = case when m.ended then now() end,
       ready_at = case when m.ended then s.ready_at else now() end,
       due_at = now() + m.delay_ms * interval '1 millisecond'
     from jsonb_to_recordset($1::jsonb) as m (id text, status text, ended bool, failures int, delay_ms int, error text)
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

/** Everything that can no longer run because a dependency, near or far, failed for good. */
async function blockDownstream(tx: Sql, failed: readonly string[]): Promise<Touched[]> {
  if (failed.length === 0) return [];
  const { from, to } = SUBTASK_TRANSITIONS.block;
  return tx.query<Touched>(
    `with recursive downstream (id) as (
       select subtask_id from dependencies where depends_on = any($1)
       union
       select d.subtask_id from dependencies d join downstream on d.depends_on = downstream.id
     )
     update subtasks s set status = $3, finished_at = now(), updated_at = now()
     from downstream where s.id = downstream.id and s.status = any($2)
     returning s.id, s.task_id`,
    [failed, from, to],
  );
}

interface Closing {
  id: string;
  failed_subtasks: number;
}

/** Keeps the tasks' counters; returns the tasks in which nothing is left to run. */
async function countDown(tx: Sql, judged: readonly Judged[], blocked: readonly Touched[]): Promise<Closing[]> {
  const changes = new Map<string, { id: string; closed: number; failed: number }>();
  const change = (taskId: string, failed: number) => {
    const sum = changes.get(taskId) ?? { id: taskId, closed: 0, failed: 0 };
    changes.set(taskId, { id: taskId, closed: sum.closed + 1, failed: sum.failed + failed });
  };
  for (const { report, verdict } of judged)
    if (verdict === 'complete' || verdict === 'fail') change(report.task_id, verdict === 'fail' ? 1 : 0);
  for (const row of blocked) change(row.task_id, 0);
  if (changes.size === 0) return [];
  const rows = await tx.query<Closing & { open_subtasks: number }>(
    `update tasks t set open_subtasks = t.open_subtasks - c.closed, failed_subtasks = t.failed_subtasks + c.failed,
       updated_at = now()
     from jsonb_to_recordset($1::jsonb) as c (id text, closed int, failed int)
     where t.id = c.id
     returning t.id, t.open_subtasks, t.failed_subtasks`,
    [toJson([...changes.values()])],
  );
  return rows.filter((row) => row.open_subtasks === 0);
}

async function failTasks(tx: Sql, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return [];
  const { from, to, event } = TASK_TRANSITIONS.fail;
  const failed = await tx.query<{ id: string; error: string }>(
    `update tasks t set status = $2, finished_at = now(), updated_at = now(), error = (
       select string_agg('subtask ' || s.position || ' (' || s.id || ') failed: ' || s.error, '; ' order by s.position)
       from subtasks s where s.task_id = t.id and s.status = 'failed')
     where t.id = any($1) and t.status = any($3) returning t.id, t.error`,
    [ids, to, from],
  );
  await appendEvents(
    tx,
    failed.map((task) => ({ task_id: task.id, type: event, data: { error: task.error } })),
  );
  return failed.map((task) => task.id);
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

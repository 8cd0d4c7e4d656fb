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
import { MAX_FAILURES, type ReadySubtask } from '../domain/subtask.ts';
import { SUBTASK_TRANSITIONS, type SubtaskStatus } from '../domain/transitions.ts';
import { type Ended, insertResults, type Judged, moveSubtasks, type Verdict } from './attempt-rows.ts';
import type { Db, Sql, Tx } from './db.ts';
import { blockDownstream, type Touched, unblockDependents } from './dependents.ts';
import type { NewEvent } from './events.ts';
import { lockTasks, type TaskPurse } from './purses.ts';
import { type Closing, countDown, endUnpaid, failTasks, type Unpaid } from './task-ends.ts';

export interface FinishedBatch {
  /** Reports that changed something; the others were superseded, or came twice. */
  accepted: AttemptKey[];
  superseded: AttemptKey[];
  /** Dependents that became ready. */
  unblocked: ReadySubtask[];
  /** Ids of those that are ready again: retries that back off, and what was handed back. */
  retried: string[];
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

interface Judgement {
  judged: Judged[];
  /** Tasks whose budget these reports have used up. */
  spent: TaskPurse[];
  /** Some of the tasks fail once nothing of them is left to run. */
  doomed: boolean;
}

const NONE: FinishedBatch = {
  accepted: [],
  superseded: [],
  unblocked: [],
  retried: [],
  stopped: [],
  toSummarise: [],
  failed: [],
};

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
    const judgement = await judge(tx, reports, random);
    const accepted = judgement.judged.map((one) => one.report);
    const superseded = reports.filter((report) => !accepted.includes(report));
    if (accepted.length === 0) return { ...NONE, superseded };
    const ends = isHopeful(judgement) ? await endInHope(tx, judgement.judged) : await endWithLosses(tx, judgement);
    const retried = [...idsWith(judgement.judged, 'backOff'), ...idsWith(judgement.judged, 'release')];
    return {
      accepted,
      superseded,
      unblocked: ends.unblocked,
      retried: retried.filter((id) => !ends.hopeless.has(id)),
      stopped: ends.stopped,
      toSummarise: ends.closing.filter((task) => task.failed_subtasks === 0).map((task) => task.id),
      failed: ends.failed,
    };
  });
}

interface Ends {
  unblocked: ReadySubtask[];
  closing: Closing[];
  stopped: AttemptKey[];
  /** Subtasks that failed, whatever else was to become of them. */
  hopeless: ReadonlySet<string>;
  failed: string[];
}

/** Whether all that ended with this batch can only bring its tasks further. */
function isHopeful({ judged, spent, doomed }: Judgement): boolean {
  return !doomed && spent.length === 0 && judged.every((one) => one.verdict !== 'fail');
}

/** All in one write. The results first: how long each waited is read from what moving changes. */
async function endInHope(tx: Tx, judged: readonly Judged[]): Promise<Ends> {
  const ends = { completed: idsWith(judged, 'complete'), ends: judged.map(endOf), events: judged.map(eventOf) };
  const [, , { unblocked, closing }] = await Promise.all([
    insertResults(
      tx,
      judged.map((one) => one.report),
    ),
    moveSubtasks(tx, judged),
    countDown((text, params) => tx.last(text, params), ends),
  ]);
  return { unblocked, closing, stopped: [], hopeless: new Set(), failed: [] };
}

/** With what failed for good, or that a task can no longer pay for, and everything that waits for it. */
async function endWithLosses(tx: Tx, { judged, spent }: Judgement): Promise<Ends> {
  const [, , unblocked] = await Promise.all([
    insertResults(
      tx,
      judged.map((one) => one.report),
    ),
    moveSubtasks(tx, judged),
    unblockDependents(tx, idsWith(judged, 'complete')),
  ]);
  const { unpaid, stopped, hopeless, blocked } = await endHopeless(tx, judged, spent);
  const { closing } = await countDown((text, params) => tx.query(text, params), {
    completed: [],
    ends: [...judged.map(endOf), ...unpaid.map(unpaidEnd), ...blocked.map(blockedEnd)],
    events: [
      ...judged.map(eventOf),
      ...unblocked.map(unblockedEvent),
      ...unpaid.map((row) => row.event),
      ...blocked.map(blockedEvent),
    ],
  });
  const failing = closing.filter((task) => task.failed_subtasks > 0);
  return {
    unblocked: unblocked.filter((row) => !hopeless.has(row.id)),
    closing,
    stopped,
    hopeless,
    failed: await failTasks(tx, failing, spent),
  };
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
    lockTasks(
      tx,
      reports.map((report) => report.task_id),
    ),
    tx.query<Current>(
      `select id, task_id, attempt, failures, status, reserved_usd, reserved_turns
       from subtasks where id = any($1) order by id for no key update`,
      [ids],
    ),
  ]);
  const ended = currentOf(reports, rows);
  const charged = new Map<string, TaskPurse>(purses.map((purse) => [purse.id, purse]));
  for (const { report, charge } of ended) {
    const purse = charged.get(report.task_id);
    if (purse) charged.set(report.task_id, spend(purse, charge));
  }
  return {
    judged: ended.map((one) => judgeOne(one, charged.get(one.report.task_id), random)),
    spent: [...charged.values()].filter(isSpent),
    doomed: purses.some((purse) => purse.failed_subtasks > 0),
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

// What the leader does with an attempt once it is claimed: hands it to its agent, takes it back when the agent does not
// take it up, and ends it on behalf of an agent that cannot.
import type { Clock } from '../clock.ts';
import type { RunningAttempt } from '../domain/agent.ts';
import type { AttemptKey, AttemptReport, ReportedUsage } from '../domain/attempt.ts';
import { readyNotice } from '../domain/ready-notice.ts';
import { finishAttempts } from '../store/attempts.ts';
import type { Db } from '../store/db.ts';
import { type ClaimedSubtask, releaseSubtasks } from '../store/subtasks.ts';
import type { ControlMetrics } from '../telemetry/control-metrics.ts';
import { inSpanOf } from '../telemetry/tracing.ts';
import type { Courier } from './courier.ts';
import type { Crew } from './crew.ts';
import type { Dispatched } from './dispatch.ts';
import { tell, tellOfEvents, type Voice } from './tell.ts';

const UNUSED: ReportedUsage = {
  execution_time: 0.001,
  input_tokens: 0,
  output_tokens: 0,
  cost_usd: 0,
  turns: 0,
  unknown: [],
};

/** A subtask that an agent turned down is offered again after this long. */
const RELEASE_MS = 200;

export interface Desk extends Voice {
  db: Db;
  clock: Clock;
  crew: Crew;
  metrics: ControlMetrics;
  courier: Courier;
}

export function attemptOf(subtask: ClaimedSubtask): RunningAttempt {
  return { subtask_id: subtask.id, attempt: subtask.attempt };
}

/** Resolves when the agent has it, or when it is ready again or has ended. */
export async function handOver(desk: Desk, subtask: ClaimedSubtask): Promise<void> {
  const answer = await offer(desk, subtask);
  if (answer.outcome === 'accepted') return;
  desk.logger.warn({ ...endedOf(subtask), why: answer.why }, `the agent's answer is ${answer.outcome}`);
  if (answer.outcome === 'rejected') return endOnBehalf(desk, [neverRan(subtask, answer.why)]);
  desk.crew.distrust(subtask.agent_id);
  // It may have begun to spend what it was given, and it will not be heard.
  if (answer.outcome === 'unknown' && isCapped(subtask)) return endOnBehalf(desk, [perhapsRan(subtask, answer.why)]);
  if (answer.outcome === 'unknown') await tell(desk, 'stop', { task_id: subtask.task_id, ...attemptOf(subtask) });
  await release(desk, subtask);
}

async function offer(desk: Desk, subtask: ClaimedSubtask): Promise<Dispatched> {
  const agent = desk.crew.find(subtask.agent_id);
  if (!agent) return { outcome: 'refused', why: `${subtask.agent_id} is gone` };
  const { trace_parent: parent } = subtask;
  return inSpanOf('subtask.dispatch', { parent, kind: 'client', attributes: spanOf(subtask) }, async (span) => {
    const answer = await desk.courier.carry(agent, { subtask, traceparent: span.traceparent });
    span.describe({ 'muster.answer': answer.outcome });
    return answer;
  });
}

function spanOf({ task_id, id, attempt, agent_id, waited_seconds }: ClaimedSubtask) {
  return {
    'muster.task_id': task_id,
    'muster.subtask_id': id,
    'muster.attempt': attempt,
    'muster.agent_id': agent_id,
    'muster.waited_seconds': waited_seconds,
  };
}

async function release(desk: Desk, subtask: ClaimedSubtask): Promise<void> {
  const ready = await releaseSubtasks(desk.db, [attemptOf(subtask)], RELEASE_MS);
  if (ready.length > 0) desk.metrics.attemptReleased();
  desk.crew.letGo(attemptOf(subtask));
  await tellOfEvents(desk, [subtask.task_id]);
  await tell(desk, 'wake', { ready, ended: [endedOf(subtask)] });
}

/** Ends attempts whose agent will not report them, and tells agents that may still work on them to stop. */
export async function endOnBehalf(desk: Desk, reports: readonly AttemptReport[]): Promise<void> {
  if (reports.length === 0) return;
  const ended = reports.map(({ agent_id, task_id, subtask_id, attempt }) => ({
    agent_id,
    task_id,
    subtask_id,
    attempt,
  }));
  const finished = await finishAttempts(desk.db, reports, Math.random);
  const { accepted, stopped, unblocked, retried } = finished;
  desk.metrics.attemptsEnded(reports, finished);
  for (const report of accepted) {
    const { task_id, subtask_id, attempt } = report;
    desk.logger.warn(fieldsOf(report, reports), 'the attempt is ended on behalf of its agent');
    desk.crew.letGo({ subtask_id, attempt });
    await tell(desk, 'stop', { task_id, subtask_id, attempt });
  }
  for (const task_id of finished.failed) desk.logger.info({ task_id }, 'the task failed');
  for (const { task_id, subtask_id, attempt } of stopped) await tell(desk, 'stop', { task_id, subtask_id, attempt });
  await tellOfEvents(
    desk,
    accepted.map((key) => key.task_id),
  );
  await tell(desk, 'wake', { ...readyNotice({ ready: retried, unblocked }), ended });
}

/** For the log: which attempt, whose, and why it is over. */
function fieldsOf({ task_id, subtask_id, attempt }: AttemptKey, reports: readonly AttemptReport[]) {
  const report = reports.find((one) => one.subtask_id === subtask_id && one.attempt === attempt);
  const why = report?.outcome.status === 'failed' ? report.outcome.error : undefined;
  return { task_id, subtask_id, attempt, agent_id: report?.agent_id, why };
}

function endedOf({ agent_id, task_id, id, attempt }: ClaimedSubtask) {
  return { agent_id, task_id, subtask_id: id, attempt };
}

function isCapped(subtask: ClaimedSubtask): boolean {
  return subtask.reserved_usd > 0 || subtask.reserved_turns > 0;
}

function neverRan(subtask: ClaimedSubtask, why: string): AttemptReport {
  return { ...endedOf(subtask), outcome: { status: 'failed', error: why, error_code: 'crashed' }, usage: UNUSED };
}

function perhapsRan(subtask: ClaimedSubtask, why: string): AttemptReport {
  return {
    ...endedOf(subtask),
    outcome: { status: 'failed', error: why, error_code: 'agent_lost' },
    usage: { ...UNUSED, unknown: ['cost_usd', 'turns'] },
  };
}

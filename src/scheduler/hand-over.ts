// What the leader does with an attempt once it is claimed: hands it to its agent, takes it back when the agent does not
// take it up, and ends it on behalf of an agent that cannot.
import type { Clock } from '../clock.ts';
import type { RunningAttempt } from '../domain/agent.ts';
import type { AttemptReport, ReportedUsage } from '../domain/attempt.ts';
import { finishAttempts } from '../store/attempts.ts';
import type { Db } from '../store/db.ts';
import { type ClaimedSubtask, releaseSubtasks } from '../store/subtasks.ts';
import type { Crew } from './crew.ts';
import { type Dispatched, dispatch } from './dispatch.ts';
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
  attemptTimeoutMs: number;
  agentToken?: string | undefined;
}

export function attemptOf(subtask: ClaimedSubtask): RunningAttempt {
  return { subtask_id: subtask.id, attempt: subtask.attempt };
}

/** Resolves when the agent has it, or when it is ready again or has ended. `signal` gives up waiting for the agent. */
export async function handOver(desk: Desk, subtask: ClaimedSubtask, signal: AbortSignal): Promise<void> {
  const answer = await offer(desk, subtask, signal);
  if (answer.outcome === 'accepted') return;
  const { id, attempt } = subtask;
  desk.logger.warn({ subtask: id, attempt, why: answer.why }, `the agent's answer is ${answer.outcome}`);
  if (answer.outcome === 'rejected') return endOnBehalf(desk, [neverRan(subtask, answer.why)]);
  desk.crew.distrust(subtask.agent_id);
  // It may have begun to spend what it was given, and it will not be heard.
  if (answer.outcome === 'unknown' && isCapped(subtask)) return endOnBehalf(desk, [perhapsRan(subtask, answer.why)]);
  if (answer.outcome === 'unknown') await tell(desk, 'stop', { task_id: subtask.task_id, ...attemptOf(subtask) });
  await release(desk, subtask);
}

async function offer(desk: Desk, subtask: ClaimedSubtask, signal: AbortSignal): Promise<Dispatched> {
  const agent = desk.crew.find(subtask.agent_id);
  if (!agent) return { outcome: 'refused', why: `${subtask.agent_id} is gone` };
  const { clock, attemptTimeoutMs: timeoutMs, agentToken: token } = desk;
  return dispatch(agent, subtask, { clock, timeoutMs, token, signal });
}

async function release(desk: Desk, subtask: ClaimedSubtask): Promise<void> {
  const ready = await releaseSubtasks(desk.db, [attemptOf(subtask)], RELEASE_MS);
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
  const { accepted, stopped, unblocked, retried } = await finishAttempts(desk.db, reports, Math.random);
  for (const { task_id, subtask_id, attempt } of accepted) {
    desk.logger.warn({ task: task_id, subtask: subtask_id, attempt }, 'attempt ended on behalf of its agent');
    desk.crew.letGo({ subtask_id, attempt });
    await tell(desk, 'stop', { task_id, subtask_id, attempt });
  }
  for (const { task_id, subtask_id, attempt } of stopped) await tell(desk, 'stop', { task_id, subtask_id, attempt });
  await tellOfEvents(
    desk,
    accepted.map((key) => key.task_id),
  );
  await tell(desk, 'wake', { ready: retried, unblocked, ended });
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

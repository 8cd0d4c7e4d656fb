// A store for tests: an embedded database in memory, and the few moves that most store tests begin with.
import type { AttemptOutput, AttemptReport, ReportedUsage } from '../../src/domain/attempt.ts';
import type { FailureCode } from '../../src/domain/errors.ts';
import type { Plan } from '../../src/domain/plan.ts';
import type { SubtaskStatus } from '../../src/domain/transitions.ts';
import { finishAttempts } from '../../src/store/attempts.ts';
import type { Db } from '../../src/store/db.ts';
import { openPglite } from '../../src/store/db-pglite.ts';
import { listEvents } from '../../src/store/events.ts';
import { holdLease, type Lease } from '../../src/store/leases.ts';
import { migrate } from '../../src/store/migrate.ts';
import { type ClaimedSubtask, claimSubtasks } from '../../src/store/subtasks.ts';
import { getTask } from '../../src/store/task-views.ts';
import { createTask, type NewTask, savePlan } from '../../src/store/tasks.ts';
import { graph } from './plans.ts';

export const LEADER: Lease = { name: 'scheduler', holder: 'this test' };

export async function openStore(): Promise<Db> {
  const db = openPglite();
  await migrate(db);
  return db;
}

export interface StartedTask {
  id: string;
  /** Ids of its subtasks, in the order of the plan. */
  subtasks: string[];
}

/** A task in progress. Without a plan it has one subtask. */
export async function startTask(db: Db, plan: Plan = graph([]), given: Partial<NewTask> = {}): Promise<StartedTask> {
  const task = { description: 'A task of a test', user_id: 'tester', ...given };
  const { id } = await createTask(db, task, 60_000);
  await savePlan(db, id, { plan, source: 'given' });
  const whole = await getTask(db, id);
  return { id, subtasks: whole?.subtasks.map((subtask) => subtask.id) ?? [] };
}

/** Claims these subtasks as the leader; an attempt may take a minute. */
export async function claim(db: Db, subtaskIds: readonly string[], agentId = 'agent_1'): Promise<ClaimedSubtask[]> {
  await holdLease(db, LEADER, 60_000);
  const claims = subtaskIds.map((id) => ({ subtask_id: id, agent_id: agentId, agent_instance: `${agentId}_instance` }));
  const claimed = await claimSubtasks(db, claims, { lease: LEADER, timeoutMs: 60_000 });
  return claimed.outcome === 'claimed' ? claimed.subtasks : [];
}

export async function claimOne(db: Db, subtaskId: string, agentId = 'agent_1'): Promise<ClaimedSubtask> {
  const [claimed] = await claim(db, [subtaskId], agentId);
  if (!claimed) throw new Error(`${subtaskId} could not be claimed`);
  return claimed;
}

const USAGE: ReportedUsage = {
  execution_time: 1.5,
  input_tokens: 100,
  output_tokens: 20,
  cost_usd: 0.01,
  turns: 2,
  unknown: [],
};

function reportOf(claimed: ClaimedSubtask, outcome: AttemptReport['outcome']): AttemptReport {
  const { id, task_id, attempt, agent_id } = claimed;
  return { task_id, subtask_id: id, attempt, agent_id, outcome, usage: USAGE };
}

export function completed(claimed: ClaimedSubtask, output: Partial<AttemptOutput> = {}): AttemptReport {
  return reportOf(claimed, { status: 'completed', output: { success: true, summary: 'done', data: {}, ...output } });
}

/** `crashed` is tried again, `unsuccessful` is not. */
export function failed(claimed: ClaimedSubtask, error_code: FailureCode = 'unsuccessful'): AttemptReport {
  return reportOf(claimed, { status: 'failed', error: `it was ${error_code}`, error_code });
}

/** Claims and completes these subtasks, one after the other. */
export async function complete(db: Db, ...subtaskIds: string[]): Promise<void> {
  for (const id of subtaskIds) await finishAttempts(db, [completed(await claimOne(db, id))], () => 0);
}

/** Claims one subtask and fails it for good. */
export async function fail(db: Db, subtaskId: string): Promise<void> {
  await finishAttempts(db, [failed(await claimOne(db, subtaskId))], () => 0);
}

/** Lets every back-off end at once. */
export async function endBackOffs(db: Db): Promise<void> {
  await db.query("update subtasks set due_at = now() - interval '1 second' where due_at is not null");
}

/** The statuses of a task's subtasks, in the order of the plan. */
export async function subtaskStatuses(db: Db, taskId: string): Promise<SubtaskStatus[]> {
  return (await getTask(db, taskId))?.subtasks.map((subtask) => subtask.status) ?? [];
}

/** The types of a task's events, oldest first; throws when their numbers have a gap. */
export async function eventTypes(db: Db, taskId: string): Promise<string[]> {
  const events = await listEvents(db, taskId, { after: 0, limit: 10_000 });
  for (const [index, event] of events.entries())
    if (event.seq !== index + 1) throw new Error(`event ${index + 1} of ${taskId} carries number ${event.seq}`);
  return events.map((event) => event.type);
}

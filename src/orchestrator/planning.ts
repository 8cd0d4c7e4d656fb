// From a stored, pending task to a stored plan: the given graph as it is, or one that the planner makes. Used by the
// submit and, after a crash, by whoever takes the task over; only one of them gets to save.
import type { ModelTokens } from '../domain/attempt.ts';
import type { Plan } from '../domain/plan.ts';
import { readyNotice } from '../domain/ready-notice.ts';
import type { PlanSource } from '../domain/task.ts';
import { type SavedPlan, savePlan, type UnplannedTask } from '../store/tasks.ts';
import { inSpanOf } from '../telemetry/tracing.ts';
import { askPlanner } from './ask-planner.ts';
import { linkedAbort } from './linked-abort.ts';
import { announce } from './notices.ts';
import type { Parts } from './parts.ts';
import { listFiles, taskFolder } from './task-files.ts';
import { countTokens } from './token-count.ts';

export type PlanningParts = Omit<Parts, 'isSchedulerAlive'>;

/** `not_pending`: it was cancelled, or planned by another. Rejects when the plan cannot be stored, or the service stops. */
export async function planTask(parts: PlanningParts, task: UnplannedTask): Promise<SavedPlan> {
  const attributes = { 'muster.task_id': task.id };
  const saved = await inSpanOf('task.plan', { parent: task.trace_parent, attributes }, async (span) => {
    const planned: Planned | null = task.given_plan
      ? { plan: task.given_plan, source: 'given' }
      : await planByModel(parts, task);
    span.describe({ 'muster.plan_source': planned?.source ?? 'none' });
    return planned ? savePlan(parts.db, task.id, planned) : { outcome: 'not_pending' as const };
  });
  if (saved.outcome === 'saved') {
    parts.logger.info({ task_id: task.id, subtasks: saved.subtasks }, 'the task is planned');
    await announce(parts, 'wake', readyNotice({ ready: saved.ready }));
    await announce(parts, 'events', { task_ids: [task.id] });
  }
  return saved;
}

interface Planned {
  plan: Plan;
  source: PlanSource;
}

/** Null when the task stopped being pending meanwhile. */
async function planByModel(parts: PlanningParts, task: UnplannedTask): Promise<Planned | null> {
  const { id: task_id, user_id, description } = task;
  const since = task.created_at ? new Date(task.created_at) : parts.clock.now();
  const lease = await parts.planning.leases.hold(task_id);
  const wanted = linkedAbort(parts.stopping, lease.lost);
  const used: ModelTokens[] = [];
  try {
    const files = await listFiles(taskFolder(parts.config.sharedFiles, task_id), 'input');
    const asked = { task_id, user_id, since, description, files };
    return await askPlanner(parts, { ...asked, signal: wanted.signal, used: (tokens) => used.push(tokens) });
  } catch (error) {
    if (lease.lost.aborted && !parts.stopping.aborted) return null;
    throw error;
  } finally {
    wanted.release();
    lease.release();
    await countTokens(parts, { taskId: task_id, purpose: 'planning' }, used);
  }
}

// From a stored, pending task to a stored plan: the given graph as it is, or one that the planner makes. Used by the
// submit and, after a crash, by whoever takes the task over; only one of them gets to save.
import type { AgentStatus } from '../domain/agent.ts';
import type { ModelTokens } from '../domain/attempt.ts';
import type { Plan } from '../domain/plan.ts';
import { readyNotice } from '../domain/ready-notice.ts';
import type { PlanSource } from '../domain/task.ts';
import { renewPlanning, type SavedPlan, savePlan, type UnplannedTask } from '../store/tasks.ts';
import type { PlanningOutcome } from '../telemetry/control-metrics.ts';
import { inSpanOf } from '../telemetry/tracing.ts';
import { type LinkedAbort, linkedAbort } from './linked-abort.ts';
import { announce } from './notices.ts';
import type { Parts } from './parts.ts';
import { listFiles, taskFolder } from './task-files.ts';
import { countTokens } from './token-count.ts';

export type PlanningParts = Omit<Parts, 'isSchedulerAlive'>;

/** A cancelled task's model call ends within this time. */
const RENEW_MAX_MS = 2_000;

/** `not_pending`: it was cancelled, or planned by another. Rejects when the plan cannot be stored, or the service stops. */
export async function planTask(parts: PlanningParts, task: UnplannedTask): Promise<SavedPlan> {
  const attributes = { 'muster.task_id': task.id };
  const saved = await inSpanOf('task.plan', { parent: task.trace_parent, attributes }, async (span) => {
    const planned: Planned | null = task.given_plan
      ? { plan: task.given_plan, source: 'given' }
      : await askPlanner(parts, task);
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
async function askPlanner(parts: PlanningParts, task: UnplannedTask): Promise<Planned | null> {
  const lost = linkedAbort(parts.stopping);
  const stopRenewing = keepRenewing(parts, task.id, lost);
  const used: ModelTokens[] = [];
  const timed = timePlanning(parts);
  try {
    const [agents, files] = await Promise.all([listCrew(parts), attachedFiles(parts, task.id)]);
    const request = { task_id: task.id, description: task.description, files, agents };
    const planned = await parts.planner.plan(request, lost.signal, (tokens) => used.push(tokens));
    timed(planned.repaired ? 'repaired' : planned.source);
    return planned;
  } catch (error) {
    timed('abandoned');
    if (lost.signal.aborted && !parts.stopping.aborted) return null;
    throw error;
  } finally {
    stopRenewing();
    lost.release();
    await countTokens(parts, { taskId: task.id, purpose: 'planning' }, used);
  }
}

export function timePlanning({ clock, metrics }: Pick<Parts, 'clock' | 'metrics'>): (outcome: PlanningOutcome) => void {
  const startedAt = clock.now().getTime();
  return (outcome) => metrics.planned(outcome, (clock.now().getTime() - startedAt) / 1_000);
}

/** Holds the task while the model thinks, and aborts the thinking once the task is no longer pending. */
function keepRenewing(parts: PlanningParts, taskId: string, lost: LinkedAbort): () => void {
  const { planningMs } = parts.config;
  let stopped = false;
  let cancel = () => {};
  const renew = async () => {
    // A database that fails now may answer in time for the next renewal.
    const pending = await renewPlanning(parts.db, taskId, planningMs).catch(() => true);
    if (!pending) lost.abort();
    else if (!stopped) wait();
  };
  const wait = () => {
    cancel = parts.clock.after(Math.min(planningMs / 3, RENEW_MAX_MS), () => void renew());
  };
  wait();
  return () => {
    stopped = true;
    cancel();
  };
}

/** Without a registry the planner knows no crew, and its fallback still makes a plan. */
export async function listCrew({ bus, logger }: Pick<Parts, 'bus' | 'logger'>): Promise<AgentStatus[]> {
  return bus.listAgents().catch((error: unknown) => {
    logger.warn({ err: error }, 'the agent registry does not answer; planning without it');
    return [];
  });
}

async function attachedFiles({ config }: PlanningParts, taskId: string) {
  return listFiles(taskFolder(config.sharedFiles, taskId), 'input');
}

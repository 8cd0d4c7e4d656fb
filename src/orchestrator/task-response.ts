// One task as the API shows it: the stored rows, and for each subtask that waits the reason.
import type { AgentStatus } from '../domain/agent.ts';
import { AppError } from '../domain/errors.ts';
import { type WaitingReason, waitingReason } from '../domain/waiting.ts';
import type { TaskResponse } from '../protocol/api.ts';
import { getTask, type WholeTask } from '../store/task-views.ts';
import type { Parts } from './parts.ts';

/** Throws not_found. A registry that does not answer costs the reasons that need it, not the answer. */
export async function readTask(parts: Parts, taskId: string): Promise<TaskResponse> {
  const [whole, agents] = await Promise.all([findTask(parts, taskId), parts.bus.listAgents().catch(() => null)]);
  return toTaskResponse(whole, { agents, now: parts.clock.now() });
}

export async function findTask({ db }: Pick<Parts, 'db'>, taskId: string): Promise<WholeTask> {
  const whole = await getTask(db, taskId);
  if (!whole) throw unknownTask(taskId);
  return whole;
}

export function unknownTask(taskId: string): AppError {
  const message = `there is no task ${JSON.stringify(taskId.slice(0, 100))}: GET /tasks lists those that exist`;
  return new AppError('not_found', message, { field: 'task_id' });
}

export interface Surroundings {
  /** Null: not known. */
  agents: AgentStatus[] | null;
  now: Date;
}

export function toTaskResponse(whole: WholeTask, { agents, now }: Surroundings): TaskResponse {
  const { task, purse, subtasks, results } = whole;
  const done = subtasks.filter((subtask) => subtask.status === 'completed');
  const completed = new Set(done.map((subtask) => subtask.id));
  const view = { agents: agents ?? [], completed, purse, now };
  const views = subtasks.map((subtask) => ({
    ...subtask,
    waiting: agents === null ? withoutRegistry(waitingReason(subtask, view)) : waitingReason(subtask, view),
  }));
  return { task: { ...task, subtasks: views }, subtask_results: results };
}

function withoutRegistry(reason: WaitingReason | null): WaitingReason | null {
  return reason?.reason === 'no_such_agent' ? null : reason;
}

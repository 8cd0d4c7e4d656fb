// One task as the API shows it: the stored rows, and for each subtask that waits the reason.
import type { AgentStatus } from '../domain/agent.ts';
import type { Purse } from '../domain/budget.ts';
import { maskOf } from '../domain/capability.ts';
import { AppError } from '../domain/errors.ts';
import type { Subtask } from '../domain/subtask.ts';
import type { Task } from '../domain/task.ts';
import type { TaskStatus } from '../domain/transitions.ts';
import { type TaskWaiting, type WaitingReason, waitingReason } from '../domain/waiting.ts';
import type { TaskResponse } from '../protocol/api.ts';
import { getTask, getTaskStatus, type WholeTask } from '../store/task-views.ts';
import type { Parts } from './parts.ts';

/** Throws not_found. A registry that does not answer costs the reasons that need it, not the answer. */
export async function readTask(parts: Parts, taskId: string): Promise<TaskResponse> {
  const [whole, surroundings] = await Promise.all([getTask(parts.db, taskId), lookAround(parts)]);
  if (!whole) throw unknownTask(taskId);
  return toTaskResponse(whole, { ...surroundings, waiting: await whyUnplanned(parts, whole.task) });
}

/** Null for a task that has its plan, and while nobody is known to plan it. */
export async function whyUnplanned(
  { planning }: Pick<Parts, 'planning'>,
  task: Pick<Task, 'id' | 'status'>,
): Promise<TaskWaiting | null> {
  return task.status === 'pending' ? planning.board.find(task.id) : null;
}

/** Throws not_found. */
export async function findStatus({ db }: Pick<Parts, 'db'>, taskId: string): Promise<TaskStatus> {
  const status = await getTaskStatus(db, taskId);
  if (!status) throw unknownTask(taskId);
  return status;
}

export function unknownTask(taskId: string): AppError {
  const message = `there is no task ${JSON.stringify(taskId.slice(0, 100))}: the list of tasks shows those that exist`;
  return new AppError('not_found', message, { field: 'task_id' });
}

/** What a waiting reason depends on beside the task's own rows. */
export interface Surroundings {
  /** One agent for each set of capabilities; null: not known. */
  crew: Pick<AgentStatus, 'capabilities'>[] | null;
  now: Date;
}

export async function lookAround({ bus, clock }: Pick<Parts, 'bus' | 'clock'>): Promise<Surroundings> {
  const agents = await bus.listAgents().catch(() => null);
  // A thousand agents have a few sets between them, and each of thousands of subtasks is held against all of them.
  const sets = agents && new Map(agents.map((agent) => [maskOf(agent.capabilities), agent]));
  return { crew: sets && [...sets.values()], now: clock.now() };
}

function toTaskResponse(
  { task, purse, subtasks, results }: WholeTask,
  { waiting, ...surroundings }: Surroundings & { waiting: TaskWaiting | null },
): TaskResponse {
  const view = { ...task, waiting, subtasks: withReasons(subtasks, purse, surroundings) };
  return { task: view, subtask_results: results };
}

type Waiting = Parameters<typeof waitingReason>[0];

/** `subtasks` are all those of one task, `purse` is its budget. */
export function withReasons<S extends Waiting & { id: string }>(
  subtasks: readonly S[],
  purse: Purse,
  surroundings: Surroundings,
): (S & { waiting: WaitingReason | null })[] {
  const completed = completedOf(subtasks);
  return subtasks.map((subtask) => ({ ...subtask, waiting: reasonOf(subtask, { completed, purse }, surroundings) }));
}

export function completedOf(subtasks: readonly Pick<Subtask, 'id' | 'status'>[]): Set<string> {
  return new Set(subtasks.filter((subtask) => subtask.status === 'completed').map((subtask) => subtask.id));
}

export function reasonOf(
  subtask: Waiting,
  task: { completed: ReadonlySet<string>; purse: Purse },
  { crew, now }: Surroundings,
): WaitingReason | null {
  const reason = waitingReason(subtask, { agents: crew ?? [], ...task, now });
  return crew === null && reason?.reason === 'no_such_agent' ? null : reason;
}

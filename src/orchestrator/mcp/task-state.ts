// A task as the tools show it: short enough for a model's context, however large the task is.
import type { SubtaskResult } from '../../domain/attempt.ts';
import { isTaskEnded } from '../../domain/transitions.ts';
import type { TaskResponse } from '../../protocol/api.ts';
import { findListed, type ListedTask, readTaskRow } from '../../store/task-views.ts';
import type { Parts } from '../parts.ts';
import { unknownTask } from '../task-response.ts';
import type { Progress } from './tool.ts';

/** Characters of a description in a list, and of the summary of one subtask's output. */
const DESCRIPTION_SHOWN = 200;
const OUTPUT_SHOWN = 1_000;

type Counted = Pick<ListedTask, 'subtasks_total' | 'subtasks_completed' | 'subtasks_running' | 'subtasks_failed'>;

/** A row of a list. */
export function rowOf(task: ListedTask) {
  return {
    task_id: task.id,
    status: task.status,
    user_id: task.user_id,
    description: cut(task.description, DESCRIPTION_SHOWN),
    subtasks_total: task.subtasks_total,
    subtasks_completed: task.subtasks_completed,
    subtasks_running: task.subtasks_running,
    subtasks_failed: task.subtasks_failed,
    cost_usd: task.cost_usd,
    error: task.error,
    created_at: task.created_at,
    finished_at: task.finished_at,
  };
}

/** How the task stands now, with its summary once it has one. Throws not_found. */
export async function readState({ db }: Pick<Parts, 'db'>, taskId: string) {
  const [listed] = await findListed(db, [taskId]);
  if (!listed) throw unknownTask(taskId);
  const ended = isTaskEnded(listed.status);
  const row = ended ? await readTaskRow(db, taskId) : null;
  return { ...rowOf(listed), ended, summary: row?.summary ?? null };
}

export type TaskState = Awaited<ReturnType<typeof readState>>;

export function progressOf({ status, ...task }: Counted & Pick<TaskState, 'status'>): Progress {
  const { subtasks_total: planned, subtasks_completed: done } = task;
  if (status === 'pending') return { done: 0, planned: null, message: 'the task is being planned' };
  const others = (['running', 'failed'] as const)
    .filter((state) => task[`subtasks_${state}`] > 0)
    .map((state) => `, ${task[`subtasks_${state}`]} ${state}`);
  return { done, planned, message: `${done} of ${planned} subtasks completed${others.join('')}` };
}

export interface Shown {
  from: number;
  max: number;
}

/** Some of its subtasks in short, each with what came of its latest attempt or why it waits. */
export function subtasksOf({ task, subtask_results }: TaskResponse, { from, max }: Shown) {
  const results = new Map(subtask_results.map((result) => [result.subtask_id, result]));
  const subtasks = task.subtasks.slice(from, from + max).map((subtask) => ({
    subtask_id: subtask.id,
    position: subtask.position,
    description: cut(subtask.description, DESCRIPTION_SHOWN),
    status: subtask.status,
    agent_id: subtask.agent_id,
    attempt: subtask.attempt,
    waiting: subtask.waiting?.message ?? null,
    error: subtask.error && cut(subtask.error, OUTPUT_SHOWN),
    output: outputOf(results.get(subtask.id)),
  }));
  const next = from + subtasks.length;
  return { subtasks, subtasks_next: next < task.subtasks.length ? next : null };
}

/** What the agent said of it. */
function outputOf(result: SubtaskResult | TaskResponse['subtask_results'][number] | undefined): string | null {
  const summary = result?.output?.summary;
  return typeof summary === 'string' ? cut(summary, OUTPUT_SHOWN) : null;
}

function cut(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max - 1)}…`;
}

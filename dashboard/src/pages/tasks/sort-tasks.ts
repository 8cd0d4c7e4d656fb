// The order of the rows of one page. The API gives them newest first; any other order is within the page.
import { isTaskEnded } from '../../../../src/domain/transitions.ts';
import type { TaskSummary } from '../../../../src/protocol/api.ts';
import type { SortColumn, TaskListSearch } from './search.ts';

type Measure = (task: TaskSummary, now: number) => number;

const MEASURES: Record<SortColumn, Measure> = {
  progress: (task) => (task.subtasks_total === 0 ? 0 : task.subtasks_completed / task.subtasks_total),
  duration: durationMs,
  cost: (task) => task.cost_usd,
  age: (task, now) => now - Date.parse(task.created_at),
};

export function sortTasks(
  tasks: readonly TaskSummary[],
  { sort, rising }: Pick<TaskListSearch, 'sort' | 'rising'>,
  now: number,
): readonly TaskSummary[] {
  if (!sort) return tasks;
  const measure = MEASURES[sort];
  const sign = rising ? 1 : -1;
  return tasks.toSorted((a, b) => sign * (measure(a, now) - measure(b, now)));
}

/** From start to end, or to now; -1 before the start. */
function durationMs(task: TaskSummary, now: number): number {
  if (task.started_at === null) return -1;
  const end = task.finished_at ?? (isTaskEnded(task.status) ? task.updated_at : null);
  return (end === null ? now : Date.parse(end)) - Date.parse(task.started_at);
}

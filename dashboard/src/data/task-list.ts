// A page of the task list, kept in step with what happens: rows change in place, new tasks come to their place at once or,
// while the list is held still for the person, wait until they are asked for.
import type { TaskStatus } from '../../../src/domain/transitions.ts';
import type { TaskSummary } from '../../../src/protocol/api.ts';

export interface TaskFilters {
  status?: TaskStatus | undefined;
  user?: string | undefined;
  /** Looked for in the description, whatever its case, as GET /tasks does. */
  text?: string | undefined;
}

export interface TaskList {
  /** Newest first. */
  rows: readonly TaskSummary[];
  /** New tasks that are not shown yet. */
  waiting: readonly TaskSummary[];
  /** Cursor of the next page. */
  next: string | null;
}

export interface Arrival {
  filters: TaskFilters;
  /** Whether this is the first page: new tasks come to no other. */
  first: boolean;
  /** Whether rows must keep their place. */
  held: boolean;
}

export function matchesFilters(task: TaskSummary, { status, user, text }: TaskFilters): boolean {
  if (status !== undefined && task.status !== status) return false;
  if (user !== undefined && task.user_id !== user) return false;
  return text === undefined || task.description.toLowerCase().includes(text.toLowerCase());
}

export function applyTasks(list: TaskList, changed: readonly TaskSummary[], arrival: Arrival): TaskList {
  const latest = new Map(changed.map((task) => [task.id, task]));
  const renew = (task: TaskSummary) => latest.get(task.id) ?? task;
  const renewed = { ...list, rows: list.rows.map(renew), waiting: list.waiting.map(renew) };
  if (!arrival.first) return renewed;
  const known = new Set([...list.rows, ...list.waiting].map((task) => task.id));
  const arrived = [...latest.values()].filter((task) => !known.has(task.id) && belongs(list, task, arrival.filters));
  const next = { ...renewed, waiting: newestFirst([...arrived, ...renewed.waiting]) };
  return arrival.held ? next : showWaiting(next, arrival.filters);
}

/** Brings the waiting tasks into the list, and drops the rows that are none of it any more. */
export function showWaiting(list: TaskList, filters: TaskFilters): TaskList {
  const rows = [...list.waiting, ...list.rows].filter((task) => matchesFilters(task, filters));
  return { ...list, rows: newestFirst(rows), waiting: [] };
}

/** Older tasks than the last row are a later page's, if there is one. */
function belongs({ rows, next }: TaskList, task: TaskSummary, filters: TaskFilters): boolean {
  const last = rows.at(-1);
  return matchesFilters(task, filters) && (next === null || last === undefined || task.created_at > last.created_at);
}

function newestFirst(tasks: readonly TaskSummary[]): TaskSummary[] {
  return tasks.toSorted((a, b) => compare(b.created_at, a.created_at) || compare(b.id, a.id));
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

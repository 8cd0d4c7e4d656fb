// What the address of the task list holds: filters, order, and the cursors of the pages gone through, the last being the
// page that shows.
import { z } from 'zod';
import { TASK_STATUSES } from '../../../../src/domain/transitions.ts';
import { addressSpan, addressWords } from '../../data/address.ts';

export const SORT_COLUMNS = ['progress', 'duration', 'cost', 'age'] as const;
export type SortColumn = (typeof SORT_COLUMNS)[number];

export const taskListSearch = z.object({
  status: z.enum(TASK_STATUSES).optional().catch(undefined),
  user: addressWords,
  text: addressWords,
  since: addressSpan,
  sort: z.enum(SORT_COLUMNS).optional().catch(undefined),
  /** Whether the smallest comes first. */
  rising: z.literal(true).optional().catch(undefined),
  pages: z.array(z.string()).optional().catch(undefined),
});
export type TaskListSearch = z.infer<typeof taskListSearch>;

export const NO_FILTERS = { status: undefined, user: undefined, text: undefined, since: undefined };

/** Another filter begins at the first page. */
export function withFilter(search: TaskListSearch, change: Partial<TaskListSearch>): TaskListSearch {
  return { ...search, ...change, pages: undefined };
}

export function nextPage(search: TaskListSearch, cursor: string): TaskListSearch {
  return { ...search, pages: [...(search.pages ?? []), cursor] };
}

export function previousPage(search: TaskListSearch): TaskListSearch {
  const pages = search.pages?.slice(0, -1) ?? [];
  return { ...search, pages: pages.length === 0 ? undefined : pages };
}

/** A press on a column's head: falling, then rising, then the list's own order. */
export function withSort(search: TaskListSearch, column: SortColumn): TaskListSearch {
  if (search.sort !== column) return { ...search, sort: column, rising: undefined };
  if (!search.rising) return { ...search, rising: true };
  return { ...search, sort: undefined, rising: undefined };
}

export function isFiltered({ status, user, text, since }: TaskListSearch): boolean {
  return [status, user, text, since].some((value) => value !== undefined);
}

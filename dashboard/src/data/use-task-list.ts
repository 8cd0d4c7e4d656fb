// A page of the task list as a hook: read once, then kept in step by the events that the page passes on.
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { listTasksResponse, type TaskSummary } from '../../../src/protocol/api.ts';
import { apiUrl, request } from './api.ts';
import { applyTasks, showWaiting, type TaskFilters, type TaskList } from './task-list.ts';

export interface AskedTasks extends TaskFilters {
  /** Only tasks of the last so many milliseconds. */
  withinMs?: number | undefined;
  cursor?: string | undefined;
  limit: number;
}

/** A first page that grew to this many times its size is read again, since its cursor no longer follows its last row. */
const GROWTH_MAX = 3;

export function useTaskList(asked: AskedTasks) {
  const queryClient = useQueryClient();
  const queryKey = ['tasks', asked];
  const query = useQuery({
    queryKey,
    queryFn: ({ signal }) => readTasks(asked, signal),
    placeholderData: keepPreviousData,
  });
  const change = (next: (list: TaskList) => TaskList) =>
    queryClient.setQueryData<TaskList>(queryKey, (list) => list && next(list));
  return {
    query,
    apply(changed: readonly TaskSummary[], held: boolean) {
      const list = change((before) =>
        applyTasks(before, changed, { filters: asked, first: asked.cursor === undefined, held }),
      );
      if (!held && list && list.rows.length > asked.limit * GROWTH_MAX) void query.refetch();
    },
    showWaiting: () => void change((list) => showWaiting(list, asked)),
  };
}

async function readTasks(asked: AskedTasks, signal: AbortSignal): Promise<TaskList> {
  const { status, user, text, withinMs, cursor, limit } = asked;
  const created_after = withinMs === undefined ? undefined : new Date(Date.now() - withinMs).toISOString();
  const url = apiUrl(['tasks'], { status, user_id: user, text, created_after, cursor, limit });
  const { tasks, next_cursor } = await request({ url, schema: listTasksResponse, signal });
  return { rows: tasks, waiting: [], next: next_cursor };
}

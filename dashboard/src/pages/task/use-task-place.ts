// Where one is on the page of a task, as its address says: view, selection, filters. Changing it changes the address.
import { getRouteApi } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';
import type { TaskGraphResponse } from '../../../../src/protocol/dashboard-api.ts';
import type { Sort, TaskSearch, TaskView } from './search.ts';
import type { Selection } from './selection.ts';

const route = getRouteApi('/tasks/$taskId');

export interface TaskPlace {
  search: TaskSearch;
  view: TaskView;
  selection: Selection;
  change: (change: Partial<TaskSearch>) => void;
  /** The same column again turns the order round. */
  sortBy: (sort: Sort) => void;
}

export function useTaskPlace(graph: TaskGraphResponse | undefined): TaskPlace {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const change = useCallback(
    (next: Partial<TaskSearch>) => {
      // Another view is a step one can go back from; typing and selecting is not.
      const replace = next.view === undefined;
      void navigate({ search: (before) => ({ ...before, ...next }), replace, resetScroll: false });
    },
    [navigate],
  );
  const node = graph?.nodes.find((one) => one.id === search.subtask) ?? null;
  const selection = useMemo<Selection>(
    () => ({
      node,
      position: node?.position ?? null,
      select: (subtask) => change({ subtask }),
      clear: () => change({ subtask: undefined, show: undefined }),
    }),
    [node, change],
  );
  const sortBy = (sort: Sort) => change({ sort, descending: search.sort === sort && !search.descending });
  return { search, view: search.view ?? 'graph', selection, change, sortBy };
}

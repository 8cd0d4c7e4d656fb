// Tasks: which tasks are there, and what becomes of them. Live: rows change in place; new ones come on top, unless that
// would move what the person looks at.
import { getRouteApi, Link } from '@tanstack/react-router';
import { ArrowUp, Plus } from 'lucide-react';
import { useRef } from 'react';
import { SPANS } from '../../data/address.ts';
import { useLiveFeed } from '../../data/live-feed.ts';
import { useTaskList } from '../../data/use-task-list.ts';
import { buttonClasses } from '../../design/button.tsx';
import { Failed } from '../../design/states.tsx';
import { plural } from '../../format/amount.ts';
import { Page } from '../../shell/page.tsx';
import { useShortcuts } from '../../shell/shortcuts.ts';
import { BulkBar } from './bulk-bar.tsx';
import { focusedTask, moveFocus } from './row-keys.ts';
import { isFiltered, NO_FILTERS, nextPage, previousPage, type TaskListSearch, withFilter, withSort } from './search.ts';
import { type Selection, useSelection } from './selection.ts';
import { sortTasks } from './sort-tasks.ts';
import { TaskFilters } from './task-filters.tsx';
import { NoTasks, Pager, TasksLoading } from './task-list-states.tsx';
import { TaskRows } from './task-rows.tsx';

const PAGE_ROWS = 50;
/** Scrolled further than this, a person is reading. */
const SCROLLED_PX = 120;

const route = getRouteApi('/tasks');

export function TasksPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const go = (next: TaskListSearch, replace = false) => void navigate({ search: next, replace, resetScroll: !replace });
  const field = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const tasks = useTaskList(askedBy(search));
  const rows = sortTasks(tasks.query.data?.rows ?? [], search, Date.now());
  const selection = useSelection(rows);
  const held = () => isHeld(list.current, selection);
  useLiveFeed({
    onTasks: (changed) => tasks.apply(changed, held()),
    onHello: () => void tasks.query.refetch(),
  });
  useTaskKeys({ list: () => list.current, field: () => field.current, selection });
  const settle = () => {
    if (!held()) tasks.showWaiting();
  };
  return (
    <Page title="Tasks" actions={<NewTaskLink />}>
      <TaskFilters search={search} onChange={(change) => go(withFilter(search, change), true)} field={field} />
      <WaitingPill count={tasks.query.data?.waiting.length ?? 0} onShow={tasks.showWaiting} />
      <div
        ref={list}
        onPointerLeave={settle}
        aria-busy={tasks.query.isPlaceholderData}
        className="overflow-clip rounded-lg border bg-surface transition-opacity aria-busy:opacity-60"
      >
        <Content tasks={tasks} rows={rows} selection={selection} search={search} go={go} />
      </div>
      {rows.length > 0 && (
        <Pager
          shown={rows.length}
          page={(search.pages?.length ?? 0) + 1}
          sorted={search.sort !== undefined}
          onPrevious={() => go(previousPage(search))}
          onNext={furtherOf(tasks, search, go)}
        />
      )}
      <BulkBar selection={selection} />
    </Page>
  );
}

type Go = (next: TaskListSearch, replace?: boolean) => void;

function askedBy({ status, user, text, since, pages }: TaskListSearch) {
  return { status, user, text, withinMs: since && SPANS[since].ms, cursor: pages?.at(-1), limit: PAGE_ROWS };
}

/** Goes to the next page; null when there is none. */
function furtherOf(tasks: ReturnType<typeof useTaskList>, search: TaskListSearch, go: Go): (() => void) | null {
  const next = tasks.query.data?.next ?? null;
  return next === null ? null : () => go(nextPage(search, next));
}

/** Whether a change of places would disturb: somebody points at the rows, reads further down, or has selected some. */
function isHeld(list: HTMLElement | null, selection: Selection): boolean {
  const pointed = matchMedia('(hover: hover)').matches && list?.matches(':hover');
  return pointed || window.scrollY > SCROLLED_PX || selection.ids.size > 0;
}

interface ContentProps {
  tasks: ReturnType<typeof useTaskList>;
  rows: ReturnType<typeof sortTasks>;
  selection: Selection;
  search: TaskListSearch;
  go: Go;
}

function Content({ tasks, rows, selection, search, go }: ContentProps) {
  const { query } = tasks;
  if (query.isError && !query.data) return <Failed error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <TasksLoading />;
  if (rows.length === 0) {
    return (
      <NoTasks
        filtered={isFiltered(search)}
        onFurther={furtherOf(tasks, search, go)}
        onClear={() => go(withFilter(search, NO_FILTERS), true)}
      />
    );
  }
  return (
    <TaskRows
      tasks={rows}
      selection={selection}
      search={search}
      onSort={(column) => go(withSort(search, column), true)}
      onUser={(user) => go(withFilter(search, { user }), true)}
    />
  );
}

interface TaskKeys {
  list: () => HTMLElement | null;
  field: () => HTMLInputElement | null;
  selection: Selection;
}

function useTaskKeys({ list, field, selection }: TaskKeys): void {
  useShortcuts('Tasks', [
    { keys: 'j', words: 'Next task', run: () => moveFocus(list(), 1) },
    { keys: 'k', words: 'Previous task', run: () => moveFocus(list(), -1) },
    {
      keys: 'x',
      words: 'Select the task',
      run: () => {
        const id = focusedTask();
        if (id) selection.toggle(id);
      },
    },
    { keys: 'f', words: 'Search', run: () => field()?.focus() },
    { keys: '/', words: 'Search', run: () => field()?.focus() },
    { keys: 'Escape', words: 'Clear the selection', run: selection.clear },
  ]);
}

function NewTaskLink() {
  return (
    <Link to="/new" className={buttonClasses('primary')}>
      <Plus aria-hidden size={14} />
      New task
    </Link>
  );
}

function WaitingPill({ count, onShow }: { count: number; onShow: () => void }) {
  const show = () => {
    window.scrollTo({ top: 0 });
    onShow();
  };
  return (
    <div role="status" className="sticky top-14 z-10 flex h-0 justify-center">
      {count > 0 && (
        <button
          type="button"
          onClick={show}
          className="flex h-7 translate-y-1.5 items-center gap-1.5 rounded-full bg-accent px-3 text-xs font-medium text-on-accent shadow-pop"
        >
          <ArrowUp aria-hidden size={12} />
          {plural(count, 'new task')}
        </button>
      )}
    </div>
  );
}

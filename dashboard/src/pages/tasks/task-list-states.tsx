// The task list when there are no rows to show, and its pager.
import { Link } from '@tanstack/react-router';
import { ChevronLeft, ChevronRight, ListChecks, SearchX } from 'lucide-react';
import { Button, buttonClasses } from '../../design/button.tsx';
import { Empty, Loading, Skeleton } from '../../design/states.tsx';

const SKELETON_ROWS = ['w-3/5', 'w-2/5', 'w-4/5', 'w-1/2', 'w-2/3', 'w-2/5', 'w-3/5', 'w-1/2'];

export function TasksLoading() {
  return (
    <Loading what="tasks">
      {SKELETON_ROWS.map((width, nth) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the rows never move
        <div key={nth} className="flex h-10.5 items-center gap-6 border-b px-4 last:border-b-0">
          <Skeleton className="h-4 w-22 shrink-0" />
          <div className="grow">
            <Skeleton className={`h-3.5 ${width}`} />
          </div>
          <Skeleton className="hidden h-3.5 w-28 shrink-0 sm:block" />
          <Skeleton className="h-3.5 w-14 shrink-0" />
        </div>
      ))}
    </Loading>
  );
}

interface NoTasksProps {
  filtered: boolean;
  /** The look ended before the list did: goes on where it ended. */
  onFurther: (() => void) | null;
  onClear: () => void;
}

export function NoTasks({ filtered, onFurther, onClear }: NoTasksProps) {
  if (onFurther) {
    return (
      <Empty icon={SearchX} title="Nothing found so far">
        <p>Only a part of the list was searched.</p>
        <Button className="mt-3" onClick={onFurther}>
          Search older tasks
        </Button>
      </Empty>
    );
  }
  if (filtered) {
    return (
      <Empty icon={SearchX} title="No task matches these filters">
        <Button className="mt-1" onClick={onClear}>
          Clear filters
        </Button>
      </Empty>
    );
  }
  return (
    <Empty icon={ListChecks} title="No tasks yet">
      <p>Say in plain language what should be done: the crew plans it and runs it while you watch.</p>
      <Link to="/new" className={`${buttonClasses('primary')} mt-3`}>
        New task
      </Link>
    </Empty>
  );
}

interface PagerProps {
  shown: number;
  page: number;
  sorted: boolean;
  onPrevious: () => void;
  /** Null on the last page. */
  onNext: (() => void) | null;
}

export function Pager({ shown, page, sorted, onPrevious, onNext }: PagerProps) {
  return (
    <nav aria-label="Pages of the list" className="mt-3 flex items-center justify-between gap-3">
      <p className="nums text-xs text-ink-3">
        Page {page}, {shown} tasks{sorted && '; sorted within this page'}
      </p>
      <div className="flex gap-2">
        <Button disabled={page === 1} onClick={onPrevious}>
          <ChevronLeft aria-hidden size={14} />
          Newer
        </Button>
        <Button disabled={onNext === null} onClick={onNext ?? undefined}>
          Older
          <ChevronRight aria-hidden size={14} />
        </Button>
      </div>
    </nav>
  );
}

// The box of the log: loading, failed, empty, or the lines with what stands below the last of them.
import { ScrollText, SearchX } from 'lucide-react';
import type { RefObject } from 'react';
import { LINES_KEPT, type LogBuffer } from '../../data/log-buffer.ts';
import { Button } from '../../design/button.tsx';
import { Empty, Failed, Loading, Skeleton } from '../../design/states.tsx';
import { plural } from '../../format/amount.ts';
import type { Narrow } from './log-details.tsx';
import { LogList } from './log-list.tsx';
import { isNarrowed, isTail, type LogSearch, NO_LOG_FILTERS } from './search.ts';
import type { Logs } from './use-logs.ts';

interface LogContentProps {
  scroller: RefObject<HTMLDivElement | null>;
  logs: Logs;
  search: LogSearch;
  open: ReadonlySet<number>;
  onToggle: (id: number) => void;
  onNarrow: Narrow;
  onScroll: () => void;
}

export function LogContent({ scroller, logs, search, open, onToggle, onNarrow, onScroll }: LogContentProps) {
  const { query, older } = logs;
  if (query.isError && !query.data) return <Failed error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return <LinesLoading />;
  if (query.data.lines.length === 0) return <NoLines logs={logs} search={search} onNarrow={onNarrow} />;
  return (
    <LogList
      scroller={scroller}
      lines={query.data.lines}
      open={open}
      onToggle={onToggle}
      onNarrow={onNarrow}
      onNearEnd={older.read}
      onScroll={onScroll}
    >
      <End buffer={query.data} older={older} />
    </LogList>
  );
}

function End({ buffer, older }: { buffer: LogBuffer; older: Logs['older'] }) {
  const count = plural(buffer.lines.length, 'line');
  return (
    <div className="flex min-h-11 items-center justify-center gap-3 px-4 py-2 text-center text-xs text-ink-3">
      {buffer.isFull && `This page keeps ${LINES_KEPT.toLocaleString('en')} lines. Narrow the time to see older ones.`}
      {!buffer.isFull && buffer.next === null && `${count}: these are all.`}
      {buffer.next !== null && (
        <Button size="small" disabled={older.isReading} onClick={older.read}>
          {older.isReading ? 'Reading older lines' : 'Older lines'}
        </Button>
      )}
    </div>
  );
}

function NoLines({ logs, search, onNarrow }: Pick<LogContentProps, 'logs' | 'search' | 'onNarrow'>) {
  if (logs.query.data?.next) {
    return (
      <Empty icon={SearchX} title="Nothing found so far">
        <p>Only the newest part of the log was searched.</p>
        <Button className="mt-3" disabled={logs.older.isReading} onClick={logs.older.read}>
          Search older lines
        </Button>
      </Empty>
    );
  }
  if (isNarrowed(search)) {
    return (
      <Empty icon={SearchX} title="No line matches these filters">
        {isTail(search) && <p>Lines that do appear here as agents write them.</p>}
        <Button className="mt-3" onClick={() => onNarrow(NO_LOG_FILTERS)}>
          Clear filters
        </Button>
      </Empty>
    );
  }
  return (
    <Empty icon={ScrollText} title="Nothing was said yet">
      Lines appear here as soon as an agent works on a subtask.
    </Empty>
  );
}

const WIDTHS = ['w-2/3', 'w-1/2', 'w-3/4', 'w-2/5', 'w-3/5', 'w-1/2', 'w-4/5', 'w-1/3'];

function LinesLoading() {
  return (
    <Loading what="the log">
      {WIDTHS.map((width, nth) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the rows never move
        <div key={nth} className="flex h-7 items-center gap-3 border-b px-3">
          <Skeleton className="h-3 w-20 shrink-0" />
          <Skeleton className="h-3 w-12 shrink-0" />
          <Skeleton className={`h-3 ${width}`} />
        </div>
      ))}
    </Loading>
  );
}

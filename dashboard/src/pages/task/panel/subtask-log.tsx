// The log of the selected subtask, followed to its end: what the model says and which tools it calls. Following stops when
// one scrolls up, and goes on at the end.
import { useVirtualizer } from '@tanstack/react-virtual';
import { ScrollText } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { isSubtaskEnded } from '../../../../../src/domain/transitions.ts';
import type { GraphNode } from '../../../../../src/protocol/dashboard-api.ts';
import { Button } from '../../../design/button.tsx';
import { Empty, Failed, Loading, Skeleton } from '../../../design/states.tsx';
import { LogEntry } from './log-entry.tsx';
import { type LogLine, useLogLines } from './log-lines.ts';

const LINE_PX = 44;
/** Closer to the end than this counts as the end. */
const END_PX = 40;

export function SubtaskLog({ taskId, node }: { taskId: string; node: GraphNode }) {
  const isOpen = !isSubtaskEnded(node.status);
  const { query, lines } = useLogLines({ taskId, subtaskId: node.id, isOpen });
  if (query.isError) return <Failed error={query.error} onRetry={() => void query.refetch()} />;
  if (query.isPending) {
    return (
      <Loading what="the log">
        <Skeleton className="m-4 h-4 w-2/3" />
      </Loading>
    );
  }
  if (lines.length === 0) {
    return (
      <Empty icon={ScrollText} title="Nothing was said yet">
        {isOpen ? 'Lines appear here as soon as an agent works on it.' : 'No attempt wrote a line.'}
      </Empty>
    );
  }
  return (
    <>
      {query.hasNextPage && (
        <div className="border-b px-4 py-1.5">
          <Button size="small" disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            Earlier lines
          </Button>
        </div>
      )}
      <Lines lines={lines} />
    </>
  );
}

function Lines({ lines }: { lines: readonly LogLine[] }) {
  const scroller = useRef<HTMLDivElement>(null);
  const [follows, setFollows] = useState(true);
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE_PX,
    getItemKey: (nth) => lines[nth]?.id ?? nth,
    overscan: 10,
  });
  useEffect(() => {
    if (follows && lines.length > 0) virtual.scrollToIndex(lines.length - 1, { align: 'end' });
  }, [follows, lines.length, virtual]);
  const look = () => {
    const box = scroller.current;
    if (box) setFollows(box.scrollHeight - box.scrollTop - box.clientHeight < END_PX);
  };
  return (
    <div
      ref={scroller}
      role="log"
      aria-label="Log of the subtask"
      aria-live={follows ? 'polite' : 'off'}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
      tabIndex={0}
      onScroll={look}
      className="min-h-0 grow overflow-y-auto outline-offset-[-2px]"
    >
      <div className="relative" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => {
          const line = lines[item.index];
          return (
            <div
              key={item.key}
              ref={virtual.measureElement}
              data-index={item.index}
              className="absolute inset-x-0"
              style={{ transform: `translateY(${item.start}px)` }}
            >
              {line && <LogEntry line={line} />}
            </div>
          );
        })}
      </div>
    </div>
  );
}

// The task as a timeline: a row for each subtask, a bar for each attempt and for each wait. The selected row shows by lines
// for which dependencies it waited.
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, useEffect, useRef } from 'react';
import { isTaskEnded } from '../../../../../src/domain/transitions.ts';
import type { TaskGraphResponse } from '../../../../../src/protocol/dashboard-api.ts';
import { useNow } from '../../../design/time.tsx';
import { formatDuration } from '../../../format/time.ts';
import type { Selection } from '../selection.ts';
import { marksOf, type Row, type Timeline, timelineOf } from './bars.ts';
import { DependencyLines } from './dependency-lines.tsx';
import { Legend } from './legend.tsx';
import { ROW_PX, TimelineRow } from './timeline-row.tsx';

const MARKS = 6;
/** Marks closer to the end have no room for their words. */
const SCALE_END = 0.94;

interface TimelineViewProps {
  graph: TaskGraphResponse;
  selection: Selection;
  matches: (position: number) => boolean;
}

export function TimelineView({ graph, selection, matches }: TimelineViewProps) {
  const now = useNow(!isTaskEnded(graph.task.status));
  const timeline = timelineOf(graph, now);
  const rows = timeline.rows.filter((row) => matches(row.node.position));
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
  });
  const selected = rows.findIndex((row) => row.node.position === selection.position);
  useEffect(() => {
    if (selected >= 0) virtual.scrollToIndex(selected, { align: 'auto' });
  }, [selected, virtual]);
  return (
    <div className="flex h-full flex-col">
      <Scale timeline={timeline} />
      <div
        ref={scroller}
        role="listbox"
        aria-label="Timeline of the subtasks"
        aria-activedescendant={selected >= 0 ? `row-${rows[selected]?.node.position}` : undefined}
        tabIndex={0}
        onKeyDown={(event) => walk(event, { rows, selected, selection })}
        className="min-h-0 grow overflow-y-auto outline-offset-[-2px]"
      >
        <div className="relative" style={{ height: virtual.getTotalSize() }}>
          <DependencyLines timeline={timeline} rows={rows} selected={selected} />
          {virtual.getVirtualItems().map((item) => (
            <TimelineRow
              key={item.key}
              row={rows[item.index]}
              top={item.start}
              timeline={timeline}
              isSelected={item.index === selected}
              onSelect={selection.select}
            />
          ))}
        </div>
      </div>
      <Legend />
    </div>
  );
}

function Scale({ timeline: { from, to } }: { timeline: Timeline }) {
  const length = to - from;
  return (
    <div aria-hidden className="flex h-7 shrink-0 border-b text-2xs text-ink-3">
      <div className="w-28 shrink-0 border-r sm:w-64" />
      <div className="relative mr-3 grow">
        {marksOf(length, MARKS)
          .filter((mark) => mark < SCALE_END * length)
          .map((mark) => (
            <span
              key={mark}
              className="nums absolute inset-y-0 flex items-center border-l pl-1 whitespace-nowrap"
              style={{ left: `${(100 * mark) / length}%` }}
            >
              {mark === 0 ? '0' : formatDuration(mark)}
            </span>
          ))}
      </div>
    </div>
  );
}

interface Walking {
  rows: readonly Row[];
  selected: number;
  selection: Selection;
}

function walk(event: KeyboardEvent, { rows, selected, selection }: Walking): void {
  const by = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
  if (by === 0) return;
  event.preventDefault();
  const next = rows[Math.min(rows.length - 1, Math.max(0, selected + by))];
  if (next) selection.select(next.node.id);
}

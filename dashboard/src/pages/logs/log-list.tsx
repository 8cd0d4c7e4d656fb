// The lines, newest first. Only what shows is in the document, so that 100,000 lines scroll as smoothly as ten; older ones
// are read as the end comes near.
import { useVirtualizer, type Virtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type ReactNode, type RefObject, useCallback, useEffect } from 'react';
import type { LogLine } from '../../data/log-buffer.ts';
import { useNarrow } from '../../design/media.ts';
import type { Narrow } from './log-details.tsx';
import { LogRow } from './log-row.tsx';

const LINE_PX = 29;
const STACKED_LINE_PX = 53;
/** Older lines are asked for when fewer than this are left below. */
const AHEAD = 50;

interface LogListProps {
  scroller: RefObject<HTMLDivElement | null>;
  lines: readonly LogLine[];
  open: ReadonlySet<number>;
  onToggle: (id: number) => void;
  onNarrow: Narrow;
  onNearEnd: () => void;
  onScroll: () => void;
  /** Stands below the last line. */
  children: ReactNode;
}

export function LogList({ scroller, lines, onNearEnd, onScroll, children, ...row }: LogListProps) {
  const isNarrow = useNarrow();
  // Another function would have all places worked out anew, at each frame of scrolling.
  const getItemKey = useCallback((nth: number) => lines[nth]?.id ?? nth, [lines]);
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => (isNarrow ? STACKED_LINE_PX : LINE_PX),
    getItemKey,
    overscan: 12,
  });
  useNearEnd(virtual, lines.length, onNearEnd);
  return (
    <section
      ref={scroller}
      aria-label="Log"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
      tabIndex={0}
      onScroll={onScroll}
      className="min-h-0 grow overflow-y-auto outline-offset-[-2px] [overflow-anchor:none]"
    >
      <ol
        aria-label="Log lines, newest first"
        className="relative"
        style={{ height: virtual.getTotalSize() }}
        onKeyDown={moveFocus}
      >
        {virtual.getVirtualItems().map((item) => (
          <li
            key={item.key}
            ref={virtual.measureElement}
            data-index={item.index}
            aria-setsize={lines.length}
            aria-posinset={item.index + 1}
            className="absolute inset-x-0"
            style={{ transform: `translateY(${item.start}px)` }}
          >
            <Line line={lines[item.index]} {...row} />
          </li>
        ))}
      </ol>
      {children}
    </section>
  );
}

interface LineProps extends Pick<LogListProps, 'open' | 'onToggle' | 'onNarrow'> {
  line: LogLine | undefined;
}

function Line({ line, open, onToggle, onNarrow }: LineProps) {
  return line && <LogRow line={line} isOpen={open.has(line.id)} onToggle={onToggle} onNarrow={onNarrow} />;
}

/** Once for each number of lines: a page in which nothing was found does not ask for the next one by itself. */
function useNearEnd(virtual: Virtualizer<HTMLDivElement, Element>, count: number, work: () => void): void {
  const last = virtual.getVirtualItems().at(-1)?.index ?? 0;
  const isNear = count > 0 && last >= count - AHEAD;
  // biome-ignore lint/correctness/useExhaustiveDependencies: `work` is another function at each render.
  useEffect(() => {
    if (isNear) work();
  }, [isNear, count]);
}

function moveFocus(event: KeyboardEvent<HTMLElement>): void {
  const step = STEPS[event.key];
  const row = document.activeElement?.closest('li');
  if (step === undefined || !row || !document.activeElement?.matches('[data-line]')) return;
  const target = row.parentElement?.querySelector<HTMLElement>(
    `li[data-index="${Number(row.dataset.index) + step}"] [data-line]`,
  );
  event.preventDefault();
  target?.focus();
}

const STEPS: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1 };

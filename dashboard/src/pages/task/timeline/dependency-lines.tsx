// Lines from the dependencies of the selected row to it, at the instant each of them ended: the last is what it waited for.
import { classes } from '../../../design/classes.ts';
import type { Row, Timeline } from './bars.ts';
import { ROW_PX } from './timeline-row.tsx';

interface LinesProps {
  timeline: Timeline;
  /** The rows that are shown, in order. */
  rows: readonly Row[];
  selected: number;
}

export function DependencyLines({ timeline: { from, to }, rows, selected }: LinesProps) {
  const row = rows[selected];
  if (!row) return null;
  const wanted = new Set(row.node.dependencies);
  const ends = rows.flatMap(({ node }, nth) => {
    if (!wanted.has(node.position) || !node.finished_at) return [];
    return [{ nth, position: node.position, at: Date.parse(node.finished_at) }];
  });
  return (
    <div aria-hidden className="pointer-events-none absolute inset-y-0 right-3 left-28 z-10 sm:left-64">
      {ends.map(({ nth, position, at }) => (
        <span
          key={position}
          className={classes(
            'absolute w-0 border-l',
            position === row.waitedFor ? 'border-accent' : 'border-dashed border-ink-3',
          )}
          style={{
            left: `${(100 * (at - from)) / (to - from)}%`,
            top: (Math.min(nth, selected) + 0.5) * ROW_PX,
            height: Math.abs(selected - nth) * ROW_PX,
          }}
        />
      ))}
    </div>
  );
}

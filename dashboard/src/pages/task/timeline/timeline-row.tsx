// One row of the timeline: the subtask's name, then its bars.
import type { GraphNode } from '../../../../../src/protocol/dashboard-api.ts';
import { classes } from '../../../design/classes.ts';
import { LookIcon, SUBTASK_LOOKS, type Tone } from '../../../design/status.tsx';
import { formatDuration } from '../../../format/time.ts';
import type { Bar, BarKind, Row, Timeline } from './bars.ts';

export const ROW_PX = 30;

const KIND_CLASSES: Record<BarKind, string> = {
  waiting: 'top-[14px] h-0.5 bg-line-strong',
  queued: 'tone-cyan top-[9px] h-3 rounded-sm tinted-strong',
  'backing off': 'tone-amber top-[9px] h-3 rounded-sm tinted-strong',
  running: 'top-[7px] h-4 rounded-sm bg-fill',
};

const OUTCOME_TONES: Record<NonNullable<Bar['outcome']>, Tone> = {
  running: 'blue',
  completed: 'green',
  failed: 'red',
  released: 'grey',
  cancelled: 'grey',
};

interface TimelineRowProps {
  row: Row | undefined;
  top: number;
  timeline: Timeline;
  isSelected: boolean;
  onSelect: (subtaskId: string) => void;
}

export function TimelineRow({ row, top, timeline, isSelected, onSelect }: TimelineRowProps) {
  if (!row) return null;
  const { node } = row;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the list around it takes the keys.
    <div
      id={`row-${node.position}`}
      role="option"
      aria-selected={isSelected}
      aria-label={wordsFor(row)}
      tabIndex={-1}
      onClick={() => onSelect(node.id)}
      className={classes(
        'absolute inset-x-0 flex cursor-pointer items-stretch border-b',
        isSelected ? 'tone-accent tinted' : 'hover:bg-hover',
      )}
      style={{ top, height: ROW_PX }}
    >
      <Name node={node} />
      <div className="relative mr-3 grow">
        {row.bars.map((bar) => (
          <BarMark key={`${bar.kind}${bar.attempt}`} bar={bar} timeline={timeline} />
        ))}
      </div>
    </div>
  );
}

function Name({ node }: { node: GraphNode }) {
  return (
    <div className="flex w-28 shrink-0 items-center gap-1.5 border-r pr-2 pl-3 text-xs sm:w-64">
      <LookIcon look={SUBTASK_LOOKS[node.status]} />
      <span className="nums shrink-0 text-ink-3">#{node.position}</span> <span className="truncate">{node.title}</span>
    </div>
  );
}

function BarMark({ bar, timeline: { from, to } }: { bar: Bar; timeline: Timeline }) {
  const percent = (ms: number) => (100 * ms) / (to - from);
  const length = bar.to - bar.from;
  const tone = bar.outcome ? `tone-${OUTCOME_TONES[bar.outcome]}` : '';
  const words = `${bar.attempt === null ? '' : `Attempt ${bar.attempt}: `}${bar.outcome ?? bar.kind} ${formatDuration(length)}`;
  return (
    <span
      title={words}
      className={classes('absolute min-w-[3px]', KIND_CLASSES[bar.kind], tone)}
      style={{ left: `${percent(bar.from - from)}%`, width: `${percent(length)}%` }}
    />
  );
}

function wordsFor({ node, bars, waitedFor }: Row): string {
  const parts = bars.map((bar) => `${bar.outcome ?? bar.kind} ${formatDuration(bar.to - bar.from)}`);
  const waited = waitedFor === null ? '' : `, waited for #${waitedFor}`;
  return `#${node.position} ${node.title}: ${parts.join(', ')}${waited}`;
}

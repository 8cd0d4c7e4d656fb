// One line: its gist in one row, in full with what belongs to it when opened. Whatever it says is text, never markup.
import { ChevronRight } from 'lucide-react';
import { memo } from 'react';
import type { LogLine } from '../../data/log-buffer.ts';
import { classes } from '../../design/classes.ts';
import { formatClock, formatInstant } from '../../format/time.ts';
import { LevelWord } from './level.tsx';
import { LogDetails, type Narrow } from './log-details.tsx';

/** As much of a message as one row can show on any screen. */
const GIST = 400;

const TINTS: Partial<Record<LogLine['level'], string>> = { WARN: 'tone-amber tinted', ERROR: 'tone-red tinted' };

interface LogRowProps {
  line: LogLine;
  isOpen: boolean;
  onToggle: (id: number) => void;
  onNarrow: Narrow;
}

/** Remembered: a frame of scrolling draws the lines that came into sight, not all of them. */
export const LogRow = memo(function LogRow({ line, isOpen, onToggle, onNarrow }: LogRowProps) {
  return (
    <div
      className={classes(
        'border-b font-mono text-xs [font-variant-ligatures:none]',
        isOpen ? 'bg-sunken' : TINTS[line.level],
      )}
    >
      <button
        type="button"
        data-line
        aria-expanded={isOpen}
        onClick={() => onToggle(line.id)}
        className="flex w-full items-start gap-2 px-3 py-1 text-left leading-5 outline-offset-[-2px] hover:bg-hover max-sm:py-1.5"
      >
        <ChevronRight
          aria-hidden
          size={12}
          className={classes('mt-1 shrink-0 text-ink-3 transition-transform', isOpen && 'rotate-90')}
        />
        <span className="flex min-w-0 grow flex-wrap gap-x-3 sm:flex-nowrap">
          <time dateTime={line.time} title={formatInstant(line.time)} className="nums shrink-0 text-ink-3">
            {formatClock(line.time)}
            <span className="max-sm:hidden">.{line.time.slice(20, 23)}</span>
          </time>
          <span className="w-16 shrink-0">
            <LevelWord level={line.level} />
          </span>
          <span className="shrink-0 truncate text-ink-2 sm:w-20">{line.agent_id}</span>
          <span
            className={classes(
              'min-w-0 grow truncate max-sm:w-full',
              line.level === 'DEBUG' ? 'text-ink-2' : 'text-ink',
            )}
          >
            {line.message.slice(0, GIST)}
          </span>
        </span>
      </button>
      {isOpen && <LogDetails line={line} onNarrow={onNarrow} />}
    </div>
  );
});

// One line of a subtask's log. What the model says is text; calls of tools and their answers are code, cut until opened.
import { Bot, type LucideIcon, TriangleAlert, Wrench } from 'lucide-react';
import { classes } from '../../../design/classes.ts';
import { formatClock, formatInstant } from '../../../format/time.ts';
import type { LogLine } from './log-lines.ts';

const LONG = 320;

export function LogEntry({ line }: { line: LogLine }) {
  const { icon: Icon, tone, isCode } = lookOf(line);
  return (
    <div className={classes(tone, 'flex gap-2 border-b px-4 py-1.5 text-xs')}>
      <Icon aria-hidden size={13} className="mt-0.5 shrink-0 text-tone" />
      <div className="min-w-0 grow">
        <Message text={line.message} isCode={isCode} isQuiet={line.level === 'DEBUG'} />
      </div>
      <time dateTime={line.time} title={formatInstant(line.time)} className="nums shrink-0 text-2xs text-ink-3">
        {formatClock(line.time)}
      </time>
    </div>
  );
}

interface MessageProps {
  text: string;
  isCode: boolean;
  isQuiet: boolean;
}

function Message({ text, isCode, isQuiet }: MessageProps) {
  const look = classes('whitespace-pre-wrap', isCode && 'font-mono text-2xs', isQuiet ? 'text-ink-3' : 'text-ink');
  if (text.length <= LONG) return <p className={look}>{text}</p>;
  return (
    <details className="group">
      <summary className={classes(look, 'list-none')}>
        <span className="group-open:hidden">{text.slice(0, LONG)}… </span>
        <span className="text-accent-ink group-open:hidden">more</span>
        <span className="hidden text-accent-ink group-open:inline">less</span>
      </summary>
      <p className={look}>{text}</p>
    </details>
  );
}

function lookOf({ level, metadata }: LogLine): { icon: LucideIcon; tone: string; isCode: boolean } {
  const isCode = metadata.kind === 'tool_call' || metadata.kind === 'tool_result';
  if (level === 'ERROR') return { icon: TriangleAlert, tone: 'tone-red', isCode };
  if (level === 'WARN') return { icon: TriangleAlert, tone: 'tone-amber', isCode };
  if (isCode) return { icon: Wrench, tone: 'tone-cyan', isCode };
  return { icon: Bot, tone: metadata.kind === 'text' ? 'tone-accent' : 'tone-grey', isCode };
}

// How a task looks while it runs: a head line with a progress bar, then a line a subtask. Pure: a task's view and the
// time in, lines out. What a finished task produced is shown by task-report.ts.
import type { SubtaskView, TaskView } from '../protocol/client.ts';
import type { Io } from './io.ts';
import { type Column, table } from './table.ts';
import { cut, duration } from './text.ts';

type Colors = Io['colors'];
type Status = SubtaskView['status'] | TaskView['status'];

export interface Layout {
  colors: Colors;
  now: Date;
  /** Columns to stay within; may be Infinity. */
  width: number;
  /** Lines to stay within; may be Infinity. */
  height: number;
}

const MARKS: Record<Status, string> = {
  pending: '·',
  ready: '○',
  running: '●',
  in_progress: '●',
  completed: '✓',
  failed: '✗',
  blocked: '⊘',
  cancelled: '–',
};

const BAR_COLUMNS = 20;

/** Shown first when not every subtask fits: what happens now, then what went wrong, then what comes. */
const URGENCY: readonly Status[] = ['running', 'failed', 'ready', 'blocked', 'pending', 'cancelled', 'completed'];

export function taskLines(task: TaskView, layout: Layout): string[] {
  const head = headLine(task, layout);
  const room = Math.max(1, layout.height - 1);
  if (task.subtasks.length <= room) return [head, ...subtaskLines(task.subtasks, layout)];
  const shown = mostUrgent(task.subtasks, room - 1);
  const rest = layout.colors.dim(cut(`  … and ${task.subtasks.length - shown.length} more`, layout.width));
  return [head, ...subtaskLines(shown, layout), rest];
}

/** The line of one subtask, for output that only ever grows. */
export function subtaskLine(subtask: SubtaskView, layout: Layout): string {
  return subtaskLines([subtask], layout)[0] ?? '';
}

/** How the task as a whole stands. */
export function headLine(task: TaskView, { colors, now, width }: Layout): string {
  const done = task.subtasks.filter((subtask) => subtask.status === 'completed').length;
  const count = task.subtasks.length;
  const words = count === 0 ? (task.waiting?.message ?? 'planning') : `${done} of ${count} done`;
  const text = `${task.id}  ${task.status.replace('_', ' ')}  ${words}  ${duration(secondsOf(task, now))}`;
  const bar = progressBar(done, count);
  const fits = width >= BAR_COLUMNS + 3 + text.length;
  return fits ? `${paint(colors, task.status)(bar)} ${colors.bold(text)}` : colors.bold(cut(text, width));
}

function progressBar(done: number, count: number): string {
  const filled = count === 0 ? 0 : Math.floor((BAR_COLUMNS * done) / count);
  return `[${'█'.repeat(filled)}${'░'.repeat(BAR_COLUMNS - filled)}]`;
}

function subtaskLines(subtasks: readonly SubtaskView[], { colors, now, width }: Layout): string[] {
  const byStatus = (cell: string, subtask: SubtaskView) => paint(colors, subtask.status)(cell);
  const columns: Column<SubtaskView>[] = [
    { title: '', text: (subtask) => MARKS[subtask.status], paint: byStatus },
    { title: '', text: (subtask) => subtask.description, shrink: true },
    { title: '', text: (subtask) => subtask.agent_id ?? '', paint: colors.cyan },
    { title: '', text: (subtask) => elapsed(subtask, now), align: 'right' },
    { title: '', text: noteOf, shrink: true, paint: byStatus },
  ];
  return table(columns, subtasks, { width: width - 2 }).map((line) => `  ${line}`);
}

export function noteOf(subtask: SubtaskView): string {
  const again = subtask.attempt > 1 && subtask.status === 'running' ? `attempt ${subtask.attempt}` : '';
  return subtask.waiting?.message ?? subtask.error ?? (subtask.status === 'blocked' ? 'a dependency failed' : again);
}

export function elapsed(subtask: SubtaskView, now: Date): string {
  return subtask.started_at ? duration(secondsOf(subtask, now)) : '';
}

function secondsOf(
  span: { started_at: string | null; finished_at: string | null; created_at: string },
  now: Date,
): number {
  const end = span.finished_at ? new Date(span.finished_at) : now;
  return Math.max(0, (end.getTime() - new Date(span.started_at ?? span.created_at).getTime()) / 1000);
}

function mostUrgent(subtasks: readonly SubtaskView[], room: number): SubtaskView[] {
  const ranked = [...subtasks].sort((a, b) => URGENCY.indexOf(a.status) - URGENCY.indexOf(b.status));
  return ranked.slice(0, Math.max(0, room)).sort((a, b) => a.position - b.position);
}

/** The colour that a state has everywhere. */
export function paint(colors: Colors, status: Status): (text: string) => string {
  if (status === 'completed') return colors.green;
  if (status === 'failed' || status === 'blocked') return colors.red;
  if (status === 'running' || status === 'in_progress') return colors.blue;
  return status === 'cancelled' ? colors.yellow : colors.dim;
}

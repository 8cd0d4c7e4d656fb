// What there is to say about a task that one looks up or that has ended: its fields, its subtasks, what each produced
// and the summary. Pure: a task in, lines out. Results are shown whole, since they are what was asked for.
import type { SubtaskResultView, SubtaskView, TaskResponse } from '../protocol/client.ts';
import type { Io } from './io.ts';
import { type Column, table } from './table.ts';
import { elapsed, type Layout, noteOf, paint } from './task-view.ts';
import { block, cut, localTime, oneLine } from './text.ts';

type Colors = Io['colors'];

/** Data beyond this is for `--json`. */
const DATA_COLUMNS = 1_000;

/** Everything, for `muster show`. */
export function reportLines(answer: TaskResponse, layout: Layout): string[] {
  const { task } = answer;
  return [
    ...fieldLines(answer, layout),
    '',
    ...subtaskTable(task.subtasks, layout),
    ...outcomeLines(answer, layout.colors),
    ...(task.error ? ['', `${layout.colors.red('failed')}  ${oneLine(task.error)}`] : []),
  ];
}

/** What each subtask produced, then the summary. */
export function outcomeLines({ task, subtask_results }: TaskResponse, colors: Colors): string[] {
  const descriptions = new Map(task.subtasks.map((subtask) => [subtask.id, subtask.description]));
  const lines = subtask_results
    .filter((result) => result.status === 'completed')
    .flatMap((result) => [
      '',
      colors.bold(oneLine(descriptions.get(result.subtask_id) ?? result.subtask_id)),
      ...outputLines(result, task.result?.summary, colors),
    ]);
  return task.result ? [...lines, '', colors.bold('Result'), block(task.result.summary)] : lines;
}

function fieldLines({ task, subtask_results }: TaskResponse, { colors, width }: Layout): string[] {
  const cost = subtask_results.reduce((sum, result) => sum + result.cost_usd, 0);
  const tokens = subtask_results.reduce((sum, result) => sum + result.input_tokens + result.output_tokens, 0);
  const fields: [string, string][] = [
    ['task', task.id],
    ['status', task.status],
    ['user', task.user_id],
    ['created', localTime(task.created_at)],
    ['finished', task.finished_at ? localTime(task.finished_at) : ''],
    ['plan', task.plan_source ?? ''],
    ['used', tokens > 0 ? `${tokens} tokens, $${cost.toFixed(4)}` : ''],
    ['budget', budgetWords(task)],
    ['asked', task.description],
  ];
  return fields
    .filter(([, value]) => value !== '')
    .map(([name, value]) => {
      const text = cut(oneLine(value), width - 10);
      return `${colors.dim(name.padEnd(10))}${name === 'status' ? paint(colors, task.status)(text) : text}`;
    });
}

/** What counts against the limits, which is more than `used` where an attempt could not say what it cost. */
function budgetWords({ budget_usd, max_turns, spent_usd, spent_turns }: TaskResponse['task']): string {
  const money = budget_usd === null ? [] : [`$${spent_usd.toFixed(4)} of $${budget_usd} spent`];
  const turns = max_turns === null ? [] : [`${spent_turns} of ${max_turns} turns taken`];
  return [...money, ...turns].join(', ');
}

function subtaskTable(subtasks: readonly SubtaskView[], { colors, now, width }: Layout): string[] {
  if (subtasks.length === 0) return [colors.dim('not planned yet')];
  const byStatus = (cell: string, subtask: SubtaskView) => paint(colors, subtask.status)(cell);
  const columns: Column<SubtaskView>[] = [
    { title: 'SUBTASK', text: (subtask) => subtask.id },
    { title: 'STATUS', text: (subtask) => subtask.status, paint: byStatus },
    { title: 'AGENT', text: (subtask) => subtask.agent_id ?? '' },
    { title: 'ATTEMPT', text: (subtask) => (subtask.attempt > 0 ? String(subtask.attempt) : ''), align: 'right' },
    { title: 'TIME', text: (subtask) => elapsed(subtask, now), align: 'right' },
    { title: 'DESCRIPTION', text: (subtask) => subtask.description, shrink: true },
    { title: 'REASON', text: noteOf, shrink: true, paint: byStatus },
  ];
  return table(columns, subtasks, { width, heading: colors.dim });
}

/**
 * An output is `{success, summary, data}` from an agent, or a reference to a file when it was large. A summary that is
 * also the whole task's is not said twice.
 */
function outputLines({ output }: SubtaskResultView, said: string | undefined, colors: Colors): string[] {
  const { summary, data, file, success: _, ...rest } = output ?? {};
  const more = { ...(isEmpty(data) ? {} : { data }), ...rest };
  return [
    ...(typeof summary === 'string' && summary !== said ? [block(summary)] : []),
    ...(typeof file === 'string' ? [colors.dim(`in the file ${oneLine(file)}`)] : []),
    ...(isEmpty(more) ? [] : [colors.dim(cut(oneLine(JSON.stringify(more)), DATA_COLUMNS))]),
  ];
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === 'object' && Object.keys(value).length === 0);
}

// How lines of the agents' log look: in aligned columns, or each for itself while more are to come. Pure.
import type { AgentLogView } from '../protocol/client.ts';
import { type Io, widthOf } from './io.ts';
import { type Column, table } from './table.ts';
import { localTime } from './text.ts';

type Colors = Io['colors'];

export function logTable(lines: readonly AgentLogView[], io: Io): string[] {
  return table(columnsIn(io.colors), lines, { width: widthOf(io.stdout), heading: io.colors.dim });
}

/** Not cut: what scrolls by cannot be asked for again with a wider terminal. */
export function lineOf(line: AgentLogView, colors: Colors): string {
  return table(columnsIn(colors), [line], { width: Number.POSITIVE_INFINITY })[0] ?? '';
}

export function byTime(lines: readonly AgentLogView[]): AgentLogView[] {
  return [...lines].sort((a, b) => a.time.localeCompare(b.time) || a.id - b.id);
}

function columnsIn(colors: Colors): Column<AgentLogView>[] {
  return [
    { title: 'TIME', text: (row) => localTime(row.time), paint: colors.dim },
    { title: 'LEVEL', text: (row) => row.level, paint: (cell, row) => levelPaint(colors, row.level)(cell) },
    { title: 'AGENT', text: (row) => row.agent_id, paint: colors.cyan },
    { title: 'SUBTASK', text: (row) => `${row.subtask_id}#${row.attempt}` },
    { title: 'MESSAGE', text: (row) => row.message, shrink: true },
  ];
}

function levelPaint(colors: Colors, level: AgentLogView['level']): (text: string) => string {
  if (level === 'ERROR') return colors.red;
  return level === 'WARN' ? colors.yellow : (text) => text;
}

// Aligned columns. When the lines would be wider than the terminal, the columns marked `shrink` give way.
import { columnsOf, cut, oneLine, pad } from './text.ts';

export interface Column<Row> {
  title: string;
  /** May hold anything: it is made one harmless line here. */
  text(row: Row): string;
  align?: 'left' | 'right';
  /** May be cut when there is not enough room. */
  shrink?: boolean;
  /** Colours the finished cell; must not change its width. */
  paint?(cell: string, row: Row): string;
}

const GAP = '  ';
const SHRUNK_MIN = 12;

/** The lines of a table; `heading` colours the first of them. Without `heading` there is none. */
export function table<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  layout: { width: number; heading?: (text: string) => string },
): string[] {
  const cells = rows.map((row) => columns.map((column) => oneLine(column.text(row))));
  const titles = columns.map((column) => (layout.heading ? column.title : ''));
  const natural = titles.map((title, at) =>
    cells.reduce((w, row) => Math.max(w, columnsOf(row[at] ?? '')), columnsOf(title)),
  );
  const widths = widthsWithin(natural, columns, layout.width);
  const line = (texts: readonly string[], paint: (cell: string, at: number) => string) =>
    texts
      .map((text, at) => paint(pad(cut(text, widths[at] ?? 0), widths[at] ?? 0, columns[at]?.align), at))
      .filter((_, at) => (widths[at] ?? 0) > 0)
      .join(GAP)
      .trimEnd();
  const body = cells.map((texts, index) => line(texts, (cell, at) => painted(columns[at], cell, rows[index])));
  return layout.heading ? [layout.heading(line(titles, (cell) => cell)), ...body] : body;
}

function painted<Row>(column: Column<Row> | undefined, cell: string, row: Row | undefined): string {
  return column?.paint && row !== undefined ? column.paint(cell, row) : cell;
}

/** Takes what is too much from the widest column that may shrink, then cuts from the right until all fits. */
function widthsWithin(natural: readonly number[], columns: readonly { shrink?: boolean }[], width: number): number[] {
  const widths = [...natural];
  while (total(widths) > width) {
    const widest = widths.reduce((best, w, at) => (columns[at]?.shrink && w > (widths[best] ?? 0) ? at : best), -1);
    if ((widths[widest] ?? 0) <= SHRUNK_MIN) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths.map((w, at) =>
    Math.max(0, Math.min(w, width - total(widths.slice(0, at)) - (at > 0 ? GAP.length : 0))),
  );
}

function total(widths: readonly number[]): number {
  const used = widths.filter((width) => width > 0);
  return used.reduce((sum, width) => sum + width, 0) + GAP.length * Math.max(0, used.length - 1);
}

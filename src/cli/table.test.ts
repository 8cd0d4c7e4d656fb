import { describe, expect, it } from 'vitest';
import { type Column, table } from './table.ts';
import { columnsOf } from './text.ts';

type Row = { id: string; text: string; size: number };
const columns: Column<Row>[] = [
  { title: 'ID', text: (row) => row.id },
  { title: 'SIZE', text: (row) => String(row.size), align: 'right' },
  { title: 'TEXT', text: (row) => row.text, shrink: true },
];
const rows: Row[] = [
  { id: 'a', text: 'a rather long text about nothing', size: 7 },
  { id: 'bcd', text: 'short', size: 1234 },
];

describe('table', () => {
  it('aligns columns under their titles', () => {
    expect(table(columns, rows, { width: Number.POSITIVE_INFINITY, heading: (text) => text })).toEqual([
      'ID   SIZE  TEXT',
      'a       7  a rather long text about nothing',
      'bcd  1234  short',
    ]);
  });

  it('cuts the columns that may shrink to stay within the width', () => {
    expect(table(columns, rows, { width: 27 })).toEqual(['a       7  a rather long t…', 'bcd  1234  short']);
  });

  it.each([1, 3, 8, 12, 20])('never exceeds %i columns, however narrow', (width) => {
    for (const line of table(columns, rows, { width })) expect(columnsOf(line)).toBeLessThanOrEqual(width);
  });

  it('makes every cell one harmless line', () => {
    const [line] = table(columns, [{ id: 'a\nb', text: 'x\x1b[2Jy', size: 1 }], { width: 80 });
    expect(line).toBe('a b  1  xy');
  });

  it('leaves out columns that are empty everywhere', () => {
    expect(table([{ title: 'NONE', text: () => '' }, ...columns], rows.slice(1), { width: 80 })).toEqual([
      'bcd  1234  short',
    ]);
  });

  it('paints cells after it has measured them', () => {
    const painted: Column<Row>[] = [{ title: '', text: (row) => row.id, paint: (cell, row) => `<${row.size}${cell}>` }];
    expect(table(painted, rows, { width: 80 })).toEqual(['<7a  >', '<1234bcd>']);
  });
});

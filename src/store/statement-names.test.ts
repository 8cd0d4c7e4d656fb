import { expect, it } from 'vitest';
import { StatementNames } from './statement-names.ts';

const times = (names: StatementNames, text: string, count: number) =>
  Array.from({ length: count }, () => names.nameOf(text));

it('prepares a statement from its third time on, under one name of its own', () => {
  const names = new StatementNames();
  expect(times(names, 'select 1', 5)).toEqual([undefined, undefined, 'muster_1', 'muster_1', 'muster_1']);
  expect(times(names, 'select 2', 3).at(-1)).toBe('muster_2');
});

it('prepares nothing that comes once, however much of it there is', () => {
  const names = new StatementNames();
  for (let nth = 0; nth < 10_000; nth += 1) expect(names.nameOf(`select ${nth}`)).toBeUndefined();
  expect(times(names, 'select now()', 3).at(-1)).toBe('muster_1');
});

it('prepares a bounded number of statements', () => {
  const names = new StatementNames();
  const prepared = Array.from({ length: 1_000 }, (_, nth) => times(names, `select ${nth}`, 4).at(-1));
  expect(prepared.filter(Boolean)).toHaveLength(200);
  expect(names.nameOf('select 0')).toBe('muster_1');
});

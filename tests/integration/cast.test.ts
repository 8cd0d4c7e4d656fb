// The cast in README.md is what a run prints today. Which lines a run prints depends on when the watcher looks, so up to
// three runs may show a line; ids, agents and times are masked.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { castIn, masked, recordCast } from '../../scripts/record-cast.mjs';

const RUNS = 3;

it('holds only lines that a run prints, and all of its result', { timeout: 180_000 }, async () => {
  const cast = castIn(readFileSync(new URL('../../README.md', import.meta.url), 'utf8')).map(masked);
  const printed = new Set<string>();
  const missing = () => cast.filter((line) => !printed.has(line));
  let run: string[] = [];
  for (let count = 0; count < RUNS && (count === 0 || missing().length > 0); count += 1) {
    run = (await recordCast()).map(masked);
    for (const line of run) printed.add(line);
  }
  expect(missing(), 'stale: run "node scripts/record-cast.mjs"').toEqual([]);
  const resultOf = (lines: string[]) => lines.slice(lines.indexOf('Result')).filter((line) => line !== '');
  expect(resultOf(cast)).toEqual(resultOf(run));
  expect(cast.length).toBeGreaterThan(12);
});

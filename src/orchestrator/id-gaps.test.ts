import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IdGaps, MISSING_MAX } from './id-gaps.ts';

describe('a reader of a growing table', () => {
  it('asks again for the numbers that were skipped, until they come', () => {
    const gaps = new IdGaps(10);
    gaps.take([11, 14], 0);
    expect([gaps.after, gaps.missingAt(0)]).toEqual([14, [12, 13]]);
    gaps.take([13, 15], 5_000);
    expect([gaps.after, gaps.missingAt(5_000)]).toEqual([15, [12]]);
  });

  it('gives up on a number that never comes', () => {
    const gaps = new IdGaps(0);
    gaps.take([2], 0);
    expect(gaps.missingAt(10_000)).toEqual([1]);
    expect(gaps.missingAt(10_001)).toEqual([]);
  });

  it('remembers a bounded number of them, the newest', () => {
    const gaps = new IdGaps(0);
    gaps.take([5_000, 10_000], 0);
    const missing = gaps.missingAt(0);
    expect(missing).toHaveLength(MISSING_MAX);
    expect(missing.at(-1)).toBe(9_999);
  });

  it('reads every row once, in whatever order they are committed', () => {
    const ids = fc.uniqueArray(fc.integer({ min: 1, max: 300 }), { maxLength: 200 });
    fc.assert(
      fc.property(ids, fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1 }), (committed, rounds) => {
        const gaps = new IdGaps(0);
        const table = new Set<number>();
        const seen: number[] = [];
        const read = () => {
          const missing = gaps.missingAt(0);
          const found = [...table].filter((id) => id > gaps.after || missing.includes(id)).sort((a, b) => a - b);
          gaps.take(found, 0);
          seen.push(...found);
        };
        let rest = committed;
        for (let round = 0; rest.length > 0; round += 1) {
          const batch = rounds[round % rounds.length]!;
          for (const id of rest.slice(0, batch)) table.add(id);
          rest = rest.slice(batch);
          read();
        }
        expect([...seen].sort((a, b) => a - b)).toEqual([...committed].sort((a, b) => a - b));
      }),
    );
  });
});

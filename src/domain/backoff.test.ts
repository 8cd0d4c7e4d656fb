import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffMs } from './backoff.ts';

const failures = fc.integer({ min: 1, max: 2_000 });
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('backoff', () => {
  it('waits half a second to one second after the first failure', () => {
    expect(backoffMs(1, 0)).toBe(500);
    expect(backoffMs(1, 0.5)).toBe(750);
    expect(backoffMs(1, 0.999_999)).toBe(1_000);
  });

  it('doubles with each failure until the cap of a minute', () => {
    expect([1, 2, 3, 4, 5, 6, 7, 8, 100].map((count) => backoffMs(count, 0))).toEqual([
      500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000,
    ]);
  });

  it('is a whole number of milliseconds between half of the ceiling and the ceiling, however many failures', () => {
    fc.assert(
      fc.property(failures, random, (count, jitter) => {
        const ceiling = Math.min(60_000, 1_000 * 2 ** (count - 1));
        const wait = backoffMs(count, jitter);
        expect(Number.isInteger(wait)).toBe(true);
        expect(wait).toBeGreaterThanOrEqual(ceiling / 2);
        expect(wait).toBeLessThanOrEqual(ceiling);
      }),
    );
  });

  it('spreads retries that failed at the same instant', () => {
    const waits = new Set(Array.from({ length: 100 }, (_, nth) => backoffMs(3, nth / 100)));
    expect(waits.size).toBe(100);
  });
});

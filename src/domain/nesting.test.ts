import { describe, expect, it } from 'vitest';
import { nestsWithin } from './nesting.ts';

/** A list in a list in a list, `levels` times. */
const nested = (levels: number): unknown => JSON.parse('['.repeat(levels) + 1 + ']'.repeat(levels));

describe('nesting', () => {
  it('is none in a plain value', () => {
    for (const value of [null, undefined, 0, '', 'text', true]) expect(nestsWithin(value, 0)).toBe(true);
  });

  it('counts objects and lists inside one another', () => {
    expect(nestsWithin([1], 0)).toBe(false);
    expect(nestsWithin({ a: [1], b: 2 }, 1)).toBe(false);
    expect(nestsWithin({ a: [1], b: 2 }, 2)).toBe(true);
    expect(nestsWithin(nested(100), 100)).toBe(true);
    expect(nestsWithin(nested(101), 100)).toBe(false);
  });

  it('is not counted by breadth', () => {
    expect(
      nestsWithin(
        Array.from({ length: 10_000 }, () => ({ a: 1 })),
        2,
      ),
    ).toBe(true);
  });

  it('is told without recursing', () => {
    expect(nestsWithin(nested(1_000_000), 100)).toBe(false);
    expect(nestsWithin(nested(1_000_000), 1_000_000)).toBe(true);
  });
});

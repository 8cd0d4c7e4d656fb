import { expect, it } from 'vitest';
import { formatAgo, formatDuration } from './time.ts';

it.each([
  [0, '0 ms'],
  [999, '999 ms'],
  [4_260, '4.2 s'],
  [59_900, '59 s'],
  [185_000, '3 min 05 s'],
  [7_800_000, '2 h 10 min'],
  [273_600_000, '3 d 04 h'],
])('writes %d ms as %s', (ms, words) => {
  expect(formatDuration(ms)).toBe(words);
});

it.each([
  [1_000, 'now'],
  [30_000, '30 s ago'],
  [-61_000, 'in 1 min'],
  [7_200_000, '2 h ago'],
  [400_000_000, '4 d ago'],
])('calls a distance of %d ms %s', (distance, words) => {
  expect(formatAgo(1_000_000_000 - distance, 1_000_000_000)).toBe(words);
});

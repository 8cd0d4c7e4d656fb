import { expect, it } from 'vitest';
import { linePoints, lineWords } from './sparkline-path.ts';

const readings = [
  { at: 1_000, percent: 0 },
  { at: 2_000, percent: 50 },
  { at: 5_000, percent: 100 },
];

it('places readings by time and percent', () => {
  expect(linePoints(readings, { width: 100, height: 20 })).toBe('0,20 25,10 100,0');
});

it('draws nothing of nothing', () => {
  expect(linePoints([], { width: 100, height: 20 })).toBe('');
});

it('says the range in words', () => {
  expect(lineWords(readings)).toBe('between 0% and 100% over 4 s');
  expect(lineWords(readings.slice(0, 1))).toBe('no history yet');
});

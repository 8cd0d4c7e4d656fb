import { expect, it } from 'vitest';
import { layOut } from './layout.ts';
import { type Direction, step } from './steps.ts';

// 0 → 1, 2, 3 → 4
const dependencies = [[], [0], [0], [0], [1, 2, 3]];
const standing = { points: layOut(dependencies), dependencies };

it.each<[number, Direction, number]>([
  [0, 'right', 2],
  [2, 'left', 0],
  [1, 'down', 2],
  [3, 'up', 2],
  [4, 'left', 2],
  [4, 'right', 4],
  [0, 'up', 0],
])('from %d to the %s is %d', (from, direction, to) => {
  expect(step(standing, from, direction)).toBe(to);
});

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { layOut, NODE, spread } from './layout.ts';

/** Any graph without cycles: subtask n depends on some of those before it. */
const graphs = fc
  .array(fc.array(fc.nat(), { maxLength: 3 }), { minLength: 1, maxLength: 60 })
  .map((lists) => lists.map((list, nth) => (nth === 0 ? [] : [...new Set(list.map((value) => value % nth))])));

it('puts every subtask to the right of all that it depends on', () => {
  fc.assert(
    fc.property(graphs, (dependencies) => {
      const points = layOut(dependencies);
      for (const [to, list] of dependencies.entries()) {
        for (const from of list) expect(points[to]?.x).toBeGreaterThanOrEqual((points[from]?.x ?? 0) + NODE.width);
      }
    }),
  );
});

it('never lets two subtasks overlap', () => {
  fc.assert(
    fc.property(graphs, (dependencies) => {
      const points = layOut(dependencies);
      for (const x of new Set(points.map((point) => point.x))) {
        const column = points.filter((point) => point.x === x);
        const ys = column.map((point) => point.y).sort((a, b) => a - b);
        for (const [nth, y] of ys.slice(1).entries()) expect(y - (ys[nth] ?? 0)).toBeGreaterThanOrEqual(NODE.height);
      }
    }),
  );
});

it('keeps a chain on one line and a diamond symmetric', () => {
  expect(new Set(layOut([[], [0], [1], [2]]).map((point) => point.y)).size).toBe(1);
  const [top, left, right, bottom] = layOut([[], [0], [0], [1, 2]]);
  expect(top?.y).toBe(bottom?.y);
  expect((left?.y ?? 0) + (right?.y ?? 0)).toBe(2 * (top?.y ?? 0));
});

it('uncrosses what can be uncrossed', () => {
  const points = layOut([[], [], [1], [0]]);
  expect((points[0]?.y ?? 0) < (points[1]?.y ?? 0)).toBe((points[3]?.y ?? 0) < (points[2]?.y ?? 0));
});

it('folds a column of thousands to the shape of a screen', () => {
  const points = layOut([...Array.from({ length: 1_998 }, () => []), Array.from({ length: 1_998 }, (_, nth) => nth)]);
  const extent = (values: number[]) => Math.max(...values) - Math.min(...values);
  const shape = extent(points.map((point) => point.x)) / extent(points.map((point) => point.y));
  expect(shape).toBeGreaterThan(1.2);
  expect(shape).toBeLessThan(3);
});

it('places values in order, a step apart and as close as possible', () => {
  expect(spread([0, 0, 0], 10)).toEqual([-10, 0, 10]);
  expect(spread([0, 50], 10)).toEqual([0, 50]);
  expect(spread([50, 0], 10)).toEqual([20, 30]);
});

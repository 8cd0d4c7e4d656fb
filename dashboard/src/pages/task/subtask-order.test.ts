import { expect, it } from 'vitest';
import { taskGraph } from '../../../../tests/support/task-graph.ts';
import { matcherOf, sorted } from './subtask-order.ts';

const { nodes } = taskGraph([[], [0], []]);

it('lets everything pass without a filter', () => {
  expect(nodes.filter((node) => matcherOf(nodes, {})(node.position))).toEqual(nodes);
});

it('filters by status, by words of the title and by number', () => {
  const found = (search: Parameters<typeof matcherOf>[1]) =>
    nodes.flatMap(({ position }) => (matcherOf(nodes, search)(position) ? [position] : []));
  expect(found({ status: 'pending' })).toEqual([1]);
  expect(found({ text: 'TASK 2' })).toEqual([2]);
  expect(found({ text: '#0' })).toEqual([0]);
  expect(found({ text: 'nothing' })).toEqual([]);
});

it('sorts by a column either way, and by position where that is equal', () => {
  const costly = nodes.map((node) => ({ ...node, cost_usd: node.position === 1 ? 2 : 1 }));
  const order = (search: Parameters<typeof sorted>[1]) => sorted(costly, search).map((node) => node.position);
  expect(order({})).toEqual([0, 1, 2]);
  expect(order({ sort: 'cost' })).toEqual([0, 2, 1]);
  expect(order({ sort: 'cost', descending: true })).toEqual([1, 0, 2]);
});

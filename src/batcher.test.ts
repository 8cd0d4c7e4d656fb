import { expect, it } from 'vitest';
import { gate } from '../tests/support/gate.ts';
import { Batcher } from './batcher.ts';

const CULPRIT = new Error('3 is not allowed');

function doubling({ max = 10 } = {}) {
  const batches: number[][] = [];
  const first = gate();
  const batcher = new Batcher<number, number>({
    max,
    blamesItem: (error) => error === CULPRIT,
    run: async (items) => {
      batches.push([...items]);
      if (batches.length === 1) await first.passed;
      if (items.includes(3)) throw CULPRIT;
      return items.map((item) => item * 2);
    },
  });
  return { batches, first, batcher };
}

it('takes at once what is added in one turn, and puts what comes meanwhile into the next batch', async () => {
  const { batches, first, batcher } = doubling();
  const early = [batcher.add(1), batcher.add(2)];
  await new Promise<void>((resolve) => setImmediate(resolve));
  const late = [batcher.add(4), batcher.add(5), batcher.add(6)];
  expect(batcher.size).toBe(3);
  first.open();
  expect(await Promise.all([...early, ...late])).toEqual([2, 4, 8, 10, 12]);
  expect(batches).toEqual([
    [1, 2],
    [4, 5, 6],
  ]);
});

it('never runs more than its limit in a batch, nor two batches at once', async () => {
  const { batches, first, batcher } = doubling({ max: 2 });
  const answers = [1, 2, 4, 5, 6].map((item) => batcher.add(item));
  first.open();
  expect(await Promise.all(answers)).toEqual([2, 4, 8, 10, 12]);
  expect(batches).toEqual([[1, 2], [4, 5], [6]]);
  await batcher.settled();
  expect(await batcher.add(7)).toBe(14);
});

it('tries the items of a refused batch alone, so that one does not take the others along', async () => {
  const { first, batcher } = doubling();
  first.open();
  const answers = await Promise.allSettled([1, 3, 5].map((item) => batcher.add(item)));
  expect(answers).toEqual([
    { status: 'fulfilled', value: 2 },
    { status: 'rejected', reason: CULPRIT },
    { status: 'fulfilled', value: 10 },
  ]);
});

it('rejects a whole batch with an error that blames none of its items, and goes on', async () => {
  const away = new Error('the server is away');
  let up = false;
  const batcher = new Batcher<number, number>({
    max: 10,
    blamesItem: () => false,
    run: async (items) => {
      if (!up) throw away;
      return items;
    },
  });
  const answers = await Promise.allSettled([batcher.add(1), batcher.add(2)]);
  expect(answers).toEqual([
    { status: 'rejected', reason: away },
    { status: 'rejected', reason: away },
  ]);
  up = true;
  expect(await batcher.add(3)).toBe(3);
});

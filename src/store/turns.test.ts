import { expect, it } from 'vitest';
import { gate } from '../../tests/support/gate.ts';
import { Turns } from './turns.ts';

it('lets so many in at once, and the others in the order in which they came', async () => {
  const turns = new Turns({ atOnce: 2, inLine: 2 });
  const gates = Array.from({ length: 4 }, () => gate());
  const began: number[] = [];
  const all = gates.map((each, nth) =>
    turns.take(async () => {
      began.push(nth);
      await each.passed;
      return nth;
    }),
  );
  await Promise.resolve();
  expect(began).toEqual([0, 1]);
  gates[1]?.open();
  await all[1];
  expect(began).toEqual([0, 1, 2]);
  for (const each of gates) each.open();
  expect(await Promise.all(all)).toEqual([0, 1, 2, 3]);
});

it('turns away whoever finds the line full, and goes on', async () => {
  const turns = new Turns({ atOnce: 1, inLine: 0 });
  const busy = gate();
  const first = turns.take(() => busy.passed);
  await expect(turns.take(async () => 'never')).rejects.toMatchObject({ code: 'unavailable' });
  busy.open();
  await first;
  expect(await turns.take(async () => 'now')).toBe('now');
});

it('gives the turn on when the work fails', async () => {
  const turns = new Turns({ atOnce: 1, inLine: 1 });
  const failing = turns.take(async () => {
    throw new Error('it failed');
  });
  const next = turns.take(async () => 'next');
  await expect(failing).rejects.toThrow('it failed');
  expect(await next).toBe('next');
});

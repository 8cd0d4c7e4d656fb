import { expect, it } from 'vitest';
import { PlanAging } from './plan-aging.ts';

it('is due after four times as many uses each time, for each connection by itself, until the server has statistics', () => {
  const aging = new PlanAging();
  const [one, other] = [{}, {}];
  const dueAt = (connection: object) =>
    Array.from({ length: 20_000 }, (_, nth) => nth + 1).filter(() => aging.isDue(connection));
  expect(dueAt(one)).toEqual([16, 64, 256, 1_024, 4_096]);
  expect(dueAt(other)).toEqual(dueAt({}));
});

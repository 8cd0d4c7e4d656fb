import { expect, it } from 'vitest';
import { PlanningPlaces } from './planning-places.ts';

/** So many of them, or as many as the user gets. */
function takeMany(places: PlanningPlaces, user: string, count = 10_000): (() => void)[] {
  const taken: (() => void)[] = [];
  for (let leave = places.take(user); leave; leave = places.take(user)) {
    taken.push(leave);
    if (taken.length === count) break;
  }
  return taken;
}

it('leaves as many places to others as one user has, and never has more than there are', () => {
  const places = new PlanningPlaces(8);
  const taken = ['ann', 'ben', 'cid', 'dan'].map((user) => takeMany(places, user).length);
  expect(taken).toEqual([508, 254, 127, 64]);
  for (let nth = 0; nth < 2_000; nth += 1) takeMany(places, `user ${nth}`);
  expect(() => places.takeNow('eve', 'wait')).toThrow(
    '1016 plans are being made or waited for, 0 of them of this user: wait',
  );
});

it('has a place again once one is given back, however often that is said', () => {
  const places = new PlanningPlaces(8);
  const [first] = takeMany(places, 'ann');
  expect(places.take('ann')).toBeNull();
  first?.();
  first?.();
  expect(takeMany(places, 'ann')).toHaveLength(1);
});

it.each([1, 8, 1_000])('fetches for one user no more than find a place, with %i slots', (atOnce) => {
  const places = new PlanningPlaces(atOnce);
  const room = places.roomForFetched;
  expect(room).toBe(atOnce + 200);
  const taken = takeMany(places, 'ann', room);
  expect(taken).toHaveLength(room);
  expect(places.roomForFetched).toBe(0);
  expect(places.take('ann')).not.toBeNull();
  expect(places.roomForFetched).toBe(0);
  for (const leave of taken.slice(0, 3)) leave();
  expect(places.roomForFetched).toBe(2);
});

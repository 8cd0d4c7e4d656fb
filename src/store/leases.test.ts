import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openStore } from '../../tests/support/store.ts';
import type { Db } from './db.ts';
import { guardLease, holdLease, releaseLease } from './leases.ts';

let db: Db;
beforeAll(async () => {
  db = await openStore();
});
afterAll(() => db.close());
beforeEach(() => db.query('truncate leases'));

const mine = { name: 'scheduler', holder: 'me' };
const yours = { name: 'scheduler', holder: 'you' };
const leads = (lease: typeof mine) => db.transaction((tx) => guardLease(tx, lease));

describe('a lease', () => {
  it('is taken by the first who asks, and by nobody else while it runs', async () => {
    expect(await holdLease(db, mine, 60_000)).toBe(true);
    expect(await holdLease(db, yours, 60_000)).toBe(false);
    expect([await leads(mine), await leads(yours)]).toEqual([true, false]);
  });

  it('has one holder when many ask at once', async () => {
    const asked = Array.from({ length: 8 }, (_, nth) =>
      holdLease(db, { name: 'scheduler', holder: `nr ${nth}` }, 60_000),
    );
    expect((await Promise.all(asked)).filter(Boolean)).toHaveLength(1);
  });

  it('is renewed by its holder', async () => {
    await holdLease(db, mine, -1_000);
    expect(await leads(mine)).toBe(false);
    expect(await holdLease(db, mine, 60_000)).toBe(true);
    expect(await leads(mine)).toBe(true);
  });

  it('is taken over once it has passed, and not given back', async () => {
    await holdLease(db, mine, -1_000);
    expect(await holdLease(db, yours, 60_000)).toBe(true);
    expect(await holdLease(db, mine, 60_000)).toBe(false);
    expect([await leads(mine), await leads(yours)]).toEqual([false, true]);
  });

  it('is free once released, which only its holder can do', async () => {
    await holdLease(db, mine, 60_000);
    await releaseLease(db, yours);
    expect(await leads(mine)).toBe(true);
    await releaseLease(db, mine);
    expect(await leads(mine)).toBe(false);
    expect(await holdLease(db, yours, 60_000)).toBe(true);
  });

  it('does not touch leases of other names', async () => {
    await holdLease(db, mine, 60_000);
    expect(await holdLease(db, { name: 'pruner', holder: 'you' }, 60_000)).toBe(true);
    expect(await leads({ name: 'nobody asked', holder: 'me' })).toBe(false);
  });
});

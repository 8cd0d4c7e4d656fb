import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createManualClock, type ManualClock } from '../../tests/support/manual-clock.ts';
import { quiet } from '../../tests/support/scheduler-world.ts';
import type { Db } from '../store/db.ts';
import { openPglite } from '../store/db-pglite.ts';
import { migrate } from '../store/migrate.ts';
import { Leader } from './leader.ts';

let db: Db;
let clock: ManualClock;
let candidates: Leader[] = [];

beforeAll(async () => {
  db = await openPglite();
  await migrate(db);
});
afterAll(() => db.close());
beforeEach(async () => {
  clock = createManualClock();
  await db.script('delete from leases');
});
afterEach(async () => {
  for (const leader of candidates) await leader.stop();
  candidates = [];
});

function candidate(given: { db?: Db; clock?: ManualClock } = {}) {
  const elections: number[] = [];
  const own = given.clock ?? clock;
  const leader = new Leader({
    db: given.db ?? db,
    clock: own,
    logger: quiet,
    onElected: () => elections.push(own.now().getTime()),
  });
  candidates.push(leader);
  return { leader, elections };
}

/** Statements take turns, so every renewal that this step began has been answered when it resolves. */
async function pass(ms: number, own: ManualClock = clock): Promise<void> {
  own.advance(ms);
  await db.query('select 1');
}

/** What the database would think after the lease has run out. */
const letLeaseExpire = () => db.query('update leases set expires_at = now()');

/** The same database behind a connection that a test can cut. */
function cuttable(): { db: Db; cut: { now: boolean } } {
  const cut = { now: false };
  const query = (text: string, params?: readonly unknown[]) =>
    cut.now ? Promise.reject(new Error('connection lost')) : db.query(text, params);
  return { cut, db: { ...db, query: query as Db['query'] } };
}

describe('leadership', () => {
  it('goes to exactly one of two, who hears of it once', async () => {
    const first = candidate();
    const second = candidate();
    await Promise.all([first.leader.start(), second.leader.start()]);
    expect([first.leader.leads, second.leader.leads].filter(Boolean)).toHaveLength(1);
    for (let step = 0; step < 10; step++) await pass(1_000);
    expect([...first.elections, ...second.elections]).toHaveLength(1);
  });

  it('is kept for as long as it is renewed', async () => {
    const { leader } = candidate();
    await leader.start();
    for (let step = 0; step < 20; step++) {
      await pass(1_000);
      expect(leader.leads).toBe(true);
    }
  });

  it('is taken over within a second by the other when the leader stops', async () => {
    const first = candidate();
    const second = candidate();
    await first.leader.start();
    await second.leader.start();
    expect(second.leader.leads).toBe(false);
    await first.leader.stop();
    expect(first.leader.leads).toBe(false);
    await pass(1_000);
    expect(second.leader.leads).toBe(true);
    expect(second.elections).toHaveLength(1);
  });

  it('is taken over within five seconds when the leader dies without a word', async () => {
    const deadClock = createManualClock();
    const dead = candidate({ clock: deadClock });
    const heir = candidate();
    await dead.leader.start();
    await heir.leader.start();
    const [lease] = await db.query<{ left: number }>(
      `select extract(epoch from expires_at - now())::float8 as left from leases where holder = $1`,
      [dead.leader.lease.holder],
    );
    expect(lease!.left).toBeLessThanOrEqual(4);
    await letLeaseExpire();
    await pass(1_000);
    expect(heir.leader.leads).toBe(true);
    deadClock.advance(4_000);
    expect(dead.leader.leads).toBe(false);
    await pass(1_000, deadClock);
    expect(dead.leader.leads).toBe(false);
    expect(heir.leader.leads).toBe(true);
  });

  it('ends with the lease, not later, when the database is away', async () => {
    const { db: flaky, cut } = cuttable();
    const { leader } = candidate({ db: flaky });
    await leader.start();
    cut.now = true;
    for (let step = 0; step < 3; step++) await pass(1_000);
    expect(leader.leads).toBe(true);
    await pass(999);
    expect(leader.leads).toBe(true);
    await pass(1);
    expect(leader.leads).toBe(false);
  });

  it('begins anew, and says so, when the database is back', async () => {
    const { db: flaky, cut } = cuttable();
    const { leader, elections } = candidate({ db: flaky });
    await leader.start();
    cut.now = true;
    for (let step = 0; step < 5; step++) await pass(1_000);
    cut.now = false;
    await pass(1_000);
    expect(leader.leads).toBe(true);
    expect(elections).toHaveLength(2);
  });

  it('begins anew when the answer to a renewal came after the lease had passed', async () => {
    let release = () => {};
    let slow = false;
    const query = (text: string, params?: readonly unknown[]) =>
      slow
        ? new Promise<void>((resolve) => {
            release = resolve;
          }).then(() => db.query(text, params))
        : db.query(text, params);
    const { leader, elections } = candidate({ db: { ...db, query: query as Db['query'] } });
    await leader.start();
    slow = true;
    clock.advance(1_000);
    clock.advance(3_500);
    expect(leader.leads).toBe(false);
    slow = false;
    release();
    await expect.poll(() => elections.length).toBe(2);
    expect(leader.leads).toBe(true);
  });

  it('is over at once when another holds the lease', async () => {
    const { leader } = candidate();
    await leader.start();
    await db.query(`update leases set holder = 'another', expires_at = now() + interval '1 hour'`);
    await pass(1_000);
    expect(leader.leads).toBe(false);
  });

  it('can be stopped without a database: the lease passes by itself', async () => {
    const { db: flaky, cut } = cuttable();
    const { leader } = candidate({ db: flaky });
    await leader.start();
    cut.now = true;
    await leader.stop();
    expect(leader.leads).toBe(false);
  });

  it('does not come back after a stop', async () => {
    const { leader, elections } = candidate();
    await leader.start();
    await leader.stop();
    await pass(10_000);
    expect(leader.leads).toBe(false);
    expect(elections).toHaveLength(1);
    expect(await db.query('select * from leases')).toEqual([]);
  });
});

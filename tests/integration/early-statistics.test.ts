// A database that is new has no statistics, or those of its first tasks, and plans made for small tables are kept while they
// fill. What a claim and a finish read must not grow with them: counted in blocks, since time would depend on the machine.
import { afterAll, afterEach, beforeEach, expect, it } from 'vitest';
import { createLogger } from '../../src/log.ts';
import { finishAttempts } from '../../src/store/attempts.ts';
import type { Db } from '../../src/store/db.ts';
import { openPg } from '../../src/store/db-pg.ts';
import { newId } from '../../src/store/ids.ts';
import { holdLease } from '../../src/store/leases.ts';
import { migrate } from '../../src/store/migrate.ts';
import { createPlanned } from '../../src/store/planned-tasks.ts';
import { claimSubtasks } from '../../src/store/subtasks.ts';
import { metered } from '../support/explained-db.ts';
import { graph } from '../support/plans.ts';
import { freshPostgres } from '../support/servers.ts';
import { completed, LEADER } from '../support/store.ts';

const CLAIMED = 20;
const TABLES = ['tasks', 'subtasks', 'dependencies', 'subtask_results', 'events'];

const server = await freshPostgres('early_statistics');
let db: Db;

beforeEach(async () => {
  if (!server) return;
  db = await openPg({ url: server.url, logger: createLogger('silent') });
  await migrate(db);
  for (const table of TABLES) await db.script(`alter table ${table} set (autovacuum_enabled = off)`);
  await holdLease(db, LEADER, 60_000);
});
afterEach(() => db?.close());
afterAll(() => server?.drop());

/** Ids of the first steps of as many diamonds, stored in one batch. */
async function diamonds(count: number): Promise<string[]> {
  const plan = graph([], [0], [0], [1, 2]);
  const tasks = Array.from({ length: count }, () => ({
    ...{ id: newId('task'), user_id: 'someone', description: 'Run a diamond', plan },
  }));
  const created = await createPlanned(db, tasks);
  return created.flatMap((one) => (one.outcome === 'created' ? one.ready.map((subtask) => subtask.id) : []));
}

/** Runs the first steps of diamonds, then those that wait for them: what these touch, which read the results of the first. */
async function blocks(first: readonly string[]): Promise<{ claim: number; finish: number }> {
  const touched = { claim: 0, finish: 0 };
  const counting = (name: keyof typeof touched) =>
    metered(db, (count) => {
      touched[name] += count;
    });
  const second = await run(db, db, first);
  await run(counting('claim'), counting('finish'), second);
  return touched;
}

/** Ids of the subtasks that became ready. */
async function run(claiming: Db, finishing: Db, ids: readonly string[]): Promise<string[]> {
  const claims = ids.map((subtask_id) => ({ subtask_id, agent_id: 'agent_1', agent_instance: 'one' }));
  const taken = await claimSubtasks(claiming, claims, { lease: LEADER, timeoutMs: 60_000 });
  if (taken.outcome !== 'claimed') throw new Error('this test does not lead');
  expect(taken.subtasks).toHaveLength(ids.length);
  const reports = taken.subtasks.map((one) => completed(one));
  return (await finishAttempts(finishing, reports, () => 0)).unblocked.map((one) => one.id);
}

it.skipIf(!server).each([0, 1, 2, 5, 20])(
  'a step reads no more in full tables, though the server counted their rows at %i tasks',
  async (counted) => {
    await db.script('truncate tasks, subtasks, dependencies, subtask_results, events cascade');
    if (counted > 0) await diamonds(counted);
    await db.script('analyze');
    const few = await blocks(await diamonds(CLAIMED));
    for (let nth = 0; nth < 20; nth += 1) await diamonds(100);
    const many = await blocks(await diamonds(CLAIMED));
    // A tree that is a level deeper touches one block more for each row it finds.
    expect(many.claim).toBeLessThan(few.claim * 2);
    expect(many.finish).toBeLessThan(few.finish * 2);
  },
);

import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createManualClock } from '../../tests/support/manual-clock.ts';
import { openStore } from '../../tests/support/store.ts';
import { createLogger } from '../log.ts';
import type { Db } from '../store/db.ts';
import { TASKS_BATCH } from '../store/retention.ts';
import { type PruningParts, pruneByAge } from './pruning.ts';

let db: Db;
let sharedFiles: string;
beforeAll(async () => {
  db = await openStore();
  sharedFiles = await mkdtemp(join(tmpdir(), 'muster-pruning-'));
});
afterAll(async () => {
  await db.close();
  await rm(sharedFiles, { recursive: true });
});
beforeEach(() => db.query('truncate tasks, leases cascade'));

const KEEP = { tasks: 30, events: 30, logs: 30 };
const parts = (given: Partial<PruningParts> = {}): PruningParts => ({
  db,
  clock: createManualClock(),
  logger: createLogger('silent'),
  stopping: new AbortController().signal,
  config: { sharedFiles },
  ...given,
});
const addOld = (count: number) =>
  db.query(
    `insert into tasks (id, user_id, description, status, error, created_at, updated_at, finished_at)
     select 'task_old' || n, 'tester', 'A task of long ago', 'failed', 'it failed', t, t, t
     from generate_series(1, $1::int) as n, (select now() - interval '50 days' as t) as past`,
    [count],
  );
const tasksLeft = async () => (await db.query('select 1 from tasks')).length;
/** As if so much time had passed since the last run. */
const letPass = (ms: number) =>
  db.query("update leases set expires_at = expires_at - $1 * interval '1 millisecond'", [ms]);

it('removes all that is too old, batch by batch, with the folders of the tasks', async () => {
  await addOld(TASKS_BATCH + 1);
  const [gone, kept] = ['task_old1', 'task_young'].map((name) => join(sharedFiles, name)) as [string, string];
  for (const folder of [gone, kept]) {
    await mkdir(join(folder, 'output'), { recursive: true });
    await writeFile(join(folder, 'output', 'report.md'), 'words');
  }
  await pruneByAge(parts(), KEEP);
  expect(await tasksLeft()).toBe(0);
  expect([existsSync(gone), existsSync(kept)]).toEqual([false, true]);
});

it('does so at most once an hour, whichever process asks', async () => {
  await pruneByAge(parts(), KEEP);
  await addOld(1);
  await letPass(59 * 60_000);
  await pruneByAge(parts(), KEEP);
  expect(await tasksLeft()).toBe(1);
  await letPass(60_000);
  await pruneByAge(parts(), KEEP);
  expect(await tasksLeft()).toBe(0);
});

it('ends after some seconds, and goes on a minute later', async () => {
  await addOld(TASKS_BATCH + 1);
  const clock = createManualClock();
  const slow = {
    ...clock,
    now() {
      clock.advance(6_000);
      return clock.now();
    },
  };
  await pruneByAge(parts({ clock: slow }), KEEP);
  expect(await tasksLeft()).toBe(1);
  await pruneByAge(parts(), KEEP);
  expect(await tasksLeft()).toBe(1);
  await letPass(60_000);
  await pruneByAge(parts(), KEEP);
  expect(await tasksLeft()).toBe(0);
});

it('begins nothing when the process stops', async () => {
  await addOld(1);
  await pruneByAge(parts({ stopping: AbortSignal.abort() }), KEEP);
  expect(await tasksLeft()).toBe(1);
});

it('does nothing when everything is kept', async () => {
  await addOld(1);
  await pruneByAge(parts(), { tasks: null, events: null, logs: null });
  expect(await tasksLeft()).toBe(1);
  expect(await db.query('select 1 from leases')).toEqual([]);
});

it('comes back soon when it failed', async () => {
  await addOld(1);
  const broken = { ...db, transaction: () => Promise.reject(new Error('the database is away')) };
  const holding = { ...broken, query: db.query.bind(db) };
  await expect(pruneByAge(parts({ db: holding }), KEEP)).rejects.toThrow('the database is away');
  await letPass(60_000);
  await pruneByAge(parts(), KEEP);
  expect(await tasksLeft()).toBe(0);
});

it('removes a task whose folder cannot be removed, and leaves that folder', async () => {
  await addOld(2);
  const nameTooLong = join(sharedFiles, 'x'.repeat(300));
  await pruneByAge(parts({ config: { sharedFiles: nameTooLong } }), KEEP);
  expect(await tasksLeft()).toBe(0);
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readConfig } from '../config.ts';
import { createLogger } from '../log.ts';
import { holdLease } from '../store/leases.ts';
import { createTask } from '../store/tasks.ts';
import { claimUnplanned } from '../store/unplanned-tasks.ts';
import { openStore } from './store.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'muster-store-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function open() {
  const surroundings = { logger: createLogger('silent'), signal: new AbortController().signal, onReconnect: () => {} };
  const store = await openStore(readConfig({ MUSTER_DATA: folder }), surroundings);
  await store.prepare();
  return store;
}

it('leads and plans at once after a process died that did, for its folder belongs to one at a time', async () => {
  const first = await open();
  expect(await holdLease(first.db, { name: 'scheduler', holder: 'the first' }, 60_000)).toBe(true);
  const { id } = await createTask(first.db, { description: 'Plan this one day', user_id: 'ada' }, 60_000);
  expect(await claimUnplanned(first.db, 60_000)).toEqual([]);
  await first.close();
  const second = await open();
  expect(await holdLease(second.db, { name: 'scheduler', holder: 'the second' }, 60_000)).toBe(true);
  expect(await claimUnplanned(second.db, 60_000)).toMatchObject([{ id }]);
  await second.close();
});

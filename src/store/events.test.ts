import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStore } from '../../tests/support/store.ts';
import type { Db } from './db.ts';
import { appendEvents, listEvents, type NewEvent } from './events.ts';
import { createTask } from './tasks.ts';

let db: Db;
beforeAll(async () => {
  db = await openStore();
});
afterAll(() => db.close());

const newTask = async () => (await createTask(db, { description: 'A task with events', user_id: 'tester' }, 60_000)).id;
const events = (task_id: string, count: number): NewEvent[] =>
  Array.from({ length: count }, (_, nth) => ({
    task_id,
    type: 'subtask.ready',
    subtask_id: `subtask_${nth}`,
    data: { nth },
  }));
const all = (id: string) => listEvents(db, id, { after: 0, limit: 1_000 });

describe('events', () => {
  it('are numbered from 1 in each task, in the order given, however the tasks are mixed', async () => {
    const [a, b] = [await newTask(), await newTask()];
    await appendEvents(db, [...events(a, 1), ...events(b, 2), ...events(a, 3).slice(1)]);
    await appendEvents(db, events(b, 1));
    expect((await all(a)).map((event) => [event.seq, event.subtask_id])).toEqual([
      [1, null],
      [2, 'subtask_0'],
      [3, 'subtask_1'],
      [4, 'subtask_2'],
    ]);
    expect((await all(b)).map((event) => event.seq)).toEqual([1, 2, 3, 4]);
  });

  it('keep what they carry', async () => {
    const id = await newTask();
    await appendEvents(db, [{ task_id: id, type: 'task.failed', data: { error: 'half \ud83d, zero \u0000' } }]);
    expect((await all(id)).at(-1)).toEqual({
      task_id: id,
      seq: 2,
      type: 'task.failed',
      subtask_id: null,
      data: { error: 'half \ufffd, zero \ufffd' },
      created_at: expect.stringMatching(/^\d{4}-.*\.\d{3}Z$/),
    });
  });

  it('have no gap and no double when many are written at once', async () => {
    const id = await newTask();
    await Promise.all(Array.from({ length: 20 }, () => db.transaction((tx) => appendEvents(tx, events(id, 5)))));
    expect((await all(id)).map((event) => event.seq)).toEqual(Array.from({ length: 101 }, (_, nth) => nth + 1));
  });

  it('leave no gap when their transaction is rolled back', async () => {
    const id = await newTask();
    const broken = db.transaction(async (tx) => {
      await appendEvents(tx, events(id, 3));
      throw new Error('changed my mind');
    });
    await expect(broken).rejects.toThrow('changed my mind');
    await appendEvents(db, events(id, 1));
    expect((await all(id)).map((event) => event.seq)).toEqual([1, 2]);
  });

  it('are read from where a reader left off, as many as it wants', async () => {
    const id = await newTask();
    await appendEvents(db, events(id, 5));
    expect((await listEvents(db, id, { after: 2, limit: 2 })).map((event) => event.seq)).toEqual([3, 4]);
    expect(await listEvents(db, id, { after: 6, limit: 2 })).toEqual([]);
    expect(await listEvents(db, 'task_none', { after: 0, limit: 2 })).toEqual([]);
  });

  it('may be none', async () => {
    await appendEvents(db, []);
    await appendEvents(db, events('task_none', 1));
    expect(await all('task_none')).toEqual([]);
  });
});

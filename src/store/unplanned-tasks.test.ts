import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { step } from '../../tests/support/plans.ts';
import { openStore } from '../../tests/support/store.ts';
import type { Db } from './db.ts';
import { getTask } from './task-views.ts';
import { cancelTask, createTask, type NewTask } from './tasks.ts';
import { claimUnplanned, renewPlanning } from './unplanned-tasks.ts';

let db: Db;
beforeAll(async () => {
  db = await openStore();
});
afterAll(() => db.close());
beforeEach(() => db.script('truncate tasks cascade'));

const newTask = { description: 'Calculate factorial of 10', user_id: 'ann' };
const PASSED = -1_000;
const pendingTask = async (planningMs = 60_000, given: Partial<NewTask> = {}) =>
  (await createTask(db, { ...newTask, ...given }, planningMs)).id;
const idsOf = (tasks: readonly { id: string }[]) => tasks.map((task) => task.id).sort();

describe('a task that waits to be planned', () => {
  it('is taken over only once its time has passed', async () => {
    await pendingTask();
    const dead = await pendingTask(PASSED);
    expect(idsOf(await claimUnplanned(db, 60_000))).toEqual([dead]);
    expect(await claimUnplanned(db, 60_000)).toEqual([]);
  });

  it('is taken over with all that planning needs, the given plan included', async () => {
    const given_plan = { subtasks: [step({ input_data: { text: 'a\u0000b', deep: [{ b: null }] } })] };
    const trace_parent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const id = await pendingTask(PASSED, { given_plan, trace_parent });
    expect(await claimUnplanned(db, 60_000)).toEqual([
      {
        id,
        ...newTask,
        given_plan: { subtasks: [step({ input_data: { text: 'a\ufffdb', deep: [{ b: null }] } })] },
        trace_parent,
        created_at: (await getTask(db, id))?.task.created_at,
      },
    ]);
  });

  it('is taken over ten at a time, each task by one taker', async () => {
    const ids = await Promise.all(Array.from({ length: 15 }, () => pendingTask(PASSED)));
    const takers = await Promise.all([claimUnplanned(db, 60_000), claimUnplanned(db, 60_000)]);
    expect(takers.map((taken) => taken.length)).toEqual([10, 5]);
    expect(idsOf(takers.flat())).toEqual(ids.sort());
  });

  it("is taken over in turn between users, each one's oldest first, and no more than there is room for", async () => {
    const store = (user_id: string) => pendingTask(PASSED, { user_id });
    const [first] = [await store('crowd'), await store('crowd'), await store('crowd')];
    const single = await store('single');
    expect(idsOf(await claimUnplanned(db, 60_000, { limit: 2 }))).toEqual([first, single].sort());
  });

  it('is not taken over by who says that it is planned already', async () => {
    const [mine, other] = [await pendingTask(PASSED), await pendingTask(PASSED)];
    expect(idsOf(await claimUnplanned(db, 60_000, { except: [mine] }))).toEqual([other]);
  });
});

describe('the planning of a task', () => {
  const held = (ids: readonly string[], until: ReadonlyMap<string, string> = new Map()) =>
    ids.map((id) => ({ id, until: until.get(id) ?? null }));

  it('goes on while the task is pending', async () => {
    const [id, other] = [await pendingTask(PASSED), await pendingTask(PASSED)];
    const until = await renewPlanning(db, held([id, other, 'task_none']), 60_000);
    expect([...until.keys()].sort()).toEqual([id, other].sort());
    expect(await claimUnplanned(db, 60_000)).toEqual([]);
    await cancelTask(db, id);
    expect([...(await renewPlanning(db, held([id, other], until), 60_000)).keys()]).toEqual([other]);
  });

  it('goes on after its time had passed, unless another took the task over', async () => {
    const [late, taken] = [await pendingTask(), await pendingTask()];
    const until = await renewPlanning(db, held([late, taken]), PASSED);
    expect(idsOf(await claimUnplanned(db, 60_000, { except: [late] }))).toEqual([taken]);
    const renewed = await renewPlanning(db, held([late, taken], until), 60_000);
    expect([...renewed.keys()]).toEqual([late]);
    expect([...(await renewPlanning(db, held([late], renewed), 60_000)).keys()]).toEqual([late]);
  });
});

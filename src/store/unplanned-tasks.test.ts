import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Explained, explaining, nodesOf } from '../../tests/support/explained-db.ts';
import { step } from '../../tests/support/plans.ts';
import { openStore } from '../../tests/support/store.ts';
import type { Db } from './db.ts';
import { getTask } from './task-views.ts';
import { cancelTask, createTask, type NewTask } from './tasks.ts';
import { claimGiven, claimUnplanned, renewPlanning } from './unplanned-tasks.ts';

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

  it('is taken over with all that planning needs', async () => {
    const trace_parent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const id = await pendingTask(PASSED, { trace_parent });
    const created_at = (await getTask(db, id))?.task.created_at;
    expect(await claimUnplanned(db, 60_000)).toEqual([{ id, ...newTask, given_plan: null, trace_parent, created_at }]);
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

describe('a task that came with its plan', () => {
  const given_plan = { subtasks: [step({ input_data: { text: 'a\u0000b', deep: [{ b: null }] } })] };

  it('is taken over by itself, with its plan, once its time has passed', async () => {
    await pendingTask(60_000, { given_plan });
    await pendingTask(PASSED);
    const id = await pendingTask(PASSED, { given_plan });
    const stored = { subtasks: [step({ input_data: { text: 'a\ufffdb', deep: [{ b: null }] } })] };
    expect(await claimGiven(db, 60_000)).toMatchObject([{ id, ...newTask, given_plan: stored }]);
    expect(await claimGiven(db, 60_000)).toEqual([]);
    expect(await claimUnplanned(db, 60_000)).toHaveLength(1);
  });

  it('is taken over oldest first, and no more than are asked for, each by one taker', async () => {
    const ids: string[] = [];
    for (let nth = 0; nth < 5; nth += 1) ids.push(await pendingTask(PASSED, { given_plan }));
    await db.query("update tasks set created_at = created_at - interval '1 minute' where id = $1", [ids[4]]);
    expect(await claimGiven(db, 60_000, 1)).toMatchObject([{ id: ids[4] }]);
    const takers = await Promise.all([claimGiven(db, 60_000, 3), claimGiven(db, 60_000, 3)]);
    expect(idsOf(takers.flat())).toEqual(ids.slice(0, 4).sort());
  });
});

describe('a long backlog', () => {
  const fill = (user: string, count: number) =>
    db.query(
      `insert into tasks (id, user_id, description, planning_until, created_at)
       select 'task_' || $1::text || n, $1, 'One of a crowd', now() - interval '1 minute', now() - interval '1 hour'
       from generate_series(1, $2::int) as n`,
      [user, count],
    );
  /** The most rows that any step of a plan handed on. */
  const most = (seen: readonly Explained[]) =>
    Math.max(
      ...seen
        .flatMap(({ plan }) => nodesOf(plan))
        .map((node) => node['Actual Rows'] * Math.max(1, node['Actual Loops'])),
    );

  it('is not read to find some of each user, or what came with its plan', async () => {
    await fill('crowd', 5_000);
    await fill('few', 3);
    const given = await pendingTask(PASSED, { given_plan: { subtasks: [step()] } });
    const seen: Explained[] = [];
    const taken = await claimUnplanned(explaining(db, seen), 60_000, { limit: 20 });
    const countOf = (user: string) => taken.filter((task) => task.user_id === user).length;
    expect([countOf('crowd'), countOf('few'), taken.length]).toEqual([10, 3, 13]);
    expect(await claimGiven(explaining(db, seen), 60_000)).toMatchObject([{ id: given }]);
    expect(seen.length).toBeGreaterThanOrEqual(2);
    expect(most(seen)).toBeLessThanOrEqual(20);
  });

  it('is taken over in the end, whoever has how much of it', async () => {
    for (const [nth, count] of [70, 1, 9, 25].entries()) await fill(`user${nth}x`, count);
    const taken: string[] = [];
    for (;;) {
      const found = await claimUnplanned(db, 60_000, { limit: 20 });
      if (found.length === 0) break;
      taken.push(...idsOf(found));
    }
    expect([taken.length, new Set(taken).size]).toEqual([105, 105]);
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

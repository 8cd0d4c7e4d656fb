import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { graph, step } from '../../tests/support/plans.ts';
import { claim, openStore, startTask } from '../../tests/support/store.ts';
import { CAPABILITIES, type Capability } from '../domain/capability.ts';
import type { ReadySubtask } from '../domain/subtask.ts';
import type { Db } from './db.ts';
import { findReady, listReady, type ReadyQuery } from './ready-list.ts';
import { retryTask } from './tasks.ts';

let db: Db;
beforeAll(async () => {
  db = await openStore();
});
afterAll(() => db.close());
beforeEach(() => db.script('truncate tasks, leases cascade'));

const read = (given: Partial<ReadyQuery> = {}) => listReady(db, { offered: [CAPABILITIES], limit: 100, ...given });
const idsOf = (rows: readonly { id: string }[]) => rows.map((row) => row.id);
const setOf = (row: ReadySubtask) => row.required_capabilities.join();
function countsBy(keyOf: (row: ReadySubtask) => string, rows: readonly ReadySubtask[]): Record<string, number> {
  const keys = rows.map(keyOf);
  return Object.fromEntries(keys.map((key) => [key, keys.filter((other) => other === key).length]));
}
const usersOf = (rows: readonly ReadySubtask[]) => countsBy((row) => row.user_id, rows);

interface Crowd {
  user: string;
  count: number;
  priority?: number;
  rank?: number;
  /** Minutes for which they have been ready. */
  minutes?: number;
  needs?: Capability[];
}

/** Ready rows of one task for each crowd; in a crowd the ranks fall by 1 from `rank` on. */
async function fill(...crowds: Crowd[]): Promise<void> {
  for (const { user, count, priority = 5, rank = 1_000, minutes = 0, needs = ['data_analysis'] } of crowds) {
    const { id } = await startTask(db, graph([]), { user_id: user });
    await db.query('delete from subtasks where task_id = $1', [id]);
    await db.query(
      `insert into subtasks (id, task_id, user_id, position, description, required_capabilities, priority, rank, status,
         waiting_for, ready_at)
       select 'subtask_' || left(md5($1 || n), 20), $1, $2, n, 'Do one step of it', $3, $4, $5::int - n, 'ready', 0,
         now() - $6 * interval '1 minute'
       from generate_series(1, $7::int) as n`,
      [id, user, needs, priority, rank, minutes, count],
    );
  }
}

/** Nobody who is left is more urgent than who is read; and of the level that was cut, users have as many as each other. */
function expectFair(part: readonly ReadySubtask[], left: readonly ReadySubtask[]): void {
  expect(part.length).toBeGreaterThan(0);
  const level = Math.max(-1, ...left.map((row) => row.priority));
  expect(part.filter((row) => row.priority < level)).toEqual([]);
  const read = usersOf(part.filter((row) => row.priority === level));
  const poor = new Set(left.filter((row) => row.priority === level).map((row) => row.user_id));
  for (const user of poor)
    for (const other of Object.values(read)) expect(other - (read[user] ?? 0)).toBeLessThanOrEqual(1);
}

describe('ready subtasks', () => {
  it('come by priority, then longest remaining path, then age', async () => {
    const old = await startTask(db, { subtasks: [step({ priority: 5, estimated_duration: 10 })] });
    await db.query("update subtasks set ready_at = ready_at - interval '9 minutes'");
    const plan = {
      subtasks: [
        step({ priority: 5, estimated_duration: 10 }),
        step({ priority: 1, estimated_duration: 500 }),
        step({ priority: 9, estimated_duration: 1 }),
        step({ priority: 5, estimated_duration: 60 }),
        step({ priority: 10, dependencies: [0] }),
      ],
    };
    const { subtasks } = await startTask(db, plan);
    // The first step's path includes the step that waits for it: 40 seconds.
    const { rows, cut } = await read();
    expect(idsOf(rows)).toEqual([subtasks[2], subtasks[3], subtasks[0], old.subtasks[0], subtasks[1]]);
    expect(cut).toEqual([]);
  });

  it('carry what the scheduler needs to match them', async () => {
    const { id, subtasks } = await startTask(
      db,
      { subtasks: [step({ required_capabilities: ['web_scraping', 'api_integration'] })] },
      { user_id: 'ann' },
    );
    expect(await read()).toEqual({
      rows: [
        {
          id: subtasks[0],
          task_id: id,
          user_id: 'ann',
          required_capabilities: ['web_scraping', 'api_integration'],
          priority: 5,
          rank: 30,
          ready_at: expect.stringMatching(/^\d{4}-.*Z$/),
          due_in_ms: 0,
        },
      ],
      cut: [],
      cursor: new Map(),
    });
  });

  it('count one priority higher for each ten minutes', async () => {
    await fill({ user: 'ada', count: 1, minutes: 25 }, { user: 'bob', count: 1, priority: 6 });
    expect((await read()).rows).toMatchObject([
      { user_id: 'ada', priority: 7 },
      { user_id: 'bob', priority: 6 },
    ]);
  });

  it('are found by id, unless they are no longer ready', async () => {
    const { subtasks } = await startTask(db, graph([], [], [0]));
    await claim(db, [subtasks[0]!]);
    expect(idsOf(await findReady(db, [...subtasks, 'subtask_none']))).toEqual([subtasks[1]]);
    expect(await findReady(db, [])).toEqual([]);
  });

  it('keep their user through a failure and a retry', async () => {
    const { id } = await startTask(db, graph([], []), { user_id: 'ann' });
    await db.query("update subtasks set status = 'failed', finished_at = now() where task_id = $1", [id]);
    await db.query("update tasks set status = 'failed', error = 'it failed', finished_at = now() where id = $1", [id]);
    await retryTask(db, id);
    expect((await read()).rows).toMatchObject([{ user_id: 'ann' }, { user_id: 'ann' }]);
  });

  it('that nobody could run, or whose tasks are left out, are not read', async () => {
    await fill(
      { user: 'ada', count: 2, needs: ['web_scraping'] },
      { user: 'bob', count: 3 },
      { user: 'cyd', count: 4 },
    );
    const { rows } = await read({ offered: [['data_analysis', 'api_integration']] });
    expect(usersOf(rows)).toEqual({ bob: 3, cyd: 4 });
    const taskOfBob = rows.find((row) => row.user_id === 'bob')!.task_id;
    expect(usersOf((await read({ except: [taskOfBob] })).rows)).toEqual({ ada: 2, cyd: 4 });
    expect((await read({ offered: [] })).rows).toEqual([]);
  });
});

describe('more ready subtasks than are read', () => {
  it('are the most urgent, with some of each user, however many one has', async () => {
    await fill({ user: 'ada', count: 900 }, { user: 'bob', count: 3, rank: 1 });
    const { rows, cut } = await read();
    expect(usersOf(rows)).toEqual({ ada: 50, bob: 3 });
    expect(rows.slice(0, 50).map((row) => row.rank)).toEqual(Array.from({ length: 50 }, (_, nth) => 999 - nth));
    expect(cut).toEqual([['data_analysis']]);
  });

  it('are none of a lower priority than those that are left', async () => {
    await fill(
      { user: 'ada', count: 30, priority: 9 },
      { user: 'bob', count: 200, priority: 7 },
      { user: 'cyd', count: 3 },
    );
    const { rows } = await read();
    expect(usersOf(rows)).toEqual({ ada: 30, bob: 70 });
  });

  it('are first those that have waited for long', async () => {
    await fill({ user: 'ada', count: 300, priority: 6 }, { user: 'bob', count: 2, priority: 0, minutes: 90 });
    expect(usersOf((await read()).rows)).toEqual({ ada: 98, bob: 2 });
  });

  it('have an equal share for each set, so that a crowd of one hides no other', async () => {
    await fill(
      { user: 'ada', count: 300, priority: 9 },
      { user: 'ada', count: 2, priority: 0, needs: ['web_scraping'] },
      { user: 'bob', count: 80, needs: ['web_scraping', 'api_integration'] },
    );
    const { rows, cut } = await read({ limit: 90 });
    expect(countsBy(setOf, rows)).toEqual({ data_analysis: 30, web_scraping: 2, 'web_scraping,api_integration': 30 });
    expect(cut.map((set) => set.length).toSorted()).toEqual([1, 2]);
  });

  it('are one set whatever the order in which plans name its words', async () => {
    const named = (priority: number, required_capabilities: Capability[]) => ({
      subtasks: Array.from({ length: 6 }, () => step({ priority, required_capabilities })),
    });
    await startTask(db, named(9, ['web_scraping', 'data_analysis']));
    await startTask(db, named(1, ['data_analysis', 'web_scraping']));
    const { rows, cut } = await read({ limit: 4 });
    expect(rows.map((row) => row.priority)).toEqual([9, 9, 9, 9]);
    expect(cut).toEqual([['data_analysis', 'web_scraping']]);
  });

  it('go round when there are more users than can be read at once', async () => {
    await fill(...Array.from({ length: 12 }, (_, nth) => ({ user: `user_${10 + nth}`, count: 2 })));
    const first = await read({ limit: 5 });
    const second = await read({ limit: 5, from: first.cursor });
    const third = await read({ limit: 5, from: second.cursor });
    const nths = [first, second, third].map(({ rows }) => rows.map((row) => Number(row.user_id.slice(5)) - 10));
    expect(nths.map((read) => read.toSorted((a, b) => a - b))).toEqual([
      [0, 1, 2, 3, 4],
      [5, 6, 7, 8, 9],
      [0, 1, 2, 10, 11],
    ]);
  });

  const crowds = fc.array(
    fc.record({
      user: fc.constantFrom('ada', 'bob', 'cyd'),
      count: fc.integer({ min: 1, max: 12 }),
      priority: fc.integer({ min: 0, max: 2 }),
      needs: fc.constantFrom<Capability[]>(['data_analysis'], ['web_scraping'], ['web_scraping', 'data_analysis']),
    }),
    { minLength: 1, maxLength: 5 },
  );

  it('whatever there is: all when it fits; else no set and no user of the level that was cut is left out', async () => {
    await fc.assert(
      fc.asyncProperty(crowds, fc.integer({ min: 9, max: 60 }), async (given, limit) => {
        await db.script('truncate tasks cascade');
        await fill(...given);
        const all = (await read({ limit: 1_000 })).rows;
        expect(all).toHaveLength(given.reduce((sum, { count }) => sum + count, 0));
        const { rows, cut } = await read({ limit });
        const isRead = new Set(idsOf(rows));
        expect(idsOf(all).filter((id) => isRead.has(id))).toEqual(idsOf(rows));
        const sets = new Set(all.map(setOf));
        const share = Math.ceil(limit / sets.size);
        for (const set of sets) {
          const whole = all.filter((row) => setOf(row) === set);
          const left = whole.filter((row) => !isRead.has(row.id));
          expect(left.length > 0).toBe(whole.length > share);
          expect(cut.map((one) => one.join()).includes(set)).toBe(left.length > 0);
          expectFair(
            whole.filter((row) => isRead.has(row.id)),
            left,
          );
        }
      }),
      { numRuns: 25 },
    );
  });
});

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { graph } from '../../tests/support/plans.ts';
import { take } from '../../tests/support/ready-queue.ts';
import { readySubtask as row } from '../../tests/support/subtasks.ts';
import { CAPABILITIES, type Capability, maskOf } from '../domain/capability.ts';
import type { ReadySubtask } from '../domain/subtask.ts';
import type { Db } from '../store/db.ts';
import { openPglite } from '../store/db-pglite.ts';
import { migrate } from '../store/migrate.ts';
import { listReady } from '../store/ready-list.ts';
import { createTask, savePlan } from '../store/tasks.ts';
import { QUEUE_MAX, ReadyQueue } from './ready-queue.ts';

const ids = (candidates: { id: string }[]) => candidates.map((candidate) => candidate.id);

describe('the ready queue', () => {
  it('hands out those of a set although a crowd of another finds no place, and keeps the crowd', () => {
    const queue = new ReadyQueue();
    const crowd = Array.from({ length: 100 }, (_, nth) => row(`crowd_${nth}`, { priority: 10 }));
    const lonely = row('lonely', { user_id: 'bob', required_capabilities: ['web_scraping'], priority: 0 });
    const both = row('both', { required_capabilities: ['web_scraping'], priority: 1 });
    queue.add([...crowd, lonely, both], 0);
    const fits = ({ needs }: { needs: number }) => needs === maskOf(['web_scraping']);
    expect(ids(take(queue, 5, { fits }))).toEqual(['both', 'lonely']);
    expect(ids(take(queue, 2))).toEqual(['crowd_0', 'crowd_1']);
    expect(queue.size).toBe(98);
  });

  describe('shows what was left out in one round in the next', () => {
    const B: Partial<ReadySubtask> = { required_capabilities: ['web_scraping'] };
    const fits = ({ needs }: { needs: number }) => needs === maskOf(['data_analysis']);
    const vic = row('v', { user_id: 'vic', priority: 9, ...B });

    it('of a user whose last of the other set was placed', () => {
      const queue = new ReadyQueue();
      queue.add([vic, row('a'), row('b', { rank: 20, ...B })], 0);
      expect(ids(take(queue, 5, { fits }))).toEqual(['a']);
      expect(ids(take(queue, 5))).toEqual(['v', 'b']);
    });

    it('before the less urgent ones of the other set', () => {
      const queue = new ReadyQueue();
      queue.add([vic, row('a1', { rank: 90 }), row('b', { rank: 60, ...B }), row('a2', { rank: 30 })], 0);
      expect(ids(take(queue, 1, { fits }))).toEqual(['a1']);
      expect(ids(take(queue, 5))).toEqual(['v', 'b', 'a2']);
    });
  });

  it('tells sets apart by what is in them, not by the order of the words', () => {
    const queue = new ReadyQueue();
    const ab: Capability[] = ['data_analysis', 'web_scraping'];
    queue.add([row('a', { required_capabilities: ab }), row('b', { required_capabilities: ab.toReversed() })], 0);
    expect(take(queue, 1)).toEqual([expect.objectContaining({ id: 'a', needs: maskOf(ab) })]);
  });

  it('takes nothing twice, however often it was added', () => {
    const queue = new ReadyQueue();
    queue.add([row('a'), row('a')], 0);
    queue.add([row('a')], 0);
    expect(ids(take(queue, 5))).toEqual(['a']);
    expect(take(queue, 5)).toEqual([]);
    queue.add([row('a')], 0);
    expect(queue.size).toBe(1);
    expect(ids(take(queue, 5))).toEqual(['a']);
  });

  it('drops those of tasks that wait for something else, without a turn for their user', () => {
    const queue = new ReadyQueue();
    queue.add([row('a', { rank: 90 }), row('b', { task_id: 'task_2' }), row('c', { user_id: 'bob' })], 0);
    expect(ids(take(queue, 5, { except: new Set(['task_1']) }))).toEqual(['b']);
    expect(queue.size).toBe(0);
    queue.add([row('a'), row('c', { user_id: 'bob' })], 0);
    expect(ids(take(queue, 5))).toEqual(['c', 'a']);
  });

  it('holds back what is not due yet, and says when the next one is', () => {
    const queue = new ReadyQueue();
    queue.add([row('late', { due_in_ms: 500 }), row('soon', { due_in_ms: 100, priority: 0 }), row('now')], 1_000);
    expect(queue.nextDueAt(1_000)).toBe(1_100);
    expect(ids(take(queue, 5, { now: 1_099 }))).toEqual(['now']);
    expect(ids(take(queue, 5, { now: 1_100 }))).toEqual(['soon']);
    expect(queue.nextDueAt(1_100)).toBe(1_500);
    expect(ids(take(queue, 5, { now: 2_000 }))).toEqual(['late']);
    expect(queue.nextDueAt(2_000)).toBeNull();
  });

  it('never names a due instant that has passed, even when nothing was taken since', () => {
    const queue = new ReadyQueue();
    queue.add([row('a', { due_in_ms: 10 }), row('b', { due_in_ms: 900 })], 0);
    expect(queue.nextDueAt(50)).toBe(900);
    expect(ids(take(queue, 5, { now: 50 }))).toEqual(['a']);
  });

  it('takes no more than its bound, and has room again once some are taken', () => {
    const queue = new ReadyQueue();
    queue.add(
      Array.from({ length: QUEUE_MAX + 10 }, (_, nth) => row(`s${nth}`)),
      0,
    );
    expect(queue.size).toBe(QUEUE_MAX);
    queue.add([row('over')], 0);
    expect(queue.size).toBe(QUEUE_MAX);
    take(queue, 1);
    queue.add([row('over', { priority: 10 })], 0);
    expect(ids(take(queue, 1))).toEqual(['over']);
  });

  it('forgets what is no longer ready when it starts over, delayed ones too', () => {
    const queue = new ReadyQueue();
    queue.add([row('stale'), row('staler', { due_in_ms: 5 })], 0);
    queue.replace([row('fresh')], 0);
    expect(queue.nextDueAt(0)).toBeNull();
    expect(ids(take(queue, 5, { now: 1_000 }))).toEqual(['fresh']);
  });
});

describe('users of the ready queue', () => {
  const crowdOf = (user_id: string, count: number, given: Partial<ReadySubtask> = {}) =>
    Array.from({ length: count }, (_, nth) => row(`${user_id}_${String(nth).padStart(4, '0')}`, { user_id, ...given }));
  const usersOf = (candidates: { user_id: string }[]) => candidates.map((candidate) => candidate.user_id);

  it('take turns, so that a crowd of one does not keep the few of another waiting', () => {
    const queue = new ReadyQueue();
    queue.add(crowdOf('ada', 5_000, { rank: 90 }), 0);
    queue.add(crowdOf('bob', 3), 0);
    expect(usersOf(take(queue, 8))).toEqual(['ada', 'bob', 'ada', 'bob', 'ada', 'bob', 'ada', 'ada']);
  });

  it('have their turns whatever capabilities their subtasks need', () => {
    const queue = new ReadyQueue();
    queue.add(crowdOf('ada', 4, { rank: 90 }), 0);
    queue.add(crowdOf('bob', 2, { required_capabilities: ['web_scraping'] }), 0);
    expect(usersOf(take(queue, 6))).toEqual(['ada', 'bob', 'ada', 'bob', 'ada', 'ada']);
  });

  it('come after those whose subtasks have a higher priority', () => {
    const queue = new ReadyQueue();
    queue.add([...crowdOf('ada', 3, { priority: 9 }), ...crowdOf('bob', 2)], 0);
    expect(usersOf(take(queue, 5))).toEqual(['ada', 'ada', 'ada', 'bob', 'bob']);
  });

  it('have their own subtasks in the order of urgency', () => {
    const queue = new ReadyQueue();
    const ranks = [10, 40, 20, 30];
    queue.add(
      ranks.flatMap((rank) => [row(`a${rank}`, { rank, user_id: 'ada' }), row(`b${rank}`, { rank, user_id: 'bob' })]),
      0,
    );
    expect(ids(take(queue, 8))).toEqual(['a40', 'b40', 'a30', 'b30', 'a20', 'b20', 'a10', 'b10']);
  });

  it('start where the others are when they come later, and catch up on nothing', () => {
    const queue = new ReadyQueue();
    queue.add(crowdOf('ada', 100), 0);
    take(queue, 50);
    queue.add(crowdOf('bob', 100), 0);
    expect(usersOf(take(queue, 6)).filter((user) => user === 'bob')).toHaveLength(3);
  });

  it('have a turn back for what was taken and not claimed', () => {
    const queue = new ReadyQueue();
    queue.add([...crowdOf('ada', 10), ...crowdOf('bob', 10)], 0);
    for (const { user_id } of take(queue, 6)) if (user_id === 'bob') queue.giveBackTurn(user_id);
    expect(usersOf(take(queue, 5))).toEqual(['bob', 'bob', 'bob', 'ada', 'bob']);
    queue.giveBackTurn('nobody');
  });

  it('have the same turns whether many agents are free at once or one after the other', () => {
    const rows = ['ada', 'bob', 'cyd'].flatMap((user, nth) => [
      ...crowdOf(user, 4, { rank: 10 * nth }),
      ...crowdOf(user, nth, { priority: 9 }).map((one) => ({ ...one, id: `urgent_${one.id}` })),
    ]);
    const [atOnce, onceEach] = [new ReadyQueue(), new ReadyQueue()];
    for (const queue of [atOnce, onceEach]) queue.add(rows, 0);
    const all = ids(take(atOnce, rows.length));
    expect(all).toHaveLength(rows.length);
    expect(rows.flatMap(() => ids(take(onceEach, 1)))).toEqual(all);
  });
});

describe('the order of the ready queue', () => {
  let db: Db;
  beforeAll(async () => {
    db = await openPglite();
    await migrate(db);
  });
  afterAll(() => db.close());

  const urgency = fc.record({
    priority: fc.integer({ min: 0, max: 3 }),
    rank: fc.constantFrom(0.5, 30, 30.25, 60),
    at: fc.integer({ min: 0, max: 3 }),
    needs: fc.subarray([...CAPABILITIES], { minLength: 1, maxLength: 2 }),
  });

  it('is the order of the SQL that fills it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(urgency, { minLength: 1, maxLength: 12 }), async (urgencies) => {
        await db.script('truncate tasks cascade');
        const { id } = await createTask(db, { description: 'A crowd of subtasks', user_id: 'tester' }, 60_000);
        await savePlan(db, id, { plan: graph(...urgencies.map(() => [])), source: 'given' });
        await db.query(
          `update subtasks s set priority = u.priority, rank = u.rank, required_capabilities = u.needs,
             ready_at = now() + u.at * interval '1 millisecond'
           from jsonb_to_recordset($1::jsonb) as u (nth int, priority int, rank float8, at int, needs text[])
           where s.position = u.nth`,
          [JSON.stringify(urgencies.map((one, nth) => ({ nth, ...one })))],
        );
        const { rows } = await listReady(db, { offered: [CAPABILITIES], limit: 100 });
        const queue = new ReadyQueue();
        queue.add(rows.toReversed(), 0);
        expect(ids(take(queue, 100))).toEqual(rows.map((one) => one.id));
      }),
      { numRuns: 40 },
    );
  });
});

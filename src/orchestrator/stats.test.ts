import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { agent } from '../../tests/support/agents.ts';
import { createManualClock, type ManualClock } from '../../tests/support/manual-clock.ts';
import { graph } from '../../tests/support/plans.ts';
import { claim, complete, endBackOffs, fail, failed, openStore, startTask } from '../../tests/support/store.ts';
import type { Bus } from '../bus/bus.ts';
import { createMemoryBus } from '../bus/memory.ts';
import { systemClock } from '../clock.ts';
import { finishAttempts } from '../store/attempts.ts';
import type { Db } from '../store/db.ts';
import { completeTask } from '../store/task-completion.ts';
import { Stats } from './stats.ts';

let db: Db;
let bus: Bus;
let clock: ManualClock;
let stats: Stats;
beforeAll(async () => {
  db = await openStore();
});
afterAll(() => db.close());
beforeEach(async () => {
  await db.query('delete from tasks');
  bus = createMemoryBus(systemClock);
  clock = createManualClock(new Date('2030-01-01T12:00:30.000Z'));
  stats = new Stats({ db, bus, clock });
});

/** A completed task whose attempt ended at the instant, after these seconds of waiting and running. */
async function finished(at: string, waited: number, ran: number): Promise<void> {
  const { id, subtasks } = await startTask(db);
  await complete(db, ...subtasks);
  await completeTask(db, id, 'done');
  await db.query(
    'update subtask_results set created_at = $2, waited_seconds = $3, execution_time = $4 where task_id = $1',
    [id, at, waited, ran],
  );
  await db.query('update tasks set finished_at = $2 where id = $1', [id, at]);
}

describe('the overview', () => {
  it('of nothing is zeros and nulls in sixty minutes', async () => {
    const answer = await stats.read('1h');
    expect(answer).toMatchObject({
      tasks: { pending: 0, in_progress: 0, completed: 0, failed: 0, cancelled: 0 },
      queue: [],
      agents: { registered: 0, slots: 0, busy: 0 },
      window: { from: '2030-01-01T11:01:00.000Z', to: '2030-01-01T12:00:30.000Z', bucket_seconds: 60 },
      waiting_seconds: { p50: null, p95: null },
      cost_usd: 0,
    });
    expect(answer.buckets).toHaveLength(60);
    expect(answer.buckets.at(-1)).toMatchObject({ at: '2030-01-01T12:00:00.000Z', tasks_completed: 0, cost_usd: 0 });
  });

  it('puts what ended into its minute, and leaves out what ended before', async () => {
    await finished('2030-01-01T11:00:59.999Z', 9, 9);
    await finished('2030-01-01T11:01:00.000Z', 1, 2);
    await finished('2030-01-01T12:00:05.000Z', 3, 4);
    await finished('2030-01-01T12:00:06.000Z', 5, 6);
    const { buckets, tasks, ...answer } = await stats.read('1h');
    expect(tasks.completed).toBe(3);
    expect(answer).toMatchObject({
      waiting_seconds: { p50: 3, p95: expect.closeTo(4.8) },
      running_seconds: { p50: 4, p95: expect.closeTo(5.8) },
      cost_usd: expect.closeTo(0.03),
    });
    expect(buckets[0]).toMatchObject({
      tasks_completed: 1,
      subtasks_completed: 1,
      running_seconds: { p50: 2, p95: 2 },
    });
    expect(buckets.at(-1)).toMatchObject({ tasks_completed: 2, subtasks_completed: 2, waiting_seconds: { p50: 4 } });
    expect(buckets.slice(1, -1).every((bucket) => bucket.tasks_completed === 0)).toBe(true);
  });

  it('counts failed attempts, failed tasks, open subtasks and the queue', async () => {
    const one = await startTask(db, graph([], [0], []));
    await finishAttempts(
      db,
      (await claim(db, [one.subtasks[0]!])).map((claimed) => failed(claimed, 'crashed')),
      () => 0,
    );
    await endBackOffs(db);
    await claim(db, [one.subtasks[2]!]);
    const other = await startTask(db);
    await fail(db, other.subtasks[0]!);
    await db.query("update subtask_results set created_at = '2030-01-01T12:00:00Z'");
    await db.query("update tasks set finished_at = '2030-01-01T12:00:00Z' where finished_at is not null");
    await bus.putAgent(agent({ slots: 3, running: [{ subtask_id: one.subtasks[2]!, attempt: 1 }] }), 60_000);
    const answer = await stats.read('1h');
    expect(answer.tasks).toMatchObject({ in_progress: 1, failed: 1 });
    expect(answer.subtasks).toMatchObject({ pending: 1, ready: 1, running: 1, completed: 0, failed: 0 });
    expect(answer.queue).toEqual([
      { required_capabilities: ['data_analysis'], ready: 1, oldest_ready_at: expect.any(String) },
    ]);
    expect(answer.agents).toEqual({ registered: 1, slots: 3, busy: 1 });
    expect(answer.buckets.at(-1)).toMatchObject({ attempts_failed: 2, tasks_failed: 1 });
  });

  it('keeps the past for a moment, and what is open never', async () => {
    await stats.read('24h');
    await finished('2030-01-01T12:00:10.000Z', 1, 1);
    await startTask(db);
    expect((await stats.read('24h')).tasks).toMatchObject({ completed: 0, in_progress: 1 });
    clock.advance(30_000);
    expect((await stats.read('24h')).tasks).toMatchObject({ completed: 1, in_progress: 1 });
  });

  it('has waited as long as the subtask was ready', async () => {
    const { subtasks } = await startTask(db);
    await db.query("update subtasks set ready_at = ready_at - interval '5 seconds'");
    await complete(db, ...subtasks);
    const [result] = await db.query<{ waited_seconds: number }>('select waited_seconds from subtask_results');
    expect(result!.waited_seconds).toBeGreaterThanOrEqual(5);
    expect(result!.waited_seconds).toBeLessThan(60);
  });

  it('tries again after a failure of the database', async () => {
    const failing = { ...db, query: () => Promise.reject(new Error('the database is away')) };
    const parts = { db: failing as Db, bus, clock };
    const broken = new Stats(parts);
    await expect(broken.read('7d')).rejects.toThrow('away');
    parts.db = db;
    expect((await broken.read('7d')).buckets).toHaveLength(84);
  });
});

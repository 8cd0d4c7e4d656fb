// The ground the simulation stands on: the database knows no time but the timeline's, and statements fail as planned.
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { holdLease } from '../../src/store/leases.ts';
import { findReady } from '../../src/store/ready-list.ts';
import { claimSubtasks, listRunning } from '../../src/store/subtasks.ts';
import { createTask, savePlan } from '../../src/store/tasks.ts';
import { createDice } from '../support/dice.ts';
import { graph } from '../support/plans.ts';
import { DatabaseServer, type Engine, openEngine } from './database.ts';
import { BEGINNING, createProcess, kill, Timeline } from './timeline.ts';

const FIRST = { name: 'scheduler', holder: 'the first' };
const SECOND = { name: 'scheduler', holder: 'the second' };

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine.close());
beforeEach(() => engine.script('truncate tasks, events, leases cascade'));

function setUp() {
  const timeline = new Timeline(createDice(7));
  const server = new DatabaseServer(engine, timeline);
  const process = createProcess('orchestrator');
  const db = server.connect(process);
  /** Lets time pass until the work is done. */
  const finish = async <T>(work: Promise<T>): Promise<T> => {
    const outcomes: { value?: T; error?: unknown }[] = [];
    work.then(
      (value) => outcomes.push({ value }),
      (error: unknown) => outcomes.push({ error }),
    );
    for (let tries = 0; tries < 60 && outcomes.length === 0; tries += 1) await timeline.run(timeline.now + 1_000);
    const [outcome] = outcomes;
    if (!outcome) throw new Error('the work did not end within a minute');
    if ('error' in outcome) throw outcome.error;
    return outcome.value as T;
  };
  /** Lets so much time pass, but for the given rest. */
  const pass = (ms: number) => timeline.run(timeline.now + ms);
  return { timeline, server, process, db, finish, pass };
}

it('leases pass when virtual time has passed, and not before', async () => {
  const { server, pass } = setUp();
  const sql = { query: server.ask.bind(server), script: engine.script };
  expect(await holdLease(sql, FIRST, 4_000)).toBe(true);
  await pass(3_999);
  expect(await holdLease(sql, SECOND, 4_000)).toBe(false);
  await pass(1);
  expect(await holdLease(sql, SECOND, 4_000)).toBe(true);
});

it('deadlines, instants and defaults of the store follow virtual time', async () => {
  const { server, db, finish, pass, timeline } = setUp();
  await pass(100_000_000);
  await finish(createTask(db, { id: 'task_1', description: 'A task in virtual time', user_id: 'test' }, 5_000));
  const saved = await finish(savePlan(db, 'task_1', { plan: graph([]), source: 'given' }));
  if (saved.outcome !== 'saved') throw new Error('not saved');
  await finish(holdLease(db, FIRST, 60_000));
  const claims = saved.ready.map((subtask_id) => ({ subtask_id, agent_id: 'agent_1', agent_instance: 'one' }));
  await finish(claimSubtasks(db, claims, { lease: FIRST, timeoutMs: 10_000 }));
  const claimedAt = timeline.now;
  await pass(25_000);
  const [running] = await finish(listRunning(db));
  const [task] = await server.ask<{ created_at: string }>('select created_at from tasks');
  const sinceClaim = timeline.now - claimedAt;
  expect(Date.parse(task?.created_at ?? '') - BEGINNING).toBeGreaterThanOrEqual(100_000_000);
  expect(Date.parse(task?.created_at ?? '') - BEGINNING).toBeLessThan(100_010_000);
  expect(running?.running_ms).toBeGreaterThanOrEqual(25_000);
  expect(running?.running_ms).toBeLessThanOrEqual(sinceClaim + 1_000);
  expect(running?.overdue_ms).toBeCloseTo((running?.running_ms ?? 0) - 10_000, 5);
  expect(await finish(findReady(db, saved.ready))).toEqual([]);
});

it.each([
  ['failed', 'pending', 'rejects'],
  ['lost', 'in_progress', 'rejects'],
  ['killed before', 'pending', 'never ends'],
  ['killed after', 'in_progress', 'never ends'],
] as const)('a commit that is %s leaves the task %s, and its transaction %s', async (fault, status, end) => {
  const { server, db, finish } = setUp();
  await finish(createTask(db, { id: 'task_1', description: 'A task in virtual time', user_id: 'test' }, 5_000));
  // begin, start, subtasks, events, then commit
  server.plan(fault, 4);
  const saving = finish(savePlan(db, 'task_1', { plan: graph([]), source: 'given' }));
  await expect(saving).rejects.toThrow(end === 'rejects' ? 'connection to the database was lost' : 'did not end');
  expect(await server.ask('select status from tasks')).toEqual([{ status }]);
});

it('a process that is stopped before its transaction begins does not begin it in the middle of another', async () => {
  const { server, process, db, finish, pass, timeline } = setUp();
  const other = server.connect(createProcess('orchestrator_2'));
  const late = db.transaction((tx) => tx.query("insert into leases values ('late', 'half', now())"));
  late.catch(() => undefined);
  process.stoppedUntil = timeline.now + 10_000;
  await pass(5_000);
  expect(
    await finish(createTask(other, { description: 'A task in virtual time', user_id: 'test' }, 5_000)),
  ).toMatchObject({
    outcome: 'created',
  });
  await pass(20_000);
  await expect(late).rejects.toThrow('connection to the database was lost');
  expect(await server.ask('select * from leases')).toEqual([]);
});

it('a process that dies or stops in the middle of a transaction keeps nobody waiting', async () => {
  const { server, process, db, finish, pass, timeline } = setUp();
  const other = server.connect(createProcess('orchestrator_2'));
  const task = (id: string) => ({ id, description: 'A task in virtual time', user_id: 'test' });
  const inTheMiddle = async (befall: () => void) => {
    void db
      .transaction(async (tx) => {
        await tx.query("insert into leases values ('half', 'done', now())");
        befall();
        await tx.query('select 1');
      })
      .catch(() => undefined);
    await pass(5_000);
  };
  await inTheMiddle(() => {
    process.stoppedUntil = timeline.now + 60_000;
  });
  expect(await finish(createTask(other, task('task_1'), 5_000))).toEqual({ outcome: 'created', id: 'task_1' });
  process.stoppedUntil = 0;
  await pass(60_000);
  await inTheMiddle(() => kill(process));
  expect(await finish(createTask(other, task('task_2'), 5_000))).toEqual({ outcome: 'created', id: 'task_2' });
  expect(await server.ask('select * from leases')).toEqual([]);
});

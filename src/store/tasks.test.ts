import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { graph, step } from '../../tests/support/plans.ts';
import {
  claim,
  claimOne,
  complete,
  completed,
  eventTypes,
  fail,
  openStore,
  startTask,
  subtaskStatuses,
} from '../../tests/support/store.ts';
import { finishAttempts } from './attempts.ts';
import type { Db } from './db.ts';
import { completeTask } from './task-completion.ts';
import { getTask } from './task-views.ts';
import { cancelTask, createTask, listUnsummarised, retryTask, savePlan } from './tasks.ts';

let db: Db;
beforeAll(async () => {
  db = await openStore();
});
afterAll(() => db.close());

const newTask = { description: 'Calculate factorial of 10', user_id: 'ann' };
const pendingTask = async (planningMs = 60_000) => (await createTask(db, newTask, planningMs)).id;
const taskOf = async (id: string) => (await getTask(db, id))!.task;

describe('creating a task', () => {
  it('stores it as pending, with its first event', async () => {
    const created = await createTask(db, newTask, 60_000);
    expect(created).toEqual({ outcome: 'created', id: expect.stringMatching(/^task_[a-z0-9]{20}$/) });
    expect(await taskOf(created.id)).toMatchObject({
      ...newTask,
      status: 'pending',
      plan_source: null,
      result: null,
      error: null,
      started_at: null,
      finished_at: null,
    });
    expect(await eventTypes(db, created.id)).toEqual(['task.created']);
  });

  it('takes the id under which its files were stored', async () => {
    expect(await createTask(db, { ...newTask, id: 'task_withfiles' }, 1_000)).toEqual({
      outcome: 'created',
      id: 'task_withfiles',
    });
  });

  it('keeps what the column cannot hold as a replacement character', async () => {
    const { id } = await createTask(db, { ...newTask, description: 'zero \u0000 and half \ud83d.' }, 1_000);
    expect((await taskOf(id)).description).toBe('zero \ufffd and half \ufffd.');
  });

  it('refuses a description the domain would refuse, and leaves nothing behind', async () => {
    const [before] = await db.query('select count(*) from tasks');
    await expect(createTask(db, { ...newTask, description: 'too short' }, 1_000)).rejects.toMatchObject({
      code: '23514',
    });
    expect(await db.query('select count(*) from tasks')).toEqual([before]);
  });
});

describe('an idempotency key', () => {
  const keyed = (key: string, request_hash = 'hash') => ({ ...newTask, idempotency: { key, request_hash } });

  it('finds the first task when the same request comes again', async () => {
    const first = await createTask(db, keyed('again'), 1_000);
    expect(await createTask(db, keyed('again'), 1_000)).toEqual({ outcome: 'repeated', id: first.id });
    expect(await eventTypes(db, first.id)).toEqual(['task.created']);
  });

  it('makes one task of requests that come at once', async () => {
    const all = await Promise.all(Array.from({ length: 5 }, () => createTask(db, keyed('at once'), 1_000)));
    expect(new Set(all.map((one) => one.id)).size).toBe(1);
    expect(all.map((one) => one.outcome).sort()).toEqual(['created', 'repeated', 'repeated', 'repeated', 'repeated']);
  });

  it('conflicts when it comes with another request', async () => {
    const first = await createTask(db, keyed('other'), 1_000);
    expect(await createTask(db, keyed('other', 'another hash'), 1_000)).toEqual({ outcome: 'conflict', id: first.id });
  });

  it('belongs to its user', async () => {
    await createTask(db, keyed('mine'), 1_000);
    expect(await createTask(db, { ...keyed('mine'), user_id: 'bob' }, 1_000)).toMatchObject({ outcome: 'created' });
  });
});

describe('saving a plan', () => {
  it('starts the task: steps without dependencies are ready, the others wait', async () => {
    const id = await pendingTask();
    const { subtasks } = graph([], [0], [0], [1, 2]);
    const plan = {
      subtasks: subtasks.map((one, index) => ({ ...one, estimated_duration: [10, 5, 60, 1][index] ?? null })),
    };
    const saved = await savePlan(db, id, { plan, source: 'model' });
    const whole = (await getTask(db, id))!;
    const [a, b, c, d] = whole.subtasks;
    expect(saved).toEqual({ outcome: 'saved', subtasks: 4, ready: [a!.id] });
    expect(whole.task).toMatchObject({ status: 'in_progress', plan_source: 'model', started_at: expect.any(String) });
    expect(whole.subtasks.map((one) => one.status)).toEqual(['ready', 'pending', 'pending', 'pending']);
    expect(whole.subtasks.map((one) => one.rank)).toEqual([71, 6, 61, 1]);
    expect(whole.subtasks.map((one) => one.dependencies)).toEqual([[], [a!.id], [a!.id], [b!.id, c!.id]]);
    expect([a!.ready_at, d!.ready_at]).toEqual([expect.any(String), null]);
    expect(await eventTypes(db, id)).toEqual(['task.created', 'task.planned', 'subtask.ready']);
  });

  it('keeps every field of a step', async () => {
    const one = step({
      description: 'Größe der Datei 😀 bestimmen',
      required_capabilities: ['web_scraping', 'api_integration'],
      priority: 10,
      estimated_duration: 90,
      input_data: { list: [1, 'two', null], nested: { yes: true } },
    });
    const { id } = await startTask(db, { subtasks: [one] });
    const { dependencies, ...fields } = one;
    expect((await getTask(db, id))!.subtasks[0]).toMatchObject({ ...fields, position: 0, attempt: 0, failures: 0 });
  });

  it('happens once', async () => {
    const { id } = await startTask(db);
    expect(await savePlan(db, id, { plan: graph([], []), source: 'fallback' })).toEqual({ outcome: 'not_pending' });
    expect(await subtaskStatuses(db, id)).toEqual(['ready']);
  });

  it('comes too late for a cancelled task, and finds no task that does not exist', async () => {
    const id = await pendingTask();
    await cancelTask(db, id);
    for (const gone of [id, 'task_none'])
      expect(await savePlan(db, gone, { plan: graph([]), source: 'model' })).toEqual({ outcome: 'not_pending' });
    expect(await subtaskStatuses(db, id)).toEqual([]);
  });

  it('takes 5,000 subtasks', async () => {
    const chain = graph(...Array.from({ length: 5_000 }, (_, index) => (index ? [index - 1] : [])));
    const id = await pendingTask();
    expect(await savePlan(db, id, { plan: chain, source: 'given' })).toMatchObject({
      subtasks: 5_000,
      ready: [expect.any(String)],
    });
  });
});

describe('completing a task', () => {
  it('needs every subtask completed', async () => {
    const { id, subtasks } = await startTask(db, graph([], [0]));
    await complete(db, subtasks[0]!);
    expect(await completeTask(db, id, 'all done')).toBe(false);
    await complete(db, subtasks[1]!);
    expect(await listUnsummarised(db, -1_000)).toContain(id);
    expect(await completeTask(db, id, 'all \u0000 done')).toBe(true);
    expect(await taskOf(id)).toMatchObject({
      status: 'completed',
      error: null,
      finished_at: expect.any(String),
      result: {
        summary: 'all \ufffd done',
        subtask_results: subtasks.map((subtask_id) => ({ subtask_id, status: 'completed' })),
      },
    });
  });

  it('happens once', async () => {
    const { id, subtasks } = await startTask(db);
    await complete(db, ...subtasks);
    expect(await completeTask(db, id, 'first')).toBe(true);
    expect(await completeTask(db, id, 'second')).toBe(false);
    expect((await taskOf(id)).result?.summary).toBe('first');
    expect((await eventTypes(db, id)).filter((type) => type === 'task.completed')).toHaveLength(1);
    expect(await listUnsummarised(db, -1_000)).not.toContain(id);
  });

  it('is not for tasks that are pending, cancelled, failed or unknown', async () => {
    const pending = await pendingTask();
    const cancelled = await startTask(db);
    await cancelTask(db, cancelled.id);
    const broken = await startTask(db);
    await fail(db, broken.subtasks[0]!);
    for (const id of [pending, cancelled.id, broken.id, 'task_none'])
      expect(await completeTask(db, id, 'done')).toBe(false);
  });

  it('is left to its writer for a while before another may take over', async () => {
    const { id, subtasks } = await startTask(db);
    await complete(db, ...subtasks);
    expect(await listUnsummarised(db, 60_000)).not.toContain(id);
    expect(await listUnsummarised(db, -1_000)).toContain(id);
  });
});

describe('cancelling a task', () => {
  it('ends a pending one', async () => {
    const id = await pendingTask();
    expect(await cancelTask(db, id)).toEqual({ outcome: 'changed' });
    expect(await taskOf(id)).toMatchObject({
      status: 'cancelled',
      error: null,
      result: null,
      finished_at: expect.any(String),
    });
    expect(await eventTypes(db, id)).toEqual(['task.created', 'task.cancelled']);
  });

  it('ends every subtask that had not ended, and keeps those that had', async () => {
    const { id, subtasks } = await startTask(db, graph([], [0], [0], [1]));
    await complete(db, subtasks[0]!);
    await claim(db, [subtasks[1]!]);
    expect(await cancelTask(db, id)).toEqual({ outcome: 'changed' });
    expect(await subtaskStatuses(db, id)).toEqual(['completed', 'cancelled', 'cancelled', 'cancelled']);
    expect((await eventTypes(db, id)).slice(-4)).toEqual([
      'subtask.cancelled',
      'subtask.cancelled',
      'subtask.cancelled',
      'task.cancelled',
    ]);
  });

  it('makes a later result of a running attempt change nothing', async () => {
    const { id, subtasks } = await startTask(db, graph([], [0]));
    const running = await claimOne(db, subtasks[0]!);
    await cancelTask(db, id);
    const before = await getTask(db, id);
    const report = completed(running);
    expect(await finishAttempts(db, [report], () => 0)).toMatchObject({ accepted: [], superseded: [report] });
    expect(await getTask(db, id)).toEqual(before);
  });

  it('is too late for a task that has ended, which is told its state', async () => {
    const { id, subtasks } = await startTask(db);
    await complete(db, ...subtasks);
    await completeTask(db, id, 'done');
    expect(await cancelTask(db, id)).toEqual({ outcome: 'wrong_state', status: 'completed' });
    expect(await cancelTask(db, 'task_none')).toEqual({ outcome: 'not_found' });
    expect((await taskOf(id)).status).toBe('completed');
  });
});

describe('retrying a failed task', () => {
  it('keeps completed results, readies the failed subtask and lets the blocked ones wait', async () => {
    const { id, subtasks } = await startTask(db, graph([], [], [0, 1], [2]));
    await complete(db, subtasks[0]!);
    await fail(db, subtasks[1]!);
    expect(await subtaskStatuses(db, id)).toEqual(['completed', 'failed', 'blocked', 'blocked']);
    expect((await taskOf(id)).error).toBe(`subtask 1 (${subtasks[1]}) failed: it was unsuccessful`);

    expect(await retryTask(db, id)).toEqual({ outcome: 'changed', ready: [subtasks[1]] });
    expect(await taskOf(id)).toMatchObject({ status: 'in_progress', error: null, finished_at: null });
    expect(await subtaskStatuses(db, id)).toEqual(['completed', 'ready', 'pending', 'pending']);
    expect((await eventTypes(db, id)).slice(-4)).toEqual([
      'task.retried',
      'subtask.retried',
      'subtask.reopened',
      'subtask.reopened',
    ]);

    await complete(db, ...subtasks.slice(1));
    expect(await completeTask(db, id, 'at last')).toBe(true);
    const whole = (await getTask(db, id))!;
    expect(whole.results).toHaveLength(5);
    expect(whole.task.result?.subtask_results.map((result) => result.attempt)).toEqual([1, 2, 1, 1]);
  });

  it('goes on from a dependency that completed after its dependent was blocked', async () => {
    const { id, subtasks } = await startTask(db, graph([], [], [0, 1]));
    await fail(db, subtasks[0]!);
    await complete(db, subtasks[1]!);
    await retryTask(db, id);
    await complete(db, subtasks[0]!, subtasks[2]!);
    expect(await completeTask(db, id, 'done')).toBe(true);
  });

  it('counts its time from the retry', async () => {
    const { id, subtasks } = await startTask(db);
    await db.query("update tasks set started_at = started_at - interval '1 day' where id = $1", [id]);
    await fail(db, subtasks[0]!);
    const before = await taskOf(id);
    await retryTask(db, id);
    const { started_at, created_at } = await taskOf(id);
    expect(Date.parse(started_at!)).toBeGreaterThanOrEqual(Date.parse(before.finished_at!));
    expect(created_at).toEqual(before.created_at);
  });

  it('starts counting failures anew', async () => {
    const { id, subtasks } = await startTask(db);
    await fail(db, subtasks[0]!);
    await retryTask(db, id);
    expect((await getTask(db, id))!.subtasks[0]).toMatchObject({
      failures: 0,
      error: null,
      agent_id: null,
      attempt: 1,
    });
  });

  it('is refused for a task that has not failed, which is told its state', async () => {
    const { id } = await startTask(db);
    expect(await retryTask(db, id)).toEqual({ outcome: 'wrong_state', status: 'in_progress' });
    await cancelTask(db, id);
    expect(await retryTask(db, id)).toEqual({ outcome: 'wrong_state', status: 'cancelled' });
    expect(await retryTask(db, 'task_none')).toEqual({ outcome: 'not_found' });
  });
});

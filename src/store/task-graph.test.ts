import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { graph } from '../../tests/support/plans.ts';
import {
  claim,
  claimOne,
  complete,
  completed,
  endBackOffs,
  fail,
  failed,
  openStore,
  startTask,
} from '../../tests/support/store.ts';
import { finishAttempts } from './attempts.ts';
import type { Db } from './db.ts';
import { getSubtask } from './subtask-detail.ts';
import { releaseSubtasks } from './subtasks.ts';
import { getTaskGraph } from './task-graph.ts';
import { cancelTask, createTask, retryTask } from './tasks.ts';

let db: Db;
beforeAll(async () => {
  db = await openStore();
});
afterAll(() => db.close());

const spans = async (taskId: string) =>
  (await getTaskGraph(db, taskId))!.attempts.map(({ subtask_id, attempt, outcome, error_code }) => [
    subtask_id,
    attempt,
    outcome,
    error_code,
  ]);

describe('a task as a graph', () => {
  it('is nothing when it does not exist, and has no nodes until it is planned', async () => {
    expect(await getTaskGraph(db, 'task_none')).toBeNull();
    const { id } = await createTask(db, { user_id: 'ada', description: 'A task without a plan' }, 60_000);
    expect(await getTaskGraph(db, id)).toMatchObject({
      task: { id, status: 'pending', summary: null },
      last_event: 1,
      subtasks: [],
      attempts: [],
      results: [],
    });
  });

  it('has its subtasks in the order of the plan, each with its dependencies in that order', async () => {
    const { id, subtasks } = await startTask(db, graph([3, 2], [], [1], []));
    const whole = (await getTaskGraph(db, id))!;
    expect(whole.subtasks.map((subtask) => subtask.id)).toEqual(subtasks);
    expect(whole.subtasks.map((subtask) => subtask.dependencies)).toEqual([
      [subtasks[2], subtasks[3]],
      [],
      [subtasks[1]],
      [],
    ]);
  });

  it('names the last event that its rows include', async () => {
    const { id, subtasks } = await startTask(db);
    await complete(db, subtasks[0]!);
    const [last] = await db.query<{ seq: number }>('select max(seq) as seq from events where task_id = $1', [id]);
    expect((await getTaskGraph(db, id))!.last_event).toBe(last!.seq);
  });

  it('cuts long descriptions and errors', async () => {
    const plan = graph([]);
    plan.subtasks[0]!.description = 'x'.repeat(1_000);
    const { id, subtasks } = await startTask(db, plan);
    const report = failed(await claimOne(db, subtasks[0]!));
    await finishAttempts(
      db,
      [{ ...report, outcome: { status: 'failed', error: 'y'.repeat(1_000), error_code: 'unsuccessful' } }],
      () => 0,
    );
    const [node] = (await getTaskGraph(db, id))!.subtasks;
    expect([node!.title.length, node!.error!.length]).toEqual([120, 200]);
  });
});

describe('the attempts of a graph', () => {
  it('tell how each ended: failed and tried again, given back, running, completed', async () => {
    const { id, subtasks } = await startTask(db, graph([], []));
    const [first, second] = subtasks as [string, string];
    await finishAttempts(db, [failed(await claimOne(db, first), 'crashed')], () => 0);
    await endBackOffs(db);
    const given = await claimOne(db, first);
    await releaseSubtasks(db, [{ subtask_id: first, attempt: given.attempt }], 0);
    await complete(db, first);
    await claim(db, [second]);
    expect(await spans(id)).toEqual([
      [first, 1, 'failed', 'crashed'],
      [first, 2, 'released', null],
      [first, 3, 'completed', null],
      [second, 1, 'running', null],
    ]);
    const { attempts } = (await getTaskGraph(db, id))!;
    for (const { ready_at, started_at, ended_at } of attempts) {
      expect(Date.parse(ready_at)).toBeLessThanOrEqual(Date.parse(started_at));
      if (ended_at) expect(Date.parse(started_at)).toBeLessThanOrEqual(Date.parse(ended_at));
    }
    expect(attempts[1]!.ready_at).toBe(attempts[0]!.ended_at);
    expect(attempts[3]!.ended_at).toBeNull();
  });

  it('end with the task when it is cancelled', async () => {
    const { id, subtasks } = await startTask(db, graph([], [0]));
    await claim(db, [subtasks[0]!]);
    await cancelTask(db, id);
    expect(await spans(id)).toEqual([[subtasks[0], 1, 'cancelled', null]]);
  });

  it('come from the results once the events were pruned, and from both after a retry', async () => {
    const { id, subtasks } = await startTask(db, graph([], []));
    const [first, second] = subtasks as [string, string];
    await complete(db, first);
    await fail(db, second);
    const before = await spans(id);
    await db.query('delete from events where task_id = $1 and seq < (select last_event from tasks where id = $1)', [
      id,
    ]);
    expect(await spans(id)).toEqual(before);
    await db.query('update subtask_results set waited_seconds = 2, execution_time = 3 where task_id = $1', [id]);
    const [span] = (await getTaskGraph(db, id))!.attempts;
    const seconds = [span!.ready_at, span!.started_at, span!.ended_at!].map((at) => Date.parse(at) / 1_000);
    expect([seconds[1]! - seconds[0]!, seconds[2]! - seconds[1]!]).toEqual([expect.closeTo(2), expect.closeTo(3)]);
    await db.query('update subtask_results set waited_seconds = null where task_id = $1', [id]);
    expect((await getTaskGraph(db, id))!.attempts[0]!.ready_at).toBe(span!.started_at);
    await retryTask(db, id);
    await claim(db, [second]);
    expect(await spans(id)).toEqual([...before, [second, 2, 'running', null]]);
  });
});

describe('one subtask in full', () => {
  it('is nothing in another task, or when it does not exist', async () => {
    const [one, other] = [await startTask(db), await startTask(db)];
    expect(await getSubtask(db, { task_id: one.id, subtask_id: other.subtasks[0]! })).toBeNull();
    expect(await getSubtask(db, { task_id: one.id, subtask_id: 'subtask_none' })).toBeNull();
  });

  it('has the outputs that it is given, what waits for it, and its results, oldest first', async () => {
    const { id, subtasks } = await startTask(db, graph([], [], [0, 1], [2]));
    const output = { success: true, summary: 'half of it', data: {} };
    await finishAttempts(db, [completed(await claimOne(db, subtasks[0]!), output)], () => 0);
    expect(await getSubtask(db, { task_id: id, subtask_id: subtasks[2]! })).toMatchObject({
      subtask: { id: subtasks[2], status: 'pending', dependencies: [subtasks[0], subtasks[1]] },
      inputs: [
        { id: subtasks[0], position: 0, status: 'completed', output },
        { id: subtasks[1], position: 1, status: 'ready', output: null },
      ],
      dependents: [{ id: subtasks[3], position: 3, status: 'pending' }],
      results: [],
    });
    await finishAttempts(db, [failed(await claimOne(db, subtasks[1]!), 'crashed')], () => 0);
    await endBackOffs(db);
    await complete(db, subtasks[1]!);
    const { results } = (await getSubtask(db, { task_id: id, subtask_id: subtasks[1]! }))!;
    expect(results.map((result) => [result.attempt, result.status])).toEqual([
      [1, 'failed'],
      [2, 'completed'],
    ]);
  });
});

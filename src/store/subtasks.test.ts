import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { graph, step } from '../../tests/support/plans.ts';
import {
  claim,
  claimOne,
  complete,
  completed,
  endBackOffs,
  eventTypes,
  LEADER,
  openStore,
  startTask,
} from '../../tests/support/store.ts';
import { finishAttempts } from './attempts.ts';
import type { Db } from './db.ts';
import { holdLease, releaseLease } from './leases.ts';
import { findReady } from './ready-list.ts';
import { claimSubtasks, listRunning, releaseSubtasks } from './subtasks.ts';
import { getTask } from './task-views.ts';
import { cancelTask } from './tasks.ts';

let db: Db;
beforeAll(async () => {
  db = await openStore();
});
afterAll(() => db.close());
beforeEach(async () => {
  await db.query('truncate tasks, leases cascade');
  await holdLease(db, LEADER, 60_000);
});

const options = { lease: LEADER, timeoutMs: 60_000 };
const claimOf = (subtask_id: string) => ({ subtask_id, agent_id: 'agent_1', agent_instance: 'one' });
const subtaskOf = async (taskId: string, position = 0) => (await getTask(db, taskId))!.subtasks[position]!;

describe('claiming', () => {
  it('sets the subtask running under the next attempt number, with a deadline', async () => {
    const { id, subtasks } = await startTask(db);
    const claimed = await claimSubtasks(db, [claimOf(subtasks[0]!)], options);
    expect(claimed).toMatchObject({
      outcome: 'claimed',
      subtasks: [{ id: subtasks[0], attempt: 1, agent_id: 'agent_1' }],
    });
    const { status, deadline_at, started_at } = await subtaskOf(id);
    expect(status).toBe('running');
    expect(Date.parse(deadline_at!) - Date.parse(started_at!)).toBe(60_000);
    expect((await eventTypes(db, id)).at(-1)).toBe('subtask.claimed');
  });

  it('returns what an agent needs, outputs of the dependencies included', async () => {
    const plan = {
      subtasks: [
        step({ description: 'First source of data' }),
        step({ description: 'Second source' }),
        step({ dependencies: [1, 0], priority: 7, estimated_duration: 9, input_data: { a: [1] } }),
      ],
    };
    const trace_parent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const task = { user_id: 'ann', description: 'The whole of the task', trace_parent };
    const { id, subtasks } = await startTask(db, plan, task);
    const [first, second, last] = subtasks as [string, string, string];
    await finishAttempts(db, [completed(await claimOne(db, first, 'agent_7'), { data: { n: 1 } })], () => 0);
    await finishAttempts(db, [completed(await claimOne(db, second, 'agent_8'), { data: { n: 2 } })], () => 0);
    expect(await claimOne(db, last)).toEqual({
      id: last,
      task_id: id,
      attempt: 1,
      agent_id: 'agent_1',
      description: 'Do one step of the work',
      required_capabilities: ['data_analysis'],
      priority: 7,
      estimated_duration: 9,
      input_data: { a: [1] },
      reserved_usd: 0,
      reserved_turns: 0,
      user_id: 'ann',
      task_description: 'The whole of the task',
      trace_parent,
      waited_seconds: expect.any(Number),
      dependencies: [
        {
          subtask_id: first,
          description: 'First source of data',
          agent_id: 'agent_7',
          output: { success: true, summary: 'done', data: { n: 1 } },
        },
        {
          subtask_id: second,
          description: 'Second source',
          agent_id: 'agent_8',
          output: { success: true, summary: 'done', data: { n: 2 } },
        },
      ],
    });
  });

  it('gives a subtask to one claimant only', async () => {
    const { subtasks } = await startTask(db);
    const both = await Promise.all([claim(db, subtasks, 'agent_1'), claim(db, subtasks, 'agent_2')]);
    expect(both.map((claimed) => claimed.length)).toEqual([1, 0]);
  });

  it('passes over what waits, runs, has ended, was cancelled, or does not exist', async () => {
    const { subtasks } = await startTask(db, graph([], [], [0]));
    const cancelled = await startTask(db);
    await cancelTask(db, cancelled.id);
    await complete(db, subtasks[1]!);
    await claimOne(db, subtasks[0]!);
    expect(await claim(db, [...subtasks, ...cancelled.subtasks, 'subtask_none'])).toEqual([]);
    expect(await claim(db, [])).toEqual([]);
  });

  it('of several tasks is one batch, with an event in each', async () => {
    const tasks = [await startTask(db, graph([], [])), await startTask(db)];
    expect(
      await claim(
        db,
        tasks.flatMap((task) => task.subtasks),
      ),
    ).toHaveLength(3);
    expect((await eventTypes(db, tasks[0]!.id)).slice(-2)).toEqual(['subtask.claimed', 'subtask.claimed']);
    expect((await eventTypes(db, tasks[1]!.id)).at(-1)).toBe('subtask.claimed');
  });

  it('is refused to whoever does not lead, or leads no longer', async () => {
    const { id, subtasks } = await startTask(db);
    const other = { lease: { ...LEADER, holder: 'another' }, timeoutMs: 1_000 };
    expect(await claimSubtasks(db, subtasks.map(claimOf), other)).toEqual({ outcome: 'not_leader' });
    await holdLease(db, LEADER, -1_000);
    expect(await claimSubtasks(db, subtasks.map(claimOf), options)).toEqual({ outcome: 'not_leader' });
    await releaseLease(db, LEADER);
    expect(await claimSubtasks(db, subtasks.map(claimOf), options)).toEqual({ outcome: 'not_leader' });
    expect((await subtaskOf(id)).status).toBe('ready');
  });
});

describe('handing a subtask back', () => {
  it('makes it ready again and counts no failure, but its attempt number is spent', async () => {
    const { id, subtasks } = await startTask(db);
    const { attempt } = await claimOne(db, subtasks[0]!);
    expect(await releaseSubtasks(db, [{ subtask_id: subtasks[0]!, attempt }], 0)).toEqual(subtasks);
    expect(await subtaskOf(id)).toMatchObject({
      status: 'ready',
      attempt: 1,
      failures: 0,
      agent_id: null,
      due_at: null,
      deadline_at: null,
      started_at: null,
    });
    expect((await eventTypes(db, id)).at(-1)).toBe('subtask.released');
    expect((await claimOne(db, subtasks[0]!)).attempt).toBe(2);
  });

  it('counts as one priority higher for each ten minutes that it waits, so that nothing starves', async () => {
    const { subtasks } = await startTask(db, graph([], []));
    await db.query(`update subtasks set ready_at = now() - interval '25 minutes' where id = $1`, [subtasks[0]]);
    const [first, second] = subtasks;
    const ready = await findReady(db, subtasks);
    expect(new Map(ready.map((row) => [row.id, row.priority]))).toEqual(
      new Map([
        [first, 7],
        [second, 5],
      ]),
    );
  });

  it('with a delay keeps it from being claimed until it is due', async () => {
    const { id, subtasks } = await startTask(db);
    await claimOne(db, subtasks[0]!);
    await releaseSubtasks(db, [{ subtask_id: subtasks[0]!, attempt: 1 }], 30_000);
    const [waiting] = await findReady(db, subtasks);
    expect(waiting!.due_in_ms).toBeGreaterThan(20_000);
    expect(waiting!.due_in_ms).toBeLessThanOrEqual(30_000);
    expect(await claim(db, subtasks)).toEqual([]);
    await endBackOffs(db);
    expect((await findReady(db, subtasks))[0]!.due_in_ms).toBe(0);
    expect(await claim(db, subtasks)).toHaveLength(1);
    expect((await subtaskOf(id)).due_at).toBeNull();
  });

  it('changes nothing for another attempt, or for one that has ended', async () => {
    const { id, subtasks } = await startTask(db);
    await claimOne(db, subtasks[0]!);
    for (const attempt of [0, 2])
      expect(await releaseSubtasks(db, [{ subtask_id: subtasks[0]!, attempt }], 0)).toEqual([]);
    await releaseSubtasks(db, [{ subtask_id: subtasks[0]!, attempt: 1 }], 0);
    expect(await releaseSubtasks(db, [{ subtask_id: subtasks[0]!, attempt: 1 }], 0)).toEqual([]);
    expect(await releaseSubtasks(db, [{ subtask_id: 'subtask_none', attempt: 1 }], 0)).toEqual([]);
    expect((await eventTypes(db, id)).filter((type) => type === 'subtask.released')).toHaveLength(1);
  });
});

describe('running attempts', () => {
  it('are listed with how long they have run and by how much they are late', async () => {
    const { id, subtasks } = await startTask(db, graph([], []));
    await claimOne(db, subtasks[0]!);
    expect(await listRunning(db)).toEqual([
      {
        id: subtasks[0],
        task_id: id,
        attempt: 1,
        agent_id: 'agent_1',
        agent_instance: 'agent_1_instance',
        running_ms: expect.any(Number),
        overdue_ms: expect.any(Number),
      },
    ]);
    await db.query(
      "update subtasks set started_at = started_at - interval '90 seconds', deadline_at = deadline_at - interval '90 seconds' where status = 'running'",
    );
    const [late] = await listRunning(db);
    expect(late!.running_ms).toBeGreaterThanOrEqual(89_999);
    expect(late!.overdue_ms).toBeGreaterThanOrEqual(29_999);
    expect(late!.running_ms - late!.overdue_ms).toBeCloseTo(60_000, 0);
  });
});

import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  claimReady,
  completed,
  type Fixture,
  openFixture,
  planOf,
  ScriptedPlanner,
} from '../../tests/contract/orchestrator-fixture.ts';
import { gate } from '../../tests/support/gate.ts';
import { finishAttempts } from '../store/attempts.ts';
import { createTask } from '../store/tasks.ts';
import { type RunningOrchestrator, startOrchestrator } from './start.ts';

const DESCRIPTION = 'Calculate factorial of 10';

/** Lends its database and bus; the orchestrators under test are started beside it. */
let lender: Fixture;
beforeAll(async () => {
  lender = await openFixture();
});
afterAll(() => lender.close());

function start(port = 0, leads = () => true): Promise<RunningOrchestrator> {
  const { db, bus, planner, clock, logger, metrics, inUse } = lender.deps;
  const config = {
    HOST: '127.0.0.1',
    RATE_LIMIT: null,
    PLANNING_CONCURRENCY: 8,
    ORCHESTRATOR_PORT: port,
    SHARED_FILES: lender.sharedFiles,
    TASKS_KEEP_DAYS: null,
    EVENTS_KEEP_DAYS: 30,
    LOGS_KEEP_DAYS: 30,
    BODY_LIMIT_BYTES: 100_000,
  };
  return startOrchestrator({ db, bus, planner, clock, logger, metrics, inUse, config, leads });
}

async function pending(user_id: string): Promise<string> {
  const { id } = await createTask(lender.deps.db, { description: DESCRIPTION, user_id }, 0);
  return id;
}

const statusOf = async (taskId: string) => (await lender.get(`/tasks/${taskId}`)).body.task.status;

describe('a running orchestrator', () => {
  it('takes a task over HTTP and its results over the bus', async () => {
    const orchestrator = await start();
    const answer = await fetch(`${orchestrator.url}/tasks`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ description: DESCRIPTION }),
    });
    const { task_id } = (await answer.json()) as { task_id: string };
    const attempts = await claimReady(lender.deps.db, task_id);
    await lender.deps.bus.publish(
      'agent_results',
      attempts.map((attempt) => completed(attempt)),
    );
    await vi.waitFor(async () => expect(await statusOf(task_id)).toBe('completed'));
    await orchestrator.stop();
    await expect(fetch(orchestrator.url)).rejects.toThrow();
  });

  it('is not ready while nobody leads the scheduling', async () => {
    const orchestrator = await start(0, () => false);
    const answer = await fetch(`${orchestrator.url}/readyz`);
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({
      checks: { database: 'ok', scheduler: expect.stringContaining('leads') },
    });
    await orchestrator.stop();
  });

  it('says which port is taken', async () => {
    const orchestrator = await start();
    const port = Number(new URL(orchestrator.url).port);
    await expect(start(port)).rejects.toMatchObject({ code: 'EADDRINUSE', port });
    await orchestrator.stop();
  });
});

it('cuts off, when it stops, a client that never finishes its request', async () => {
  const orchestrator = await start();
  const { hostname, port } = new URL(orchestrator.url);
  const socket = connect(Number(port), hostname);
  const cut = once(socket, 'close');
  socket.on('error', () => undefined);
  socket.write(
    'POST /tasks HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{',
  );
  await once(socket, 'ready');
  await fetch(`${orchestrator.url}/healthz`);
  await orchestrator.stop();
  await cut;
});

describe('recovery', () => {
  it('plans pending tasks that nobody plans', async () => {
    const orchestrator = await start();
    const taskId = await pending('left-alone');
    await orchestrator.recover();
    await vi.waitFor(async () => expect(await statusOf(taskId)).toBe('in_progress'));
    await orchestrator.stop();
  });

  it('fetches of a backlog what it can take on, and plans what came with its plan beside it', async () => {
    const { db } = lender.deps;
    lender.planner.planWith = (_, signal) =>
      new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
    await db.query(
      `insert into tasks (id, user_id, description, planning_until)
       select 'task_crowd' || n, 'crowd', 'One of a crowd', now() - interval '1 minute' from generate_series(1, 300) as n`,
    );
    const orchestrator = await start();
    for (const _ of ['most of the places', 'the others', 'none is left']) await orchestrator.recover();
    const plan = planOf([{ description: 'Do what the plan says' }]);
    const given = { description: DESCRIPTION, user_id: 'crowd', given_plan: plan };
    const { id } = await createTask(db, given, -1_000);
    await orchestrator.recover();
    await vi.waitFor(async () => expect(await statusOf(id)).toBe('in_progress'));
    // 8 slots, and 200 to go on with.
    const [fetched] = await db.query(
      "select count(*)::int from tasks where status = 'pending' and planning_until > now()",
    );
    expect(fetched).toEqual({ count: 208 });
    await orchestrator.stop();
    lender.planner.planWith = new ScriptedPlanner().planWith;
    await db.query("delete from tasks where user_id = 'crowd'");
  });

  it('summarises finished tasks that nobody summarises', async () => {
    const { db } = lender.deps;
    const taskId = await lender.submit({ description: DESCRIPTION });
    const attempts = await claimReady(db, taskId);
    await finishAttempts(
      db,
      attempts.map((attempt) => completed(attempt)),
      Math.random,
    );
    await db.query(`update tasks set done_at = now() - interval '1 hour' where id = $1`, [taskId]);
    const orchestrator = await start();
    await orchestrator.recover();
    await vi.waitFor(async () => expect(await statusOf(taskId)).toBe('completed'));
    await orchestrator.stop();
  });

  it('survives a planner that fails, and leaves the task for the next time', async () => {
    const orchestrator = await start();
    const taskId = await pending('unlucky');
    lender.planner.planWith = () => Promise.reject(new Error('no planner today'));
    await orchestrator.recover();
    await orchestrator.stop();
    lender.planner.planWith = new ScriptedPlanner().planWith;
    expect(await statusOf(taskId)).toBe('pending');
  });

  it('ends with the service, and begins nothing after that', async () => {
    const orchestrator = await start();
    const asked = gate();
    lender.planner.planWith = (_, signal) => {
      asked.open();
      return new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
    };
    const taskId = await pending('interrupted');
    await orchestrator.recover();
    await asked.passed;
    await orchestrator.stop();
    lender.planner.planWith = new ScriptedPlanner().planWith;
    await orchestrator.recover();
    expect(await statusOf(taskId)).toBe('pending');
  });
});

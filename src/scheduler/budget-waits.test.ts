// What waits for budget: it is found again when some comes free, and meanwhile neither spins nor stands before others.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { graph } from '../../tests/support/plans.ts';
import type { TestAgent } from '../../tests/support/scheduler-agent.ts';
import { CRASHED, DONE } from '../../tests/support/scheduler-agent.ts';
import { eventually, openWorld, statusesOf, taskStatus, type World } from '../../tests/support/scheduler-world.ts';
import { openStore } from '../../tests/support/store.ts';
import { watchedTransactions } from '../../tests/support/watched-db.ts';
import type { AttemptOutcome } from '../domain/attempt.ts';
import type { ExecuteRequest } from '../protocol/agent-api.ts';
import type { Db } from '../store/db.ts';
import { getTask } from '../store/task-views.ts';
import { BudgetWaits } from './budget-waits.ts';

const BROKE: AttemptOutcome = { status: 'failed', error: 'the share is used up', error_code: 'budget_exceeded' };

describe('the tasks that wait for budget', () => {
  const row = (task_id: string, id: string) => ({
    id,
    task_id,
    attempt: 1,
    agent_id: 'agent_1',
    agent_instance: 'instance_1',
    running_ms: 0,
    overdue_ms: 0,
  });

  it('wait until one of their attempts ends', () => {
    const waits = new BudgetWaits();
    waits.refused([{ task_id: 'task_a', running: 2 }]);
    expect([waits.has('task_a'), waits.has('task_b'), waits.tasks]).toEqual([true, false, ['task_a']]);
    expect([waits.ended('task_b'), waits.ended('task_a'), waits.ended('task_a')]).toEqual([false, true, false]);
    expect(waits.tasks).toEqual([]);
  });

  it('are found out of the running rows when no notice told of the end', () => {
    const waits = new BudgetWaits();
    waits.refused([{ task_id: 'task_a', running: 2 }]);
    waits.reconcile([row('task_a', 'subtask_1'), row('task_a', 'subtask_2')]);
    expect(waits.has('task_a')).toBe(true);
    waits.reconcile([row('task_a', 'subtask_1'), row('task_b', 'subtask_3')]);
    expect(waits.has('task_a')).toBe(false);
  });
});

describe('scheduling with budgets', () => {
  let db: Db;
  let world: World;

  beforeAll(async () => {
    db = await openStore();
  });
  afterAll(() => db.close());
  beforeEach(async () => {
    world = await openWorld(db);
  });
  afterEach(() => world.close());

  const data = ['data_analysis' as const];
  const held = (agent: TestAgent) => [...agent.held.values()];
  const holding = (agent: TestAgent, count: number): Promise<ExecuteRequest[]> =>
    eventually(() => {
      expect(agent.held.size).toBe(count);
      return held(agent);
    });

  it('tells the agent what the attempt may use', async () => {
    const agent = await world.agent({ id: 'agent_1', capabilities: data });
    await world.scheduler();
    await world.submit(graph([], []), { budget_usd: 1, max_turns: 30 });
    await eventually(() => expect(agent.accepted).toHaveLength(2));
    expect(agent.accepted[0]?.caps).toEqual({ max_budget_usd: 0.5, max_turns: 15 });
  });

  it('gives the slots to others while a task waits for budget, and goes on with it when some comes free', async () => {
    const agent = await world.agent({ id: 'agent_1', capabilities: data, slots: 3, script: () => 'held' });
    const scheduler = await world.scheduler();
    const poor = await world.submit(graph([], [], [], []), { budget_usd: 0.1 });
    const [first] = await holding(agent, 2);
    const free = await world.submit(graph([]));
    expect((await holding(agent, 3)).map((request) => request.task_id)).toContain(free.id);
    for (let nth = 0; nth < 5; nth += 1) scheduler.wake();
    await world.pass(4_000);
    expect((await statusesOf(db, poor.id)).sort()).toEqual(['ready', 'ready', 'running', 'running']);
    await agent.end(first!, DONE, 0.001);
    await eventually(async () =>
      expect((await statusesOf(db, poor.id)).sort()).toEqual(['completed', 'ready', 'ready', 'running']),
    );
    for (const request of held(agent)) await agent.end(request, DONE, 0.001);
    await eventually(() => expect(agent.held.size).toBeGreaterThan(0));
    agent.script = () => DONE;
    for (const request of held(agent)) await agent.end(request);
    await eventually(async () => expect(await taskStatus(db, poor.id)).toBe('completed'));
  });

  it('claims nothing of a waiting task while nothing of it ends', async () => {
    const agent = await world.agent({ id: 'agent_1', capabilities: data, slots: 2, script: () => 'held' });
    const counted = counting(db);
    const scheduler = await world.scheduler({ db: counted.db });
    await world.submit(graph([], [], []), { budget_usd: 0.02 });
    await holding(agent, 1);
    await world.pass(2_500);
    const before = counted.claims();
    for (let nth = 0; nth < 20; nth += 1) {
      scheduler.wake();
      await agent.beat();
    }
    await world.pass(10_000);
    expect(counted.claims()).toBe(before);
  });

  it('stops what runs when the budget is used up, and the slots are free again', async () => {
    const agent = await world.agent({ id: 'agent_1', capabilities: data, slots: 2, script: () => 'held' });
    await world.scheduler();
    const task = await world.submit(graph([], []), { budget_usd: 0.1 });
    const [first] = await holding(agent, 2);
    await agent.end(first!, BROKE, 0.1);
    await eventually(async () => expect(await taskStatus(db, task.id)).toBe('failed'));
    await eventually(() => expect(agent.stopped).toHaveLength(1));
    await world.submit(graph([], []));
    await holding(agent, 2);
  });

  it('counts all that a lost attempt held, and goes on with the rest', async () => {
    const agent = await world.agent({ id: 'agent_1', capabilities: data, script: () => 'held' });
    await world.scheduler();
    const task = await world.submit(graph([], []), { budget_usd: 1 });
    await holding(agent, 1);
    agent.script = () => DONE;
    await agent.restart();
    await world.until(async () => expect(await taskStatus(db, task.id)).toBe('completed'));
    expect((await getTask(db, task.id))?.task.spent_usd).toBe(0.5);
  });

  it('counts what an agent may have begun that did not answer', async () => {
    const agent = await world.agent({ id: 'agent_1', capabilities: data });
    agent.answer = 0;
    await world.scheduler();
    const task = await world.submit(graph([], []), { max_turns: 20 });
    await eventually(async () => expect((await getTask(db, task.id))?.task.spent_turns).toBe(10));
    agent.answer = 200;
    await agent.beat();
    await world.until(async () => expect(await statusesOf(db, task.id)).toContain('completed'));
  });

  it('tries a crash again within the budget', async () => {
    const agent = await world.agent({ id: 'agent_1', capabilities: data, script: () => 'held' });
    await world.scheduler();
    const task = await world.submit(graph([]), { budget_usd: 1 });
    await agent.end((await holding(agent, 1))[0]!, CRASHED, 0.25);
    await world.until(() => expect(agent.held.size).toBe(1));
    expect(held(agent)[0]?.caps).toEqual({ max_budget_usd: 0.75 });
    await agent.end(held(agent)[0]!);
    await eventually(async () => expect(await taskStatus(db, task.id)).toBe('completed'));
  });
});

/** The same database; counts the transactions that claim. */
function counting(db: Db) {
  let claims = 0;
  const counted = watchedTransactions(db, (text) => {
    if (text.includes('select id, task_id, overruns from subtasks')) claims += 1;
  });
  return { db: counted, claims: () => claims };
}

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { graph, step } from '../../tests/support/plans.ts';
import { CRASHED, DONE, HOPELESS, type TestAgent } from '../../tests/support/scheduler-agent.ts';
import { eventually, openWorld, statusesOf, taskStatus, type World } from '../../tests/support/scheduler-world.ts';
import { openStore } from '../../tests/support/store.ts';
import { watched } from '../../tests/support/watched-db.ts';
import type { Bus, NoticeName } from '../bus/bus.ts';
import type { Clock } from '../clock.ts';
import { DEFAULT_CREW } from '../domain/agent.ts';
import type { Capability } from '../domain/capability.ts';
import type { PlanStep } from '../domain/plan.ts';
import type { ExecuteRequest } from '../protocol/agent-api.ts';
import type { Db } from '../store/db.ts';
import { cancelTask } from '../store/tasks.ts';

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

/** The same bus, except that sending these notices does `instead`. */
function withNotices(names: NoticeName[], instead: () => Promise<void>) {
  return (bus: Bus): Bus => ({
    publish: bus.publish.bind(bus),
    consume: bus.consume.bind(bus),
    notify: (name, payload) => (names.includes(name) ? instead() : bus.notify(name, payload)),
    subscribe: bus.subscribe.bind(bus),
    putAgent: bus.putAgent.bind(bus),
    removeAgent: bus.removeAgent.bind(bus),
    listAgents: bus.listAgents.bind(bus),
    findAgents: bus.findAgents.bind(bus),
    getState: bus.getState.bind(bus),
    setState: bus.setState.bind(bus),
    close: bus.close.bind(bus),
  });
}

async function reopen(wrap: (bus: Bus) => Bus): Promise<void> {
  await world.close();
  world = await openWorld(db, wrap);
}

/** The same database, except that statements that contain `needle` are refused while `broken`. */
function breakable(needle: string) {
  const state = { broken: true, refusals: 0 };
  const broken = watched(db, (text) => {
    if (!state.broken || !text.includes(needle)) return;
    state.refusals += 1;
    throw new Error('the connection was lost');
  });
  return { db: broken, state };
}

const needing = (...required_capabilities: Capability[]): Partial<PlanStep> => ({ required_capabilities });
const ENOUGH: Capability[] = ['data_analysis'];
const completed = async (id: string) => expect(await taskStatus(db, id)).toBe('completed');
const startCrew = (slots = 1) =>
  Promise.all(DEFAULT_CREW.map(({ agent_id: id, capabilities }) => world.agent({ id, capabilities, slots })));
const takenBy = (agents: TestAgent[]) => agents.flatMap((agent) => agent.accepted.map((request) => request.subtask.id));
const heldBy = (agent: TestAgent): ExecuteRequest => [...agent.held.values()][0]!;
const holds = (agent: TestAgent) => eventually(() => expect(agent.held.size).toBeGreaterThan(0));
const resultsOf = (taskId: string) =>
  db.query<{ attempt: number; agent_id: string; status: string; error_code: string | null; error: string | null }>(
    'select attempt, agent_id, status, error_code, error from subtask_results where task_id = $1 order by attempt, created_at',
    [taskId],
  );

describe('a task', () => {
  it('runs as a chain, each subtask given what the one before it produced', async () => {
    const [agent] = await startCrew();
    agent!.script = (request) => ({
      status: 'completed',
      output: { success: true, summary: `after ${request.subtask.dependencies.length}`, data: {} },
    });
    await world.scheduler();
    const task = await world.submit(graph([], [0], [1]));
    await eventually(() => completed(task.id));
    const order = world.agents
      .flatMap(({ accepted }) => accepted)
      .filter(({ subtask }) => subtask.id === task.subtasks[2]);
    expect(order).toHaveLength(1);
    expect(order[0]?.task_context.dependencies?.[task.subtasks[1]!]).toEqual({
      description: 'Do one step of the work',
      agent_id: expect.stringMatching(/^agent_/),
      output: expect.objectContaining({ success: true }),
    });
  });

  it('runs as a diamond, its two middle subtasks at the same time', async () => {
    const a = await world.agent({ id: 'agent_a', capabilities: ENOUGH });
    const b = await world.agent({ id: 'agent_b', capabilities: ENOUGH });
    await world.scheduler();
    const task = await world.submit(graph([], [0], [0], [1, 2]));
    for (const agent of [a, b]) {
      agent.script = ({ subtask }) => (subtask.dependencies.length === 1 ? 'held' : DONE);
    }
    await eventually(() => expect([a.held.size, b.held.size]).toEqual([1, 1]));
    expect(await statusesOf(db, task.id)).toEqual(['completed', 'running', 'running', 'pending']);
    await a.end(heldBy(a));
    await b.end(heldBy(b));
    await eventually(() => completed(task.id));
  });

  it('runs wide on a mixed crew: every subtask once, on an agent that has all it needs, within its slots', async () => {
    const crew = await startCrew(2);
    await world.scheduler();
    const wants: Capability[][] = [
      ...DEFAULT_CREW.map(({ capabilities }) => capabilities),
      ['data_analysis'],
      ['web_scraping'],
      ['code_generation'],
      ['file_processing'],
      ['database_operations'],
      ['api_integration'],
    ];
    const plan = { subtasks: Array.from({ length: 60 }, (_, nth) => step(needing(...wants[nth % wants.length]!))) };
    const task = await world.submit(plan);
    await eventually(() => completed(task.id));
    expect(takenBy(crew).toSorted()).toEqual(task.subtasks.toSorted());
    for (const [nth, agent] of crew.entries()) {
      const has = DEFAULT_CREW[nth]!.capabilities;
      for (const { subtask } of agent.accepted)
        expect(subtask.required_capabilities.filter((needed) => !has.includes(needed))).toEqual([]);
      expect(agent.mostHeld).toBeLessThanOrEqual(2);
      expect(agent.asked).toBe(agent.accepted.length);
    }
  });

  it('is given to the most urgent first: priority, then the longest way still ahead', async () => {
    const agent = await world.agent({ id: 'agent_a', capabilities: ENOUGH });
    const plan = {
      subtasks: [
        step({ description: 'of low priority', priority: 1 }),
        step({ description: 'with a short way ahead' }),
        step({ description: 'with a long way ahead', estimated_duration: 500 }),
        step({ description: 'of high priority', priority: 9 }),
      ],
    };
    const task = await world.submit(plan);
    await world.scheduler();
    await eventually(() => completed(task.id));
    expect(agent.accepted.map(({ subtask }) => subtask.description)).toEqual([
      'of high priority',
      'with a long way ahead',
      'with a short way ahead',
      'of low priority',
    ]);
  });

  it('waits for an agent that can do it, without holding up others, and goes on when one registers', async () => {
    const agent = await world.agent({ id: 'agent_a', capabilities: ENOUGH });
    await world.scheduler();
    const plan = { subtasks: [step({ ...needing('web_scraping'), priority: 10 }), step(needing('data_analysis'))] };
    const task = await world.submit(plan);
    await eventually(async () => expect(await statusesOf(db, task.id)).toEqual(['ready', 'completed']));
    expect(agent.asked).toBe(1);
    const late = await world.agent({ id: 'agent_b', capabilities: ['web_scraping', 'api_integration'] });
    await eventually(() => completed(task.id));
    expect(late.accepted).toHaveLength(1);
  });

  it('has no more than the slots of its agents running, and goes on as each comes free', async () => {
    const agent = await world.agent({ id: 'agent_a', capabilities: ENOUGH, slots: 2, script: () => 'held' });
    await world.scheduler();
    const task = await world.submit(graph([], [], [], []));
    for (let left = 4; left > 0; left--) {
      await eventually(() => expect(agent.held.size).toBe(Math.min(left, 2)));
      await world.pass(2_000);
      expect(agent.held.size).toBe(Math.min(left, 2));
      await agent.end(heldBy(agent));
    }
    await eventually(() => completed(task.id));
    expect(agent.asked).toBe(4);
  });

  it('that is cancelled while it runs is stopped at its agents, whose slots serve the next task', async () => {
    const agent = await world.agent({ id: 'agent_a', capabilities: ENOUGH, script: () => 'held' });
    await world.scheduler();
    const task = await world.submit(graph([], [0]));
    await holds(agent);
    expect(await cancelTask(db, task.id)).toEqual({ outcome: 'changed' });
    await world.bus.notify('stop', { task_id: task.id });
    await eventually(() => expect(agent.stopped).toEqual([`${task.subtasks[0]}:1`]));
    agent.script = () => DONE;
    const next = await world.submit(graph([]));
    await eventually(() => completed(next.id));
    expect(await statusesOf(db, task.id)).toEqual(['cancelled', 'cancelled']);
    expect(await resultsOf(task.id)).toEqual([]);
  });
});

describe('a subtask that an agent does not take up', () => {
  it.each([
    { what: 'is busy after all', answer: 503 },
    { what: 'breaks the connection off', answer: 0 },
    { what: 'breaks inside', answer: 500 },
  ])('goes to another agent when the first $what, and no failure is counted', async ({ answer }) => {
    const first = await world.agent({ id: 'agent_a', capabilities: ENOUGH });
    first.answer = answer;
    await world.scheduler();
    const task = await world.submit(graph([]));
    await eventually(() => expect(first.asked).toBe(1));
    const second = await world.agent({ id: 'agent_b', capabilities: ENOUGH });
    await world.until(() => completed(task.id));
    expect(first.asked).toBe(1);
    expect(second.accepted.map((request) => request.attempt)).toEqual([2]);
    expect(await resultsOf(task.id)).toEqual([expect.objectContaining({ attempt: 2, status: 'completed' })]);
  });

  it('goes to another agent when nothing listens at the address of the first', async () => {
    const gone = await world.agent({ id: 'agent_a', capabilities: ENOUGH });
    await gone.hangUp();
    await world.scheduler();
    const task = await world.submit(graph([]));
    await eventually(async () => {
      const events = await db.query(`select 1 from events where task_id = $1 and type = 'subtask.released'`, [task.id]);
      expect(events).toHaveLength(1);
    });
    await world.agent({ id: 'agent_b', capabilities: ENOUGH });
    await world.until(() => completed(task.id));
  });

  it('is offered to the same agent again after its next heartbeat, not before', async () => {
    const agent = await world.agent({ id: 'agent_a', capabilities: ENOUGH });
    agent.answer = 503;
    await world.scheduler();
    const task = await world.submit(graph([]));
    await eventually(() => expect(agent.asked).toBe(1));
    agent.answer = 200;
    await world.pass(6_000);
    expect(agent.asked).toBe(1);
    await agent.beat();
    await world.until(() => completed(task.id));
  });

  it('fails with the reason when its agent calls the request wrong, three times over', async () => {
    const agent = await world.agent({ id: 'agent_a', capabilities: ENOUGH });
    agent.answer = 400;
    await world.scheduler();
    const task = await world.submit(graph([], [0]));
    await world.until(async () => expect(await taskStatus(db, task.id)).toBe('failed'));
    expect(agent.asked).toBe(3);
    expect(await statusesOf(db, task.id)).toEqual(['failed', 'blocked']);
    for (const result of await resultsOf(task.id))
      expect(result).toMatchObject({ error_code: 'crashed', error: expect.stringContaining('said 400') });
  });
});

describe('a subtask that fails', () => {
  it('is tried again when the backoff is over, not before', async () => {
    const agent = await world.agent({
      id: 'agent_a',
      capabilities: ENOUGH,
      script: ({ attempt }) => (attempt === 1 ? CRASHED : DONE),
    });
    await world.scheduler();
    const task = await world.submit(graph([]));
    await eventually(async () => expect(await resultsOf(task.id)).toHaveLength(1));
    expect(await statusesOf(db, task.id)).toEqual(['ready']);
    // The consumer of results takes the shortest backoff, half a second.
    expect(agent.asked).toBe(1);
    await world.until(() => completed(task.id));
    expect(await resultsOf(task.id)).toEqual([
      expect.objectContaining({ attempt: 1, status: 'failed', error_code: 'crashed' }),
      expect.objectContaining({ attempt: 2, status: 'completed' }),
    ]);
  });

  it('for good blocks what depends on it, while the rest is carried out', async () => {
    await world.agent({
      id: 'agent_a',
      capabilities: ENOUGH,
      script: ({ subtask }) => (subtask.priority === 9 ? HOPELESS : DONE),
    });
    await world.scheduler();
    const task = await world.submit({
      subtasks: [step({ priority: 9 }), step({ dependencies: [0] }), step()],
    });
    await eventually(async () => expect(await taskStatus(db, task.id)).toBe('failed'));
    expect(await statusesOf(db, task.id)).toEqual(['failed', 'blocked', 'completed']);
  });
});

describe('a lost agent', () => {
  it('that was restarted has its attempt taken back and run again', async () => {
    const agent = await world.agent({ id: 'agent_a', capabilities: ENOUGH, script: () => 'held' });
    await world.scheduler();
    const task = await world.submit(graph([]));
    await holds(agent);
    agent.script = () => DONE;
    await agent.restart();
    await world.until(() => completed(task.id));
    expect(await resultsOf(task.id)).toEqual([
      expect.objectContaining({ attempt: 1, error_code: 'agent_lost', error: expect.stringContaining('restarted') }),
      expect.objectContaining({ attempt: 2, status: 'completed' }),
    ]);
  });

  it('that falls silent has its attempt run elsewhere; what it reports later changes nothing', async () => {
    const silent = await world.agent({ id: 'agent_a', capabilities: ENOUGH, script: () => 'held', ttlMs: 4_000 });
    await world.scheduler({ heartbeatTtlMs: 4_000 });
    const task = await world.submit(graph([]));
    await holds(silent);
    const request = heldBy(silent);
    await silent.hangUp();
    const other = await world.agent({ id: 'agent_b', capabilities: ENOUGH });
    await world.until(async () => {
      await other.beat();
      await completed(task.id);
    });
    expect(other.accepted.map(({ attempt }) => attempt)).toEqual([2]);
    await silent.end(request, HOPELESS);
    const next = await world.submit(graph([]));
    await world.until(() => completed(next.id));
    expect(await resultsOf(task.id)).toEqual([
      expect.objectContaining({ agent_id: 'agent_a', error_code: 'agent_lost' }),
      expect.objectContaining({ agent_id: 'agent_b', status: 'completed' }),
    ]);
  });

  it('that does not know of its attempt any more has it taken back after a while', async () => {
    const agent = await world.agent({ id: 'agent_a', capabilities: ENOUGH, script: () => 'held' });
    await world.scheduler({ heartbeatIntervalMs: 4_000 });
    const task = await world.submit(graph([]));
    await holds(agent);
    agent.held.clear();
    agent.script = () => DONE;
    await world.pass(4_000);
    expect(await statusesOf(db, task.id)).toEqual(['running']);
    await world.until(async () => {
      await agent.beat();
      await completed(task.id);
    });
    expect((await resultsOf(task.id))[0]).toMatchObject({ error: expect.stringContaining('does not hold') });
  });
});

describe('the sweep', () => {
  it('takes back an attempt that is long over its deadline, and has its agent stop it', async () => {
    const agent = await world.agent({ id: 'agent_a', capabilities: ENOUGH, script: () => 'held' });
    await world.scheduler({ attemptTimeoutMs: 3_000 });
    const task = await world.submit(graph([]));
    await holds(agent);
    await world.pass(11_000);
    expect(await statusesOf(db, task.id)).toEqual(['running']);
    agent.script = () => DONE;
    await world.until(() => completed(task.id));
    expect(agent.stopped).toEqual([`${task.subtasks[0]}:1`]);
    expect((await resultsOf(task.id))[0]).toMatchObject({ attempt: 1, error_code: 'timeout' });
  });

  it('stops attempts that nobody waits for, and leaves alone what was given to an agent by hand', async () => {
    const agent = await world.agent({ id: 'agent_a', capabilities: ENOUGH, slots: 2, script: () => 'held' });
    await world.scheduler();
    const task = await world.submit(graph([]));
    await holds(agent);
    const byHand = { ...heldBy(agent), task_id: 'task_by_hand' };
    agent.held.set('by_hand:1', { ...byHand, subtask: { ...byHand.subtask, id: 'by_hand' } });
    await agent.beat();
    // Without the stop notice that goes with it.
    await cancelTask(db, task.id);
    await world.until(() => expect(agent.stopped).toEqual([`${task.subtasks[0]}:1`]));
    await world.pass(4_000);
    expect([...agent.held.keys()]).toEqual(['by_hand:1']);
  });

  it('carries a task to its end although every wake-up is lost', async () => {
    await reopen(withNotices(['wake', 'agents'], async () => {}));
    await startCrew();
    await world.scheduler();
    const task = await world.submit(graph([], [0], [0], [1, 2]));
    await world.until(() => completed(task.id));
    expect(takenBy(world.agents).toSorted()).toEqual(task.subtasks.toSorted());
  });

  it('has left-over work recovered, once at a time, while scheduling goes on', async () => {
    await world.agent({ id: 'agent_a', capabilities: ENOUGH });
    const calls: AbortSignal[] = [];
    let finish = () => {};
    const recover = (signal: AbortSignal) => {
      calls.push(signal);
      return new Promise<void>((resolve) => {
        finish = resolve;
      });
    };
    const scheduler = await world.scheduler({ recover });
    await eventually(() => expect(calls).toHaveLength(1));
    await world.pass(6_000);
    const task = await world.submit(graph([], [0]));
    await eventually(() => completed(task.id));
    expect(calls).toHaveLength(1);
    finish();
    await world.until(() => expect(calls).toHaveLength(2));
    expect(calls[1]?.aborted).toBe(false);
    const stopped = scheduler.stop();
    expect(calls[1]?.aborted).toBe(true);
    finish();
    await stopped;
  });

  it('goes on when recovery fails', async () => {
    let calls = 0;
    await world.scheduler({
      recover: async () => {
        calls += 1;
        throw new Error('no model');
      },
    });
    await world.until(() => expect(calls).toBeGreaterThan(2));
  });

  it('tells agents apart from silence when the registry cannot be read for a time', async () => {
    let away = false;
    await reopen((bus) => ({
      ...withNotices([], async () => {})(bus),
      listAgents: () => (away ? Promise.reject(new Error('the bus is away')) : bus.listAgents()),
      findAgents: (ids) => (away ? Promise.reject(new Error('the bus is away')) : bus.findAgents(ids)),
    }));
    const agent = await world.agent({ id: 'agent_a', capabilities: ENOUGH, script: () => 'held', ttlMs: 4_000 });
    await world.scheduler({ heartbeatTtlMs: 4_000 });
    const task = await world.submit(graph([]));
    await holds(agent);
    away = true;
    await world.pass(30_000);
    away = false;
    await world.pass(2_000);
    await agent.beat();
    await world.pass(2_000);
    expect(await statusesOf(db, task.id)).toEqual(['running']);
    await agent.end(heldBy(agent));
    await eventually(() => completed(task.id));
  });
});

describe('when the database or the bus fails in the middle', () => {
  it.each([
    { what: 'the claim', needle: 'set status = $2, attempt', times: 2 },
    { what: 'locking what is to be claimed', needle: 'order by id for no key update', times: 2 },
    // A notice tells of it once only.
    { what: 'looking up what was announced', needle: 'where s.id = any($1) and s.status', times: 1 },
    { what: 'listing what is ready', needle: 'with recursive sets', times: 2 },
    { what: 'listing what runs', needle: `where status = 'running'`, times: 2 },
  ])('$what is made good by the next sweep, and nothing runs twice', async ({ needle, times }) => {
    const { db: flaky, state } = breakable(needle);
    await world.scheduler({ db: flaky });
    const agent = await world.agent({ id: 'agent_a', capabilities: ENOUGH });
    const task = await world.submit(graph([], [0]));
    await world.until(() => expect(state.refusals).toBeGreaterThanOrEqual(times));
    state.broken = false;
    await world.until(() => completed(task.id));
    expect(takenBy([agent])).toEqual(task.subtasks);
  });

  it('a notice that names more than a call can take as arguments is heard like any other', async () => {
    await world.scheduler();
    await world.agent({ id: 'agent_a', capabilities: ENOUGH });
    const stranger = {
      task_id: 'task_none',
      user_id: 'nobody',
      required_capabilities: ['web_scraping' as const],
      priority: 5,
      rank: 1,
      ready_at: '2030-01-01T00:00:00.000Z',
      due_in_ms: 0,
    };
    const unblocked = Array.from({ length: 250_000 }, (_, nth) => ({ ...stranger, id: `subtask_${nth}` }));
    await world.bus.notify('wake', { unblocked });
    const task = await world.submit(graph([]));
    await world.until(() => completed(task.id));
  });

  it('a subtask that could not be given back is taken back once its agent has not named it for a while', async () => {
    const { db: flaky, state } = breakable('set status = $2, agent_id = null');
    const agent = await world.agent({ id: 'agent_a', capabilities: ENOUGH });
    agent.answer = 503;
    await world.scheduler({ db: flaky, heartbeatIntervalMs: 1_000 });
    const task = await world.submit(graph([]));
    await eventually(() => expect(state.refusals).toBe(1));
    agent.answer = 200;
    await world.until(async () => {
      await agent.beat();
      await completed(task.id);
    });
    expect((await resultsOf(task.id))[0]).toMatchObject({ attempt: 1, error_code: 'agent_lost' });
  });

  it('a claimed subtask reaches its agent although no notice can be sent', async () => {
    await reopen(withNotices(['events', 'stop', 'wake'], () => Promise.reject(new Error('the bus is away'))));
    const agent = await world.agent({ id: 'agent_a', capabilities: ENOUGH });
    await world.scheduler();
    await expect(world.submit(graph([]))).rejects.toThrow('the bus is away');
    await world.until(() => expect(agent.accepted).toHaveLength(1));
    expect(agent.accepted[0]?.attempt).toBe(1);
  });
});

describe('two schedulers', () => {
  it('give each subtask out once, and the second goes on when the first stops', async () => {
    const crew = await startCrew();
    const first = await world.scheduler();
    const second = await world.scheduler();
    expect([first.leads, second.leads]).toEqual([true, false]);
    const before = await world.submit(graph([], [0], [0]));
    await eventually(() => completed(before.id));
    await first.stop();
    expect(first.leads).toBe(false);
    const after = await world.submit(graph([], [0], [0]));
    await world.until(() => completed(after.id));
    expect(second.leads).toBe(true);
    expect(takenBy(crew).toSorted()).toEqual([...before.subtasks, ...after.subtasks].toSorted());
  });

  it('respect what the first had running when the second took over', async () => {
    const agent = await world.agent({ id: 'agent_a', capabilities: ENOUGH, script: () => 'held' });
    const first = await world.scheduler();
    const task = await world.submit(graph([], []));
    await holds(agent);
    // Stopping would give back what its agent has not answered yet; the lease of a dead leader just passes.
    await db.query('update leases set expires_at = now()');
    const second = await world.scheduler();
    expect(second.leads).toBe(true);
    await world.pass(4_000);
    expect([first.leads, agent.asked]).toEqual([false, 1]);
    agent.script = () => DONE;
    await agent.end(heldBy(agent));
    await eventually(() => completed(task.id));
  });

  it('respect it although the registry could not be read at the takeover', async () => {
    const registry = { away: true, refusals: 0 };
    await reopen((bus) => ({
      ...withNotices([], async () => {})(bus),
      listAgents: () => {
        if (!registry.away) return bus.listAgents();
        registry.refusals += 1;
        return Promise.reject(new Error('the bus is away'));
      },
    }));
    const agent = await world.agent({ id: 'agent_a', capabilities: ENOUGH });
    const task = await world.submit(graph([], []));
    const [running, waiting] = task.subtasks;
    await db.query(
      `update subtasks set status = 'running', attempt = 1, agent_id = 'agent_a', agent_instance = $1,
         started_at = now(), deadline_at = now() + interval '10 minutes' where id = $2`,
      [agent.status.instance_id, running],
    );
    await world.scheduler();
    await eventually(() => expect(registry.refusals).toBeGreaterThan(0));
    registry.away = false;
    await agent.beat();
    await world.bus.notify('wake', { ready: [waiting ?? ''] });
    await world.pass(1_500);
    expect(await statusesOf(db, task.id)).toEqual(['running', 'ready']);
    await world.until(async () => {
      await agent.beat();
      await completed(task.id);
    });
  });

  it('do not lose what a leader claimed and never handed over', async () => {
    const agent = await world.agent({ id: 'agent_a', capabilities: ENOUGH });
    const task = await world.submit(graph([]));
    await db.query(
      `update subtasks set status = 'running', attempt = 1, agent_id = 'agent_a', agent_instance = $1,
         started_at = now(), deadline_at = now() + interval '10 minutes'`,
      [agent.status.instance_id],
    );
    await world.scheduler();
    await world.pass(4_000);
    expect(agent.asked).toBe(0);
    await world.until(async () => {
      await agent.beat();
      await completed(task.id);
    });
    expect(agent.accepted.map(({ attempt }) => attempt)).toEqual([2]);
  });
});

describe('stopping', () => {
  /** The world's clock, counting the timers that are set. */
  function counted(): { clock: Clock; timers: Set<object> } {
    const timers = new Set<object>();
    const clock: Clock = {
      now: () => world.clock.now(),
      after(ms, callback) {
        const timer = {};
        timers.add(timer);
        const cancel = world.clock.after(ms, () => {
          timers.delete(timer);
          callback();
        });
        return () => {
          timers.delete(timer);
          cancel();
        };
      },
    };
    return { clock, timers };
  }

  it('leaves no timer and no lease, so that another leads at once', async () => {
    const { clock, timers } = counted();
    const agent = await world.agent({ id: 'agent_a', capabilities: ENOUGH, script: () => CRASHED });
    const scheduler = await world.scheduler({ clock });
    await world.submit(graph([], []));
    await eventually(() => expect(agent.asked).toBe(2));
    await world.pass(2_000);
    expect(timers.size).toBeGreaterThanOrEqual(2);
    await scheduler.stop();
    expect(timers.size).toBe(0);
    expect(await db.query('select * from leases')).toEqual([]);
    expect((await world.scheduler()).leads).toBe(true);
  });

  it('in the middle of a round leaves none either, and hears no more notices', async () => {
    const { clock, timers } = counted();
    const agent = await world.agent({ id: 'agent_a', capabilities: ENOUGH, script: () => 'held' });
    const scheduler = await world.scheduler({ clock });
    await world.submit(graph([], []));
    scheduler.wake();
    await scheduler.stop();
    const { asked } = agent;
    await agent.beat();
    await world.submit(graph([]));
    scheduler.wake();
    await world.pass(4_000);
    expect(timers.size).toBe(0);
    expect(agent.asked).toBe(asked);
  });

  it('gives back what an agent has not answered yet, and closes the connection', async () => {
    const deaf = createServer();
    await new Promise<void>((resolve) => deaf.listen(0, '127.0.0.1', resolve));
    const agent = await world.agent({ id: 'agent_a', capabilities: ENOUGH });
    await agent.beat({ url: `http://127.0.0.1:${(deaf.address() as AddressInfo).port}` });
    const scheduler = await world.scheduler();
    const [task, [request]] = await Promise.all([world.submit(graph([])), once(deaf, 'request')]);
    const closed = once(request.socket, 'close');
    await scheduler.stop();
    await closed;
    expect(await statusesOf(db, task.id)).toEqual(['ready']);
    expect(await db.query('select * from leases')).toEqual([]);
    deaf.closeAllConnections();
    await new Promise((resolve) => deaf.close(resolve));
  });
});

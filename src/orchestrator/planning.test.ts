// Planning as one process does it: side by side, with a model that hangs, is busy, or is asked for nothing any more. Every wait
// is a gate or the manual clock.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Fixture, openDatabase, openFixture, planOf } from '../../tests/contract/orchestrator-fixture.ts';
import { type Gate, gate } from '../../tests/support/gate.ts';
import { createManualClock, type ManualClock } from '../../tests/support/manual-clock.ts';
import type { Bus, NoticeName } from '../bus/bus.ts';
import { ModelBusy, type PlanListener, type PlannedGraph } from '../planner/planner.ts';
import type { Db } from '../store/db.ts';
import { createTask } from '../store/tasks.ts';
import { claimUnplanned } from '../store/unplanned-tasks.ts';
import { BackgroundPlanning } from './background-planning.ts';
import { openPlanningRoom } from './planning-room.ts';

const PLANNED: PlannedGraph = { plan: planOf([{ description: 'Do what was asked' }]), source: 'model' };

/** One question to the planner; it is answered, or not, by the test. */
interface Question {
  description: string;
  signal: AbortSignal | undefined;
  heard: PlanListener | undefined;
  answer(planned: PlannedGraph | Error): void;
}

let db: Db;
let clock: ManualClock;
let service: Fixture;
let questions: Question[];
beforeAll(async () => {
  db = await openDatabase();
});
afterAll(() => db.close());
beforeEach(async () => {
  await db.query('truncate tasks cascade');
  clock = createManualClock();
  questions = [];
  service = await openService();
});
afterEach(async () => {
  service.planner.planWith = async () => PLANNED;
  for (const question of questions) question.answer(PLANNED);
  await service.close();
});

async function openService(overrides = {}): Promise<Fixture> {
  const fixture = await openFixture({ db, clock, ...overrides }, { planningSlots: 2 });
  fixture.planner.planWith = ({ description }, signal, heard) => {
    const answered: Gate<PlannedGraph | Error> = gate();
    questions.push({ description, signal, heard, answer: answered.open });
    // One that hangs does not even heed the signal.
    return answered.passed.then((planned) => {
      if (planned instanceof Error) throw planned;
      return planned;
    });
  };
  return fixture;
}

async function submit(name: string, user_id = 'ann', to = service): Promise<string> {
  const payload = { description: `Plan the task ${name}`, user_id };
  const answer = await to.app.inject({ method: 'POST', url: '/tasks', payload, headers: { prefer: 'respond-async' } });
  expect(answer.statusCode).toBe(202);
  return answer.json().task_id;
}

/** However busy the machine is. */
const until = (check: () => unknown) => vi.waitFor(check, 10_000);
const asked = () => questions.map(({ description }) => description.replace('Plan the task ', ''));
const areAsked = (...names: string[]) => until(() => expect(asked()).toEqual(names));
const taskOf = async (id: string, of = service) => (await of.get(`/tasks/${id}`)).body.task;
const cancel = (id: string) => service.app.inject({ method: 'POST', url: `/tasks/${id}/cancel` });
const isPlanned = (id: string) =>
  until(async () => expect(await taskOf(id)).toMatchObject({ status: 'in_progress', waiting: null }));

async function metric(name: string): Promise<string[]> {
  const text = (await service.app.inject('/metrics')).body;
  return text.split('\n').filter((line) => line.startsWith(name) && !line.includes('_bucket'));
}

const inPlanning = (state: 'planning' | 'waiting', count: number) =>
  until(async () =>
    expect(await metric('muster_planning_tasks')).toContain(`muster_planning_tasks{state="${state}"} ${count}`),
  );

describe('tasks without a plan', () => {
  it('are planned side by side up to the limit; one that hangs keeps one slot and nothing else', async () => {
    await submit('hangs');
    const second = await submit('second');
    await areAsked('hangs', 'second');
    const rest = [await submit('third'), await submit('fourth')];
    await inPlanning('waiting', 2);
    expect(await taskOf(rest[1] ?? '')).toMatchObject({
      status: 'pending',
      waiting: { reason: 'planning_slot', message: 'waits for a planning slot: all 2 are taken, 1 other task waits' },
    });
    questions[1]?.answer(PLANNED);
    await isPlanned(second);
    await areAsked('hangs', 'second', 'third');
    questions[2]?.answer(PLANNED);
    await areAsked('hangs', 'second', 'third', 'fourth');
    questions[3]?.answer(PLANNED);
    for (const id of rest) await isPlanned(id);
  });

  it('are planned in turn between users', async () => {
    await submit('a1');
    await submit('a2');
    await areAsked('a1', 'a2');
    for (const name of ['a3', 'a4']) await submit(name);
    await submit('b1', 'ben');
    await inPlanning('waiting', 3);
    questions[0]?.answer(PLANNED);
    await areAsked('a1', 'a2', 'a3');
    questions[1]?.answer(PLANNED);
    await areAsked('a1', 'a2', 'a3', 'b1');
  });

  it('do not keep those waiting that come with their plan', async () => {
    for (const name of ['one', 'two', 'three']) await submit(name);
    const id = await service.submit({ description: 'It brings its plan', plan: PLANNED.plan });
    expect((await taskOf(id)).status).toBe('in_progress');
  });

  it('say how far their plan is, in the graph of the page too', async () => {
    const id = await submit('long');
    await areAsked('long');
    expect((await taskOf(id)).waiting).toEqual({ reason: 'plan', message: 'planning', steps: 0 });
    questions[0]?.heard?.steps?.(3);
    const waiting = { reason: 'plan', message: 'planning: 3 steps so far', steps: 3 };
    expect((await taskOf(id)).waiting).toEqual(waiting);
    expect((await service.get(`/tasks/${id}/graph`)).body.task.waiting).toEqual(waiting);
  });

  it('say so on other replicas too, as long as their process lives', async () => {
    const other = await openService({ bus: service.deps.bus });
    const id = await submit('far away');
    await areAsked('far away');
    questions[0]?.heard?.steps?.(2);
    expect((await taskOf(id, other)).waiting).toBeNull();
    await until(async () => {
      clock.advance(500);
      expect((await taskOf(id, other)).waiting).toMatchObject({ reason: 'plan', steps: 2 });
    });
    await other.close();
  });
});

describe('a task that is cancelled', () => {
  it('while it is planned frees its slot at once, even if the planner hangs', async () => {
    const first = await submit('first');
    for (const name of ['second', 'third']) await submit(name);
    await areAsked('first', 'second');
    await cancel(first);
    await areAsked('first', 'second', 'third');
    expect(questions[0]?.signal?.aborted).toBe(true);
  });

  it('in line leaves it, and the planner never hears of it', async () => {
    for (const name of ['first', 'second']) await submit(name);
    const third = await submit('third');
    await submit('fourth');
    await areAsked('first', 'second');
    await inPlanning('waiting', 2);
    await cancel(third);
    await inPlanning('waiting', 1);
    questions[0]?.answer(PLANNED);
    await areAsked('first', 'second', 'fourth');
  });

  it('is let go by the renewal when no notice told of it', async () => {
    const id = await submit('first');
    for (const name of ['second', 'third']) await submit(name);
    await areAsked('first', 'second');
    await db.query(`update tasks set status = 'cancelled', planning_until = null, finished_at = now() where id = $1`, [
      id,
    ]);
    clock.advance(2_000);
    await areAsked('first', 'second', 'third');
  });
});

describe('a busy model', () => {
  const overloaded = new ModelBusy('529 Overloaded', { retryAfterMs: 5_000 });

  it('is asked again later, and the slot is free meanwhile', async () => {
    const first = await submit('first');
    for (const name of ['second', 'third']) await submit(name);
    await areAsked('first', 'second');
    questions[0]?.answer(overloaded);
    await areAsked('first', 'second', 'third');
    expect((await taskOf(first)).waiting).toMatchObject({ reason: 'planning_slot', until: '2030-01-01T00:00:05.000Z' });
    questions[1]?.answer(PLANNED);
    await inPlanning('planning', 1);
    clock.advance(5_000);
    await areAsked('first', 'second', 'third', 'first');
    questions[3]?.answer(PLANNED);
    await isPlanned(first);
  });

  it('that limits the account is asked by nobody until it said', async () => {
    await submit('first');
    await areAsked('first');
    questions[0]?.answer(new ModelBusy('429', { retryAfterMs: 20_000, isRateLimit: true }));
    await inPlanning('waiting', 1);
    const second = await submit('second');
    await until(async () =>
      expect((await taskOf(second)).waiting).toMatchObject({ until: '2030-01-01T00:00:20.000Z' }),
    );
    expect(asked()).toEqual(['first']);
    clock.advance(20_000);
    await until(() => expect(asked().slice(1).toSorted()).toEqual(['first', 'second']));
  });

  it('that stays busy leaves the task with one subtask', async () => {
    const id = await submit('unlucky');
    for (const nth of [0, 1, 2]) {
      await until(() => expect(questions).toHaveLength(nth + 1));
      questions[nth]?.answer(new ModelBusy('cannot be reached'));
      await inPlanning('planning', 0);
      clock.advance(10_000);
    }
    await isPlanned(id);
    expect(await taskOf(id)).toMatchObject({ plan_source: 'fallback', subtasks: [{ description: /unlucky/ }] });
    const counted = await metric('muster_planning_seconds_count');
    expect(counted.toSorted()).toEqual([
      'muster_planning_seconds_count{outcome="busy"} 2',
      'muster_planning_seconds_count{outcome="fallback"} 1',
    ]);
  });
});

describe('a process that dies in the middle of planning', () => {
  it('leaves its tasks, planned or in line, to another', async () => {
    const dead = await openService({ clock: createManualClock(), metrics: service.deps.metrics });
    const ids = [
      await submit('one', 'ann', dead),
      await submit('two', 'ann', dead),
      await submit('three', 'ann', dead),
    ];
    await areAsked('one', 'two');
    // Its clock stands still, so it renews nothing; the database's goes on.
    await db.query('update tasks set planning_until = now()');
    const planning = openPlanningRoom(service.deps);
    const taker = new BackgroundPlanning({ ...service.deps, planning, stopping: new AbortController().signal });
    for (const task of await claimUnplanned(db, 60_000)) taker.start(task);
    await until(() => expect(questions).toHaveLength(4));
    for (const nth of [2, 3]) questions[nth]?.answer(PLANNED);
    await until(() => expect(questions).toHaveLength(5));
    questions[4]?.answer(PLANNED);
    await taker.settled();
    for (const id of ids) expect((await taskOf(id)).status).toBe('in_progress');
    // What the dead one says in the end changes nothing.
    dead.planner.planWith = async () => PLANNED;
    for (const question of questions) question.answer(PLANNED);
    await planning.close();
    await dead.close();
    expect((await taskOf(ids[0] ?? '')).subtasks).toHaveLength(1);
  });
});

describe('a line that has no place left for a user', () => {
  /** With two slots: half of all places. */
  const PLACES = 502;
  const stored = async (user_id: string) =>
    (await db.query<{ count: number }>('select count(*)::int as count from tasks where user_id = $1', [user_id]))[0]
      ?.count;

  it('refuses those who would wait for the answer, before anything is stored; others still come in', async () => {
    const post = (url: string, user_id = 'ann', headers = {}) =>
      service.app.inject({
        method: 'POST',
        url,
        payload: { description: 'Plan the task of a crowd', user_id },
        headers,
      });
    const refused: unknown[] = [];
    for (let nth = 0; nth < PLACES + 18; nth += 1)
      void post('/tasks').then((answer) => {
        const { code, detail } = answer.json();
        if (answer.statusCode === 503) refused.push({ after: Number(answer.headers['retry-after']), code, detail });
      });
    await until(() => expect(refused).toHaveLength(18));
    const detail = expect.stringContaining('502 plans are being made or waited for, 502 of them of this user');
    for (const problem of refused) expect(problem).toEqual({ after: 1, code: 'unavailable', detail });
    await inPlanning('waiting', PLACES - 2);
    expect(await stored('ann')).toBe(PLACES);
    expect((await post('/plans')).json()).toMatchObject({ code: 'unavailable' });
    // It is stored, and waits in the database.
    expect((await post('/tasks', 'ann', { prefer: 'respond-async' })).statusCode).toBe(202);
    expect(await stored('ann')).toBe(PLACES + 1);
    const ben = post('/tasks', 'ben');
    await inPlanning('waiting', PLACES - 1);
    questions[0]?.answer(PLANNED);
    await until(() => expect(questions).toHaveLength(3));
    questions[1]?.answer(PLANNED);
    await until(() => expect(questions).toHaveLength(4));
    for (const nth of [2, 3]) questions[nth]?.answer(PLANNED);
    expect((await ben).statusCode).toBe(200);
  });
});

describe('a process that stood still for longer than its lease', () => {
  const readLease = async (id: string) =>
    (await db.query<{ planning_until: string }>('select planning_until from tasks where id = $1', [id]))[0];
  const letLeasesPass = () => db.query('update tasks set planning_until = now()');

  it('does not plan a task a second time that its own sweep finds left alone', async () => {
    const planning = openPlanningRoom(service.deps);
    const parts = { ...service.deps, planning, stopping: new AbortController().signal };
    const [requests, sweep] = [new BackgroundPlanning(parts), new BackgroundPlanning(parts)];
    const task = { description: 'Plan the task once', user_id: 'ann' };
    const { id } = await createTask(db, task, 60_000);
    requests.start({ id, ...task, given_plan: null, trace_parent: null });
    await areAsked('once');
    await letLeasesPass();
    for (const found of await claimUnplanned(db, 60_000)) sweep.start(found);
    const other = { ...task, description: 'Plan the task other' };
    sweep.start({ id: (await createTask(db, other, 60_000)).id, ...other, given_plan: null, trace_parent: null });
    await areAsked('once', 'other');
    for (const question of questions) question.answer(PLANNED);
    await Promise.all([requests.settled(), sweep.settled()]);
    await planning.close();
  });

  it('leaves a task to the one that took it over meanwhile', async () => {
    const id = await submit('moved');
    await areAsked('moved');
    const given = await readLease(id);
    clock.advance(2_000);
    await until(async () => expect(await readLease(id)).not.toEqual(given));
    await letLeasesPass();
    expect(await claimUnplanned(db, 60_000)).toMatchObject([{ id }]);
    await until(() => {
      clock.advance(2_000);
      expect(questions[0]?.signal?.aborted).toBe(true);
    });
  });

  it('goes on with a task that nobody took over', async () => {
    const id = await submit('kept');
    await areAsked('kept');
    for (const _ of ['as it was given', 'as it was renewed']) {
      await letLeasesPass();
      const passed = await readLease(id);
      await until(async () => {
        clock.advance(2_000);
        expect(await readLease(id)).not.toEqual(passed);
      });
    }
    expect(await claimUnplanned(db, 60_000)).toEqual([]);
    expect(questions[0]?.signal?.aborted).toBe(false);
  });
});

describe('a bus that cannot be listened to', () => {
  /** Refuses whoever wants to hear these notices, once. */
  const refusingOnce = (refused: NoticeName): Bus => {
    const { bus } = service.deps;
    let hasRefused = false;
    const subscribe: Bus['subscribe'] = (notice, listener) => {
      if (notice !== refused || hasRefused) return bus.subscribe(notice, listener);
      hasRefused = true;
      return Promise.reject(new Error('the bus is gone'));
    };
    return Object.assign(Object.create(bus), { subscribe });
  };

  it('is tried again for the next task: a cancel is heard again at once', async () => {
    const other = await openService({ bus: refusingOnce('stop') });
    await submit('first', 'ann', other);
    await areAsked('first');
    const second = await submit('second', 'ann', other);
    await areAsked('first', 'second');
    await cancel(second);
    // No renewal finds it out: the clock stands still.
    await until(() => expect(questions[1]?.signal?.aborted).toBe(true));
    for (const question of questions) question.answer(PLANNED);
    await other.close();
  });

  it('is tried again for the next question: the reason is known again', async () => {
    const other = await openService({ bus: refusingOnce('planning') });
    const id = await submit('far away');
    await areAsked('far away');
    expect((await taskOf(id, other)).waiting).toBeNull();
    await until(async () => {
      clock.advance(500);
      expect((await taskOf(id, other)).waiting).toMatchObject({ reason: 'plan' });
    });
    await other.close();
  });
});

describe('the metrics of planning', () => {
  it('tell the wait for a slot, the time to the first word and the whole time apart', async () => {
    const [one, , third] = [await submit('one'), await submit('two'), await submit('three')];
    await areAsked('one', 'two');
    await inPlanning('waiting', 1);
    clock.advance(1_000);
    questions[0]?.heard?.began?.();
    questions[0]?.heard?.began?.();
    clock.advance(2_000);
    questions[0]?.answer(PLANNED);
    await isPlanned(one);
    await areAsked('one', 'two', 'three');
    questions[2]?.answer(PLANNED);
    await isPlanned(third);
    expect(await metric('muster_planning_waiting_seconds')).toEqual([
      'muster_planning_waiting_seconds_sum 3',
      'muster_planning_waiting_seconds_count 3',
    ]);
    expect(await metric('muster_planning_first_word_seconds')).toEqual([
      'muster_planning_first_word_seconds_sum 1',
      'muster_planning_first_word_seconds_count 1',
    ]);
    expect(await metric('muster_planning_seconds_sum')).toEqual(['muster_planning_seconds_sum{outcome="model"} 3']);
  });
});

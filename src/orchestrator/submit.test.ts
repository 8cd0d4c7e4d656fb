import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Fixture, openFixture, planOf, ScriptedPlanner } from '../../tests/contract/orchestrator-fixture.ts';
import { gate } from '../../tests/support/gate.ts';
import { createManualClock } from '../../tests/support/manual-clock.ts';
import { listEvents } from '../store/events.ts';
import { cancelTask } from '../store/tasks.ts';
import { claimUnplanned } from '../store/unplanned-tasks.ts';
import { planTask } from './planning.ts';
import { openPlanningRoom } from './planning-room.ts';

const DESCRIPTION = 'Calculate factorial of 10';

let service: Fixture;
beforeAll(async () => {
  service = await openFixture();
});
afterAll(() => service.close());
afterEach(() => {
  service.planner.planWith = new ScriptedPlanner().planWith;
});

async function post(payload: object, headers: Record<string, string> = {}) {
  const answer = await service.app.inject({ method: 'POST', url: '/tasks', payload, headers });
  return { status: answer.statusCode, body: answer.json() };
}

const running = () => ({
  ...service.deps,
  planning: openPlanningRoom(service.deps),
  stopping: new AbortController().signal,
});

/** A planner that waits until the test lets it answer, or until it is aborted. */
function heldPlanner() {
  const asked = gate<AbortSignal | undefined>();
  const answer = gate();
  service.planner.planWith = async (_, signal) => {
    asked.open(signal);
    const aborted = new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
    await Promise.race([answer.passed, aborted]);
    return { plan: planOf([{ description: DESCRIPTION }]), source: 'model' };
  };
  return { asked: asked.passed, answer: () => answer.open() };
}

describe('the parameters of a task', () => {
  it('are measured in characters as the database counts them, not in UTF-16 units', async () => {
    expect(await post({ description: '😀'.repeat(9) })).toMatchObject({ status: 400 });
    expect(await post({ description: '😀'.repeat(10) })).toMatchObject({ status: 200 });
    expect(await post({ description: '😀'.repeat(5000) })).toMatchObject({ status: 200 });
    expect(await post({ description: '😀'.repeat(5001) })).toMatchObject({ status: 400 });
  });

  it('are stored without surrounding space', async () => {
    const { body } = await post({ description: `\n  ${DESCRIPTION}  \t` });
    expect((await service.get(`/tasks/${body.task_id}`)).body.task.description).toBe(DESCRIPTION);
  });

  it.each([
    ['description', { description: 'with U+0000: \u0000 in it' }, 'U+0000'],
    ['description', { description: 12345678901 }, 'must be text, not number'],
    ['user_id', { description: DESCRIPTION, user_id: 'a\u0000' }, 'U+0000'],
    ['user_id', { description: DESCRIPTION, user_id: '' }, 'has 0 characters'],
    ['user_id', { description: DESCRIPTION, user_id: 'x'.repeat(201) }, 'has 201 characters'],
    ['plan', { description: DESCRIPTION, plan: 'a plan' }, 'plan'],
    ['plan', { description: DESCRIPTION, plan: null }, 'plan'],
    ['plan.subtasks', { description: DESCRIPTION, plan: { subtasks: [] } }, 'at least one subtask'],
  ])('are refused when %s is wrong: %j', async (field, payload, detail) => {
    const { status, body } = await post(payload);
    expect({ status, field: body.field }).toEqual({ status: 400, field });
    expect(body.detail).toContain(detail);
  });

  it('are refused when one is given twice in the query string', async () => {
    const url = '/tasks?description=Calculate%20factorial&description=Calculate%20fibonacci';
    const answer = await service.app.inject({ method: 'POST', url });
    expect(answer.json()).toMatchObject({ code: 'invalid_request', field: 'description' });
  });

  it('name the first problems of a plan that has many, and count the others', async () => {
    const step = { description: 'Calculate one part of it', required_capabilities: ['cooking'] };
    const { body } = await post({ description: DESCRIPTION, plan: { subtasks: Array(30).fill(step) } });
    expect(body.field).toBe('plan.subtasks[0].required_capabilities[0]');
    expect(body.detail).toContain('and 20 more');
    expect(body.detail.length).toBeLessThan(5_000);
  });

  it('never cause a failure of the service, whatever JSON they are', async () => {
    const words = fc.oneof(fc.constantFrom('description', 'user_id', 'plan', 'subtasks', '__proto__'), fc.string());
    const step = fc.record(
      {
        description: fc.oneof(fc.string({ unit: 'binary', minLength: 10, maxLength: 30 }), fc.jsonValue()),
        required_capabilities: fc.oneof(fc.constant(['data_analysis']), fc.jsonValue()),
        dependencies: fc.oneof(fc.array(fc.nat(3)), fc.jsonValue()),
        priority: fc.oneof(fc.integer(), fc.jsonValue()),
        estimated_duration: fc.oneof(fc.integer(), fc.maxSafeNat(), fc.jsonValue()),
        input_data: fc.oneof(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()), fc.jsonValue()),
      },
      { requiredKeys: ['description', 'required_capabilities'] },
    );
    const body = fc.oneof(
      fc.jsonValue(),
      fc.dictionary(words, fc.jsonValue()),
      fc.record(
        {
          description: fc.oneof(fc.string({ unit: 'binary', minLength: 10 }), fc.jsonValue()),
          user_id: fc.oneof(fc.string({ unit: 'binary' }), fc.jsonValue()),
          plan: fc.oneof(fc.record({ subtasks: fc.array(step, { maxLength: 4 }) }), fc.jsonValue()),
        },
        { requiredKeys: ['description'] },
      ),
    );
    await fc.assert(
      fc.asyncProperty(body, async (payload) => {
        const headers = { 'content-type': 'application/json' };
        const answer = await service.app.inject({
          method: 'POST',
          url: '/tasks',
          headers,
          payload: JSON.stringify(payload),
        });
        expect([200, 400]).toContain(answer.statusCode);
        if (answer.statusCode === 400) expect(answer.json().detail).toEqual(expect.any(String));
      }),
      { numRuns: 150 },
    );
  });

  it.each([
    '{"description":"Calculate \\ud800 factorial"}',
    '{"description":"Calculate factorial","plan":{"subtasks":[{"description":"Calculate \\udfff it all","required_capabilities":["data_analysis"],"input_data":{"\\u0000":"\\ud800"}}]}}',
  ])('may hold text that PostgreSQL cannot: %s', async (payload) => {
    const headers = { 'content-type': 'application/json' };
    const answer = await service.app.inject({ method: 'POST', url: '/tasks', headers, payload });
    expect(answer.statusCode).toBe(200);
  });
});

describe('planning', () => {
  it('is told the description and the agents, and marks whose plan it is', async () => {
    let asked: unknown;
    service.planner.planWith = async (request) => {
      asked = request;
      return { plan: planOf([{ description: DESCRIPTION }]), source: 'fallback' };
    };
    const taskId = await service.submit({ description: DESCRIPTION });
    expect(asked).toEqual({ task_id: taskId, description: DESCRIPTION, files: [], agents: [] });
    expect((await service.get(`/tasks/${taskId}`)).body.task.plan_source).toBe('fallback');
  });

  it('does not ask the planner when a plan is given, even one that no agent can run', async () => {
    service.planner.planWith = () => Promise.reject(new Error('must not be asked'));
    const plan = planOf([{ description: DESCRIPTION, required_capabilities: ['web_scraping', 'data_analysis'] }]);
    const taskId = await service.submit({ description: DESCRIPTION, plan });
    const { task } = (await service.get(`/tasks/${taskId}`)).body;
    expect(task.subtasks[0].waiting).toMatchObject({ reason: 'no_such_agent' });
  });

  it('wakes the scheduler with what is ready and announces the events', async () => {
    const heard: unknown[] = [];
    const { bus } = service.deps;
    const stops = [
      await bus.subscribe('wake', (notice) => heard.push(notice)),
      await bus.subscribe('events', (notice) => heard.push(notice)),
    ];
    const task_id = await service.submit({ description: DESCRIPTION });
    const { task } = (await service.get(`/tasks/${task_id}`)).body;
    for (const stop of stops) stop();
    expect(heard).toContainEqual({ ready: [task.subtasks[0].id] });
    expect(heard).toContainEqual({ task_ids: [task_id] });
  });

  it('goes on when the bus fails, without its agents and its notices', async () => {
    const broken = Object.assign(Object.create(service.deps.bus), {
      listAgents: () => Promise.reject(new Error('the bus is gone')),
      notify: () => Promise.reject(new Error('the bus is gone')),
      subscribe: () => Promise.reject(new Error('the bus is gone')),
    });
    const other = await openFixture({ db: service.deps.db, bus: broken });
    const taskId = await other.submit({ description: DESCRIPTION });
    const { status, body } = await other.get(`/tasks/${taskId}`);
    expect(status).toBe(200);
    expect(body.task.subtasks).toMatchObject([{ status: 'ready', waiting: null }]);
    const ready = await other.get('/readyz');
    expect(ready).toMatchObject({
      status: 503,
      body: { status: 'not_ready', checks: { bus: 'answers with an error' } },
    });
    await other.close();
  });

  it('ends, with the model call, when the task is cancelled meanwhile', async () => {
    const held = heldPlanner();
    const answered = post({ description: DESCRIPTION, user_id: 'impatient' });
    const signal = await held.asked;
    const { tasks } = (await service.get('/tasks?user_id=impatient')).body;
    await service.app.inject({ method: 'POST', url: `/tasks/${tasks[0].id}/cancel` });
    const { status, body } = await answered;
    expect(signal?.aborted).toBe(true);
    expect({ status, code: body.code }).toEqual({ status: 409, code: 'wrong_state' });
  });

  it('of a stopping service ends with the promise to go on at the next start', async () => {
    const other = await openFixture({ db: service.deps.db, planner: service.planner });
    const held = heldPlanner();
    const answered = other.app.inject({ method: 'POST', url: '/tasks', payload: { description: DESCRIPTION } });
    await held.asked;
    await other.close();
    expect((await answered).json()).toMatchObject({ code: 'unavailable' });
  });

  it('is kept from others while it goes on, however long it takes', async () => {
    const { db, planner } = service.deps;
    const clock = createManualClock();
    const other = await openFixture({ db, planner, clock });
    const held = heldPlanner();
    const payload = { description: DESCRIPTION, user_id: 'patient' };
    const answered = other.app.inject({ method: 'POST', url: '/tasks', payload });
    await held.asked;
    const untilPassed = `update tasks set planning_until = now() where user_id = 'patient' returning planning_until`;
    const [passed] = await db.query<{ planning_until: string }>(untilPassed);
    clock.advance(2_000);
    await vi.waitFor(async () => {
      const [row] = await db.query(`select planning_until from tasks where user_id = 'patient'`);
      expect(row?.planning_until).not.toBe(passed?.planning_until);
    });
    expect(await claimUnplanned(db, 60_000)).not.toContainEqual(expect.objectContaining({ user_id: 'patient' }));
    held.answer();
    expect((await answered).statusCode).toBe(200);
    await other.close();
  });

  it('is repeated after a crash from what is stored: the description, the given plan and the files', async () => {
    const { db } = service.deps;
    service.planner.planWith = () => Promise.reject(new Error('the process dies here'));
    await post({ description: DESCRIPTION, user_id: 'survivor' });
    await db.query(`update tasks set planning_until = now() where status = 'pending' and planning_until is not null`);
    const unplanned = await claimUnplanned(db, 60_000);
    service.planner.planWith = new ScriptedPlanner().planWith;
    for (const task of unplanned) expect(await planTask(running(), task)).toMatchObject({ outcome: 'saved' });
    const { tasks } = (await service.get('/tasks?user_id=survivor')).body;
    expect(tasks).toMatchObject([{ status: 'in_progress', subtasks_total: 1 }]);
  });

  it('of a task that another has planned meanwhile changes nothing', async () => {
    const { db } = service.deps;
    const taskId = await service.submit({ description: DESCRIPTION });
    const task = { id: taskId, user_id: 'x', description: DESCRIPTION, given_plan: null, trace_parent: null };
    expect(await planTask(running(), task)).toEqual({ outcome: 'not_pending' });
    await cancelTask(db, taskId);
    expect((await service.get(`/tasks/${taskId}`)).body.task.subtasks).toHaveLength(1);
  });
});

describe('an Idempotency-Key', () => {
  const key = { 'idempotency-key': 'order-1' };

  it('makes a repeated submit return the first answer', async () => {
    const first = await post({ description: DESCRIPTION, user_id: 'repeater' }, key);
    const second = await post({ description: `  ${DESCRIPTION}`, user_id: 'repeater' }, key);
    expect(first.status).toBe(200);
    expect(second).toEqual(first);
    expect((await service.get('/tasks?user_id=repeater')).body.tasks).toHaveLength(1);
  });

  it('is refused with another request', async () => {
    await post({ description: DESCRIPTION, user_id: 'confused' }, key);
    const { status, body } = await post({ description: 'Calculate factorial of 11', user_id: 'confused' }, key);
    expect({ status, code: body.code }).toEqual({ status: 409, code: 'idempotency_conflict' });
  });

  it('belongs to one user', async () => {
    const first = await post({ description: DESCRIPTION, user_id: 'one' }, key);
    const second = await post({ description: DESCRIPTION, user_id: 'other' }, key);
    expect(second.body.task_id).not.toBe(first.body.task_id);
  });

  it('makes requests at the same time wait for one plan', async () => {
    const held = heldPlanner();
    const request = { description: DESCRIPTION, user_id: 'twin' };
    const first = post(request, key);
    await held.asked;
    const second = post(request, key);
    held.answer();
    expect(await second).toEqual(await first);
  });

  it('does not make a request wait for ever', async () => {
    const clock = createManualClock();
    const other = await openFixture({ db: service.deps.db, clock });
    const held = heldPlanner();
    const payload = { description: DESCRIPTION, user_id: 'waiter' };
    const first = post(payload, key);
    await held.asked;
    let status = 0;
    const second = other.app.inject({ method: 'POST', url: '/tasks', payload, headers: key }).then((answer) => {
      status = answer.statusCode;
    });
    await vi.waitFor(async () => {
      clock.advance(60_000);
      expect(status).toBe(503);
    });
    await second;
    held.answer();
    expect((await first).status).toBe(200);
    await other.close();
  });

  it.each(['', 'x'.repeat(201)])('of a wrong length is refused', async (value) => {
    const { status, body } = await post({ description: DESCRIPTION }, { 'idempotency-key': value });
    expect({ status, field: body.field }).toEqual({ status: 400, field: 'Idempotency-Key' });
  });
});

describe('a submit that prefers not to wait', () => {
  const prefer = { prefer: 'respond-async' };

  it('is answered once the task is stored, and planned afterwards', async () => {
    const planner = heldPlanner();
    const { status, body } = await post({ description: DESCRIPTION }, prefer);
    expect({ status, body }).toEqual({ status: 202, body: { task_id: expect.any(String), status: 'created' } });
    await planner.asked;
    const statusNow = async () => (await service.get(`/tasks/${body.task_id}`)).body.task.status;
    expect(await statusNow()).toBe('pending');
    planner.answer();
    await vi.waitFor(async () => expect(await statusNow()).toBe('in_progress'));
  });

  it('says that the preference was heeded, whatever else is preferred', async () => {
    for (const [header, status] of [
      ['return=minimal, Respond-Async; wait=10', 202],
      ['respond-sync', 200],
      ['', 200],
    ] as const) {
      const headers = { prefer: header };
      const answer = await service.app.inject({
        method: 'POST',
        url: '/tasks',
        payload: { description: DESCRIPTION },
        headers,
      });
      expect(answer.statusCode).toBe(status);
      expect(answer.headers['preference-applied']).toBe(status === 202 ? 'respond-async' : undefined);
    }
  });

  it('is refused at once when it is wrong', async () => {
    expect(await post({ description: 'short' }, prefer)).toMatchObject({ status: 400, body: { field: 'description' } });
  });

  it('with the same key is one task, planned once', async () => {
    const planner = heldPlanner();
    const headers = { ...prefer, 'idempotency-key': 'not waiting' };
    const first = await post({ description: DESCRIPTION }, headers);
    await planner.asked;
    expect(await post({ description: DESCRIPTION }, headers)).toEqual(first);
    expect(await post({ description: `${DESCRIPTION}, please` }, headers)).toMatchObject({ status: 409 });
    const waiting = post({ description: DESCRIPTION }, { 'idempotency-key': 'not waiting' });
    planner.answer();
    expect(await waiting).toMatchObject({ status: 200, body: { task_id: first.body.task_id, subtasks_count: 1 } });
  });

  it('leaves a task that could not be planned to the sweep', async () => {
    service.planner.planWith = () => Promise.reject(new Error('no planner today'));
    const { body } = await post({ description: DESCRIPTION, user_id: 'unlucky' }, prefer);
    await service.deps.db.query("update tasks set planning_until = now() - interval '1 second' where id = $1", [
      body.task_id,
    ]);
    const unplanned = await claimUnplanned(service.deps.db, 60_000);
    expect(unplanned.map((task) => task.id)).toContain(body.task_id);
  });

  it('does not keep the service from stopping, and its task stays pending', async () => {
    const other = await openFixture({ db: service.deps.db });
    const asked = gate();
    other.planner.planWith = (_, signal) =>
      new Promise((_resolve, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason));
        asked.open();
      });
    const answer = await other.app.inject({
      method: 'POST',
      url: '/tasks',
      payload: { description: DESCRIPTION },
      headers: prefer,
    });
    await asked.passed;
    await other.close();
    const { body } = await service.get(`/tasks/${answer.json().task_id}`);
    expect(body.task.status).toBe('pending');
  });
});

describe('tasks that come with their plan', () => {
  const plan = planOf([
    { description: 'Calculate the first part' },
    { description: 'Calculate the rest', dependencies: [0] },
  ]);

  it('are stored, started and announced together when they come at the same time', async () => {
    const { bus } = service.deps;
    const heard: { ids: string[] }[] = [];
    const stop = await bus.subscribe('wake', ({ unblocked = [] }) =>
      heard.push({ ids: unblocked.map((row) => row.task_id) }),
    );
    const ids = await Promise.all(
      Array.from({ length: 20 }, (_, nth) => service.submit({ description: `${DESCRIPTION} ${nth}`, plan })),
    );
    await vi.waitFor(() => expect(heard.flatMap((one) => one.ids).sort()).toEqual([...ids].sort()));
    stop();
    expect(heard.length).toBeLessThan(20);
    for (const [nth, id] of ids.entries()) {
      const { task } = (await service.get(`/tasks/${id}`)).body;
      expect(task).toMatchObject({ status: 'in_progress', description: `${DESCRIPTION} ${nth}`, plan_source: 'given' });
      expect(task.subtasks.map((one: { status: string }) => one.status)).toEqual(['ready', 'pending']);
      const events = await listEvents(service.deps.db, id, { after: 0, limit: 10 });
      expect(events.map(({ seq, type }) => [seq, type])).toEqual([
        [1, 'task.created'],
        [2, 'task.planned'],
        [3, 'subtask.ready'],
      ]);
    }
  });

  it('with one idempotency key are one task, also within one batch', async () => {
    const send = (description: string) =>
      service.app.inject({
        method: 'POST',
        url: '/tasks',
        headers: { 'idempotency-key': 'one-key-for-several' },
        payload: { description, plan },
      });
    const answers = await Promise.all([send(DESCRIPTION), send(DESCRIPTION), send(DESCRIPTION), send('Another task')]);
    const stored = answers.filter((answer) => answer.statusCode === 200).map((answer) => answer.json().task_id);
    expect(new Set(stored).size).toBe(1);
    expect(answers.map((answer) => answer.statusCode).sort()).toEqual([200, 200, 200, 409]);
  });
});

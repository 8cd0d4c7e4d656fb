// POST /tasks/bulk: many tasks by one request, each with an outcome of its own.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BULK_MAX, bulkResponse } from '../../src/protocol/bulk-api.ts';
import { getTask } from '../../src/store/task-views.ts';
import { gate } from '../support/gate.ts';
import { type Fixture, openFixture, planOf } from './orchestrator-fixture.ts';

let service: Fixture;
beforeAll(async () => {
  service = await openFixture();
});
afterAll(() => service.close());

const plan = planOf([{ description: 'Add the numbers' }, { description: 'Say the sum', dependencies: [0] }]);
const planned = { description: 'Add the numbers up', plan };

async function post(payload: object | string, fixture = service) {
  const headers = { 'content-type': 'application/json' };
  const answer = await fixture.app.inject({ method: 'POST', url: '/tasks/bulk', payload, headers });
  return { status: answer.statusCode, body: answer.json() };
}

async function outcomes(tasks: readonly unknown[]) {
  const { status, body } = await post({ tasks });
  expect({ status, body }).toMatchObject({ status: 200 });
  return bulkResponse.parse(body).results;
}

const taskCount = async () =>
  (await service.deps.db.query<{ count: number }>('select count(*)::int from tasks'))[0]?.count;

it('stores and queues as many tasks as are allowed', async () => {
  const results = await outcomes(
    Array.from({ length: BULK_MAX }, (_, nth) => ({ ...planned, user_id: `user_${nth}` })),
  );
  expect(results).toHaveLength(BULK_MAX);
  for (const [nth, one] of results.entries()) {
    expect(one).toMatchObject({ status: 'created', subtasks_count: 2, initial_subtasks_queued: 1 });
    const stored = await getTask(service.deps.db, one.status === 'created' ? one.task_id : '');
    expect(stored?.task).toMatchObject({ user_id: `user_${nth}`, status: 'in_progress' });
  }
});

it('takes the others when some are wrong, and says of each what is', async () => {
  const before = await taskCount();
  const wrong = [
    [{ description: 'short' }, 'invalid_request', 'description'],
    [{ ...planned, user_id: '' }, 'invalid_request', 'user_id'],
    [{ ...planned, plan: { subtasks: [] } }, 'invalid_plan', 'plan.subtasks'],
    [{ ...planned, budget_usd: -1 }, 'invalid_request', 'budget_usd'],
    [{ ...planned, idempotency_key: 'k'.repeat(201) }, 'invalid_request', 'idempotency_key'],
    [{ ...planned, idempotency_key: 7 }, 'invalid_request', 'idempotency_key'],
    [{ ...planned, prioriti: 1 }, 'invalid_request', 'prioriti'],
    [{ ...planned, files: [] }, 'invalid_request', 'files'],
    ['Add the numbers up', 'invalid_request', undefined],
    [null, 'invalid_request', undefined],
  ] as const;
  const results = await outcomes([planned, ...wrong.map(([task]) => task), planned]);
  expect(results.at(0)).toMatchObject({ status: 'created' });
  expect(results.at(-1)).toMatchObject({ status: 'created' });
  for (const [nth, [, code, field]] of wrong.entries()) {
    const error = { code, detail: expect.any(String), ...(field && { field }) };
    expect(results[nth + 1]).toEqual({ status: 'refused', error });
  }
  expect(await taskCount()).toBe((before ?? 0) + 2);
});

it('stores tasks without a plan before it plans them', async () => {
  const held = gate();
  const { planWith } = service.planner;
  service.planner.planWith = async (...call) => {
    await held.passed;
    return planWith(...call);
  };
  const [one, other] = await outcomes([{ description: 'Think of something' }, planned]);
  service.planner.planWith = planWith;
  expect(one).toEqual({ status: 'created', task_id: expect.stringMatching(/^task_/) });
  expect(other).toMatchObject({ subtasks_count: 2 });
  const id = one?.status === 'created' ? one.task_id : '';
  expect((await getTask(service.deps.db, id))?.task.status).toBe('pending');
  held.open();
  await expect.poll(async () => (await getTask(service.deps.db, id))?.task.status).toBe('in_progress');
});

it('stores tasks without a plan one after the other, so that others find a connection', async () => {
  const [held, free] = [gate(), gate()];
  let underWay = 0;
  let most = 0;
  const db = Object.assign(Object.create(service.deps.db), {
    transaction: async (work: never, options: never) => {
      underWay += 1;
      most = Math.max(most, underWay);
      await free.passed;
      return service.deps.db.transaction(work, options).finally(() => {
        underWay -= 1;
      });
    },
  });
  const slow = await openFixture({ db });
  slow.planner.planWith = async () => {
    await held.passed;
    return { plan, source: 'model' };
  };
  const asked = post({ tasks: Array.from({ length: 20 }, () => ({ description: 'Think of something' })) }, slow);
  free.open();
  expect((await asked).body.results).toHaveLength(20);
  expect(most).toBe(1);
  held.open();
  await slow.close();
});

describe('idempotency', () => {
  it('gives a repeated task the first answer, within a request and between requests', async () => {
    const task = { ...planned, idempotency_key: 'sum-1' };
    const first = await outcomes([task, task]);
    const [again] = await outcomes([task]);
    expect(first[1]).toEqual(first[0]);
    expect(again).toEqual(first[0]);
    const single = await service.app.inject({
      ...{ method: 'POST', url: '/tasks', payload: planned },
      headers: { 'idempotency-key': 'sum-1' },
    });
    expect(single.json()).toEqual(first[0]);
  });

  it('refuses another task under a key that is taken', async () => {
    const [, other] = await outcomes([
      { ...planned, idempotency_key: 'sum-2' },
      { ...planned, description: 'Something else altogether', idempotency_key: 'sum-2' },
    ]);
    expect(other).toMatchObject({ status: 'refused', error: { code: 'idempotency_conflict' } });
  });
});

it.each<[string, object | string, string | undefined]>([
  ['no list', { description: 'Add the numbers up' }, 'tasks'],
  ['an empty list', { tasks: [] }, 'tasks'],
  ['too many', { tasks: Array.from({ length: BULK_MAX + 1 }, () => planned) }, 'tasks'],
  ['a field beside the list', { tasks: [planned], user_id: 'ada' }, 'user_id'],
  ['no JSON', '{"tasks": [', undefined],
])('refuses %s as a whole, and stores nothing', async (_, payload, field) => {
  const before = await taskCount();
  const { status, body } = await post(payload);
  expect({ status, ...body }).toMatchObject({ status: 400, code: 'invalid_request', ...(field && { field }) });
  expect(await taskCount()).toBe(before);
});

it('refuses all with 503 and Retry-After while the database cannot keep up', async () => {
  const stuck = gate();
  const db = Object.assign(Object.create(service.deps.db), {
    transaction: async (work: never, options: never) => {
      await stuck.passed;
      return service.deps.db.transaction(work, options);
    },
  });
  const slow = await openFixture({ db });
  const answers: Awaited<ReturnType<typeof post>>[] = [];
  const sent: Promise<unknown>[] = [];
  const send = () =>
    post({ tasks: Array.from({ length: BULK_MAX }, () => planned) }, slow).then((answer) => answers.push(answer));
  // Those that found room are answered when the database goes on.
  await expect
    .poll(() => {
      sent.push(send());
      return answers.map(({ status }) => status);
    })
    .toContain(503);
  expect(answers[0]?.body).toMatchObject({ code: 'unavailable', detail: expect.stringContaining('tasks wait') });
  stuck.open();
  await Promise.all(sent);
  expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(10);
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 503]));
  await slow.close();
});

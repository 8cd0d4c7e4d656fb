import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  agent,
  claimReady,
  completed,
  type Fixture,
  openFixture,
  planOf,
} from '../../tests/contract/orchestrator-fixture.ts';
import { finishAttempts } from '../store/attempts.ts';
import { readLimits } from './limits-input.ts';

const DESCRIPTION = 'Calculate the statistics of data.csv';

let service: Fixture;
beforeAll(async () => {
  service = await openFixture();
});
afterAll(() => service.close());

async function post(url: string, payload?: object, headers: Record<string, string> = {}) {
  const answer = await service.app.inject({ method: 'POST', url, headers, ...(payload && { payload }) });
  return { status: answer.statusCode, body: answer.json() };
}

const taskOf = async (id: string) => (await service.get(`/tasks/${id}`)).body.task;

describe('the limits of a request', () => {
  it.each([
    [
      { budget_usd: 0.5, max_turns: 40 },
      { budget_usd: 0.5, max_turns: 40 },
    ],
    [
      { budget_usd: '0.50', max_turns: '40' },
      { budget_usd: 0.5, max_turns: 40 },
    ],
    [{ budget_usd: 0.000001 }, { budget_usd: 0.000001 }],
    [{ budget_usd: null }, {}],
    [{}, {}],
  ])('of %j are %j', (fields, limits) => {
    expect(readLimits(fields)).toEqual(limits);
  });

  it.each([
    ['budget_usd', 0],
    ['budget_usd', -1],
    ['budget_usd', 10_001],
    ['budget_usd', 0.1234567],
    ['budget_usd', 1e-9],
    ['budget_usd', 'much'],
    ['budget_usd', ''],
    ['budget_usd', '1e2'],
    ['budget_usd', true],
    ['max_turns', 0],
    ['max_turns', 1.5],
    ['max_turns', 100_001],
    ['max_turns', '-3'],
  ])('refuse %s %j, naming the value and the mend', (field, value) => {
    expect(() => readLimits({ [field]: value })).toThrow(
      expect.objectContaining({
        code: 'invalid_request',
        field,
        message: expect.stringMatching(new RegExp(`^${field} is .*: give`)),
      }),
    );
  });

  it('are given once', () => {
    expect(() => readLimits({ max_turns: ['1', '2'] })).toThrow('max_turns is given more than once');
  });
});

describe('a submit with limits', () => {
  it('takes them from the query string, from JSON and from a form, and shows them', async () => {
    const asked = `description=${encodeURIComponent(DESCRIPTION)}&budget_usd=0.25&max_turns=12`;
    const form = new FormData();
    for (const [name, value] of new URLSearchParams(asked)) form.append(name, value);
    const encoded = new Response(form);
    const headers = { 'content-type': encoded.headers.get('content-type') ?? '' };
    const answers = [
      await post(`/tasks?${asked}`),
      await post('/tasks', { description: DESCRIPTION, budget_usd: 0.25, max_turns: 12 }),
      await post('/tasks', Buffer.from(await encoded.arrayBuffer()), headers),
    ];
    for (const { status, body } of answers) {
      expect(status).toBe(200);
      const limits = { budget_usd: 0.25, max_turns: 12 };
      expect(await taskOf(body.task_id)).toMatchObject({ ...limits, spent_usd: 0, spent_turns: 0 });
      const listed = (await service.get('/tasks')).body.tasks.find((task: { id: string }) => task.id === body.task_id);
      expect(listed).toMatchObject(limits);
    }
  });

  it('answers 400 to a bad one and stores nothing', async () => {
    const before = (await service.get('/tasks')).body.tasks.length;
    const { status, body } = await post(`/tasks?description=${encodeURIComponent(DESCRIPTION)}&budget_usd=-5`);
    expect([status, body]).toEqual([400, expect.objectContaining({ code: 'invalid_request', field: 'budget_usd' })]);
    expect((await service.get('/tasks')).body.tasks).toHaveLength(before);
  });

  it('is another request than the one without them, whose hash is as it was before there were limits', async () => {
    const submit = (limits: object) =>
      post('/tasks', { description: DESCRIPTION, ...limits }, { 'idempotency-key': 'limits' });
    const first = await submit({});
    const [row] = await service.deps.db.query<{ request_hash: string }>(
      "select request_hash from tasks where idempotency_key = 'limits'",
    );
    expect(row?.request_hash).toBe('a0e671626fc5dcd7728860de1da932bc938a000c2a7994d91e1a9397cb0d791b');
    expect((await submit({})).body.task_id).toBe(first.body.task_id);
    expect((await submit({ budget_usd: 1 })).status).toBe(409);
  });
});

describe('a retry', () => {
  async function spentTask(): Promise<string> {
    const plan = planOf([
      { description: 'Calculate the first part' },
      { description: 'Calculate the rest', dependencies: [0] },
    ]);
    const id = await service.submit({ description: DESCRIPTION, plan, budget_usd: 0.01 });
    const [first] = await claimReady(service.deps.db, id);
    if (!first) throw new Error('nothing was claimed');
    await finishAttempts(service.deps.db, [completed(first)], () => 0);
    return id;
  }

  it('of a task whose budget is used up is 409 with the mend, and goes on with a larger one', async () => {
    const id = await spentTask();
    expect(await taskOf(id)).toMatchObject({
      status: 'failed',
      error: expect.stringContaining('$0.01 of $0.01'),
      subtasks: [{ status: 'completed' }, { status: 'failed' }],
    });
    for (const body of [undefined, {}, { budget_usd: 0.01 }])
      expect(await post(`/tasks/${id}/retry`, body)).toMatchObject({
        status: 409,
        body: {
          code: 'wrong_state',
          field: 'budget_usd',
          detail: expect.stringContaining(`muster retry ${id} --budget`),
        },
      });
    expect(await post(`/tasks/${id}/retry`, { budget_usd: 0.05 })).toMatchObject({ status: 200 });
    expect(await taskOf(id)).toMatchObject({ status: 'in_progress', budget_usd: 0.05, spent_usd: 0.01 });
  });

  it('takes limits and nothing else', async () => {
    const id = await spentTask();
    expect(await post(`/tasks/${id}/retry`, { budget_usd: 'much' })).toMatchObject({
      status: 400,
      body: { field: 'budget_usd' },
    });
    expect(await post(`/tasks/${id}/retry`, { budget: 1 })).toMatchObject({ status: 400, body: { field: 'budget' } });
    expect(await post(`/tasks/${id}/retry`, [1])).toMatchObject({ status: 400 });
  });
});

it('says of a ready subtask that it waits for budget', async () => {
  const plan = planOf([{ description: 'Calculate the first part' }, { description: 'Calculate the second part' }]);
  const id = await service.submit({ description: DESCRIPTION, plan, budget_usd: 0.03 });
  await service.deps.bus.putAgent(agent('agent_1', ['data_analysis']), 60_000);
  await claimReady(service.deps.db, id);
  const { subtasks } = await taskOf(id);
  expect(subtasks.map((subtask: { waiting: { reason: string } | null }) => subtask.waiting?.reason).sort()).toEqual([
    'budget',
    undefined,
  ]);
});

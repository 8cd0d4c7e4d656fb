// The operations that the dashboard's pages read: every answer holds against its schema, every error names what is wrong.
import type { InjectOptions } from 'fastify';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { z } from 'zod';
import {
  agentsActivityResponse,
  statsResponse,
  subtaskDetailResponse,
  systemResponse,
  taskActionsResponse,
  taskGraphResponse,
  taskStoredResponse,
} from '../../src/protocol/dashboard-api.ts';
import { finishAttempts } from '../../src/store/attempts.ts';
import { agent, claimReady, completed, type Fixture, failed, openFixture, planOf } from './orchestrator-fixture.ts';

const DESCRIPTION = 'Calculate factorial of 10';
const UNKNOWN = 'task_00000000000000000000';

let service: Fixture;
beforeAll(async () => {
  service = await openFixture();
});
afterAll(() => service.close());

/** Calls, and holds the answer against the schema, which knows every field of it. */
async function read<Schema extends z.ZodType>(request: InjectOptions | string, schema: Schema) {
  const answer = await service.app.inject(request);
  expect({ status: answer.statusCode, body: answer.json() }).toMatchObject({ status: 200 });
  const body = schema.parse(answer.json());
  expect(body).toEqual(answer.json());
  return body;
}

async function expectError(request: InjectOptions | string, expected: object) {
  const answer = await service.app.inject(request);
  expect({ status: answer.statusCode, ...answer.json() }).toMatchObject({ detail: expect.any(String), ...expected });
  return answer.json();
}

const diamond = planOf([
  { description: 'Calculate the first part' },
  { description: 'Calculate the second part', dependencies: [0] },
  { description: 'Calculate the third part', dependencies: [0] },
  { description: 'Combine both of the parts', dependencies: [1, 2] },
]);

async function finishReady(taskId: string, reportOf = completed): Promise<void> {
  const attempts = await claimReady(service.deps.db, taskId);
  await finishAttempts(
    service.deps.db,
    attempts.map((attempt) => reportOf(attempt)),
    Math.random,
  );
}

describe('getSystem', () => {
  it('says what is in use and what is allowed', async () => {
    expect(await read('/system', systemResponse)).toEqual({
      version: expect.stringMatching(/^\d/),
      model: { kind: 'offline', name: 'offline model, rule-based' },
      store: 'embedded PostgreSQL (PGlite) in memory',
      bus: 'in memory',
      agent_runtime: 'claude',
      limits: { description_max: 5_000, body_bytes: 1_000_000, slots_default: 1 },
    });
  });
});

describe('getTaskGraph', () => {
  it('shows nodes, edges, attempts, costs, the critical path and the time left', async () => {
    const taskId = await service.submit({ description: DESCRIPTION, plan: diamond });
    await finishReady(taskId);
    const graph = await read(`/tasks/${taskId}/graph`, taskGraphResponse);
    expect(graph.nodes.map((node) => [node.position, node.dependencies, node.status])).toEqual([
      [0, [], 'completed'],
      [1, [0], 'ready'],
      [2, [0], 'ready'],
      [3, [1, 2], 'pending'],
    ]);
    expect(graph).toMatchObject({
      task: { id: taskId, status: 'in_progress', cost_usd: 0.01, input_tokens: 10, output_tokens: 5, budget_usd: null },
      critical_path: [0, 1, 3],
      attempts: [{ position: 0, attempt: 1, agent_id: 'agent_1', outcome: 'completed', error_code: null }],
      estimated_seconds_left: null,
    });
    expect(graph.nodes[0]).toMatchObject({ cost_usd: 0.01, input_tokens: 10, title: 'Calculate the first part' });
    expect(graph.nodes[1]?.waiting?.reason).toBe('no_such_agent');
    expect(graph.nodes[3]?.waiting).toMatchObject({
      reason: 'dependencies',
      waiting_for: [graph.nodes[1]?.id, graph.nodes[2]?.id],
    });
  });

  it('names the event after which a stream goes on without a gap or a repetition', async () => {
    const taskId = await service.submit({ description: DESCRIPTION, plan: diamond });
    const { last_event } = await read(`/tasks/${taskId}/graph`, taskGraphResponse);
    await service.app.inject({ method: 'POST', url: `/tasks/${taskId}/cancel` });
    const stream = await service.app.inject(`/tasks/${taskId}/events?after=${last_event}`);
    const first = /^data: (.*)$/m.exec(stream.body)?.[1] ?? '';
    expect(JSON.parse(first)).toMatchObject({ seq: last_event + 1, type: 'subtask.cancelled' });
  });

  it('estimates the time that is left from what was estimated for the subtasks', async () => {
    const plan = { subtasks: diamond.subtasks.map((step) => ({ ...step, estimated_duration: 10 })) };
    const taskId = await service.submit({ description: DESCRIPTION, plan });
    expect((await read(`/tasks/${taskId}/graph`, taskGraphResponse)).estimated_seconds_left).toBe(30);
    await finishReady(taskId);
    expect((await read(`/tasks/${taskId}/graph`, taskGraphResponse)).estimated_seconds_left).toBe(20);
    await service.app.inject({ method: 'POST', url: `/tasks/${taskId}/cancel` });
    expect((await read(`/tasks/${taskId}/graph`, taskGraphResponse)).estimated_seconds_left).toBeNull();
  });

  it.each([UNKNOWN, 'nonsense'])('answers 404 for %s', async (id) => {
    await expectError(`/tasks/${id}/graph`, { status: 404, code: 'not_found', field: 'task_id' });
  });
});

describe('getSubtask', () => {
  it('shows inputs, dependents, results and why it waits', async () => {
    await service.deps.bus.putAgent(agent('agent_1', ['data_analysis']), 60_000);
    const taskId = await service.submit({ description: DESCRIPTION, plan: diamond });
    await finishReady(taskId);
    const { nodes } = await read(`/tasks/${taskId}/graph`, taskGraphResponse);
    const read1 = (nth: number) => read(`/tasks/${taskId}/subtasks/${nodes[nth]?.id}`, subtaskDetailResponse);
    expect(await read1(0)).toMatchObject({
      subtask: { status: 'completed', waiting: null },
      inputs: [],
      dependents: [{ position: 1 }, { position: 2 }],
      results: [{ attempt: 1, status: 'completed', output: { summary: 'it is done' } }],
      attempts_max: 3,
    });
    expect(await read1(1)).toMatchObject({
      subtask: { status: 'ready', waiting: { reason: 'free_agent' } },
      inputs: [{ position: 0, status: 'completed', output: { summary: 'it is done' } }],
      results: [],
    });
    expect((await read1(3)).subtask.waiting).toMatchObject({
      reason: 'dependencies',
      waiting_for: [nodes[1]?.id, nodes[2]?.id],
    });
    await service.deps.bus.removeAgent('agent_1');
  });

  it('shows the errors of attempts that failed', async () => {
    const taskId = await service.submit({ description: DESCRIPTION });
    await finishReady(taskId, failed);
    const { nodes } = await read(`/tasks/${taskId}/graph`, taskGraphResponse);
    const { results } = await read(`/tasks/${taskId}/subtasks/${nodes[0]?.id}`, subtaskDetailResponse);
    expect(results).toMatchObject([{ status: 'failed', error: 'it cannot be done', error_code: 'unsuccessful' }]);
  });

  it('answers 404 naming the subtask or the task', async () => {
    const taskId = await service.submit({ description: DESCRIPTION });
    await expectError(`/tasks/${taskId}/subtasks/subtask_none`, { status: 404, field: 'subtask_id' });
    await expectError(`/tasks/${UNKNOWN}/subtasks/subtask_none`, { status: 404, field: 'task_id' });
  });
});

describe('streamChanges', () => {
  it('answers 400 when the user is given twice', async () => {
    await expectError('/events?user_id=a&user_id=b', { status: 400, code: 'invalid_request', field: 'user_id' });
  });
});

describe('createTask with Prefer: respond-async', () => {
  it('answers 202 with the id of the stored task', async () => {
    const request = { method: 'POST', url: '/tasks', payload: { description: DESCRIPTION } } as const;
    const answer = await service.app.inject({ ...request, headers: { prefer: 'respond-async' } });
    expect(answer.statusCode).toBe(202);
    const body = taskStoredResponse.parse(answer.json());
    expect(body).toEqual(answer.json());
    expect((await service.get(`/tasks/${body.task_id}`)).status).toBe(200);
  });
});

describe('actOnTasks', () => {
  const act = (action: string, task_ids: unknown) =>
    ({ method: 'POST', url: '/tasks/actions', payload: { action, task_ids } }) as const;

  it('has an outcome for each task, whatever the others are, and takes a repeated one once', async () => {
    const one = await service.submit({ description: DESCRIPTION });
    const failing = await service.submit({ description: DESCRIPTION });
    await finishReady(failing, failed);
    const { results } = await read(act('cancel', [one, UNKNOWN, failing, one, '\u0000']), taskActionsResponse);
    expect(results).toEqual([
      { task_id: one, done: true, status: 'cancelled', detail: null },
      { task_id: UNKNOWN, done: false, status: null, detail: expect.stringContaining(UNKNOWN) },
      { task_id: failing, done: false, status: 'failed', detail: expect.stringContaining('is failed') },
      { task_id: '\u0000', done: false, status: null, detail: expect.stringContaining('there is no task') },
    ]);
    const again = await read(act('cancel', [one]), taskActionsResponse);
    expect(again.results).toEqual([{ task_id: one, done: true, status: 'cancelled', detail: null }]);
  });

  it('retries, and tells who listens', async () => {
    const failing = await service.submit({ description: DESCRIPTION });
    await finishReady(failing, failed);
    const told: string[] = [];
    const unsubscribe = await service.deps.bus.subscribe('events', ({ task_ids }) => told.push(...task_ids));
    const { results } = await read(act('retry', [failing, UNKNOWN]), taskActionsResponse);
    expect(results.map((result) => [result.done, result.status])).toEqual([
      [true, 'in_progress'],
      [false, null],
    ]);
    expect(await read(`/tasks/${failing}/graph`, taskGraphResponse)).toMatchObject({ task: { status: 'in_progress' } });
    await vi.waitFor(() => expect(told).toEqual([failing]));
    unsubscribe();
  });

  it.each([
    ['explode', [UNKNOWN], 'action'],
    ['cancel', [], 'task_ids'],
    ['cancel', Array.from({ length: 101 }, (_, nth) => `task_${nth}`), 'task_ids'],
    ['cancel', [7], 'task_ids.0'],
    ['cancel', UNKNOWN, 'task_ids'],
  ])('answers 400 for %j of %.30j, naming the field', async (action, task_ids, field) => {
    await expectError(act(action, task_ids), { status: 400, code: 'invalid_request', field });
  });

  it('answers 400 without a body', async () => {
    const { detail } = await expectError({ method: 'POST', url: '/tasks/actions' }, { status: 400 });
    expect(detail).toMatch(/^the body: /);
  });
});

describe('getStats', () => {
  it.each([
    ['', 60, 60],
    ['?window=24h', 1_800, 48],
    ['?window=7d', 7_200, 84],
  ])('answers %j in buckets of %i seconds', async (query, bucket_seconds, buckets) => {
    const stats = await read(`/stats${query}`, statsResponse);
    expect(stats.window.bucket_seconds).toBe(bucket_seconds);
    expect(stats.buckets).toHaveLength(buckets);
    expect(stats.buckets[0]?.at).toBe(stats.window.from);
  });

  it('answers 400 for another window', async () => {
    await expectError('/stats?window=1y', { status: 400, code: 'invalid_request', field: 'window' });
  });
});

describe('listAgentActivity', () => {
  it('shows the crew at work, who left, and which capabilities are missing', async () => {
    const { db, bus } = service.deps;
    await db.query('delete from tasks');
    await bus.putAgent(agent('agent_1', ['data_analysis']), 60_000);
    await bus.putAgent(agent('agent_2', ['web_scraping']), 60_000);
    await service.get('/agents/activity');
    await bus.removeAgent('agent_2');
    const done = await service.submit({ description: DESCRIPTION });
    await finishReady(done);
    await db.query("update subtask_results set agent_id = 'agent_10'");
    const running = await service.submit({ description: DESCRIPTION });
    const [attempt] = await claimReady(db, running);
    const both = { description: 'Fetch and analyse it', required_capabilities: ['web_scraping', 'data_analysis'] };
    await service.submit({ description: DESCRIPTION, plan: { subtasks: [both, both] } });
    const { agents, missing } = await read('/agents/activity', agentsActivityResponse);
    expect(agents.map((one) => [one.agent_id, one.registered, one.attempts_completed])).toEqual([
      ['agent_1', true, 0],
      ['agent_2', false, 0],
      ['agent_10', false, 1],
    ]);
    expect(agents[0]).toMatchObject({
      current: [{ task_id: running, subtask_id: attempt?.subtask_id, attempt: 1, description: 'Do what was asked' }],
      history: [{ cpu_usage: 1, memory_usage: 1, running: 0 }],
    });
    expect(agents[2]).toMatchObject({ capabilities: [], slots: 0, history: [], current: [] });
    expect(missing).toEqual([{ required_capabilities: ['data_analysis', 'web_scraping'], ready: 2 }]);
    await bus.removeAgent('agent_1');
  });
});

describe('streamLogs', () => {
  it.each([
    ['after_id=x', 'after_id'],
    ['after_id=-1', 'after_id'],
    ['level=LOUD', 'level'],
    ['after=yesterday', 'after'],
  ])('answers 400 for %s, naming the field', async (query, field) => {
    await expectError(`/logs/stream?${query}`, { status: 400, code: 'invalid_request', field });
  });

  it('answers 400 for a header that is no id, and has no answer to HEAD', async () => {
    const headers = { 'last-event-id': 'x' };
    await expectError({ url: '/logs/stream', headers }, { status: 400, field: 'Last-Event-ID' });
    expect((await service.app.inject({ method: 'HEAD', url: '/logs/stream' })).statusCode).toBe(404);
  });
});

describe('a parameter that no route knows', () => {
  it.each([
    ['/tasks?limt=5', 'limt', 'did you mean limit?'],
    ['/tasks?zebra=5', 'zebra', 'known are status, user_id'],
    ['/logs?task=task_a', 'task', 'did you mean task_id?'],
    ['/logs/stream?limit=5', 'limit', 'known are'],
    ['/agents?capability=web_scraping', 'capability', 'leave it out'],
    ['/agents/available?capabilty=web_scraping', 'capabilty', 'did you mean capability?'],
    ['/stats?windw=1h', 'windw', 'did you mean window?'],
    ['/events?user=ada', 'user', 'did you mean user_id?'],
    [`/tasks/${UNKNOWN}?full=1`, 'full', 'is no parameter of GET /tasks/:task_id'],
    ['/healthz?x=1', 'x', 'leave it out'],
  ])('is refused: %s', async (url, field, mend) => {
    const { detail } = await expectError(url, { status: 400, code: 'invalid_request', field });
    expect(detail).toContain(mend);
  });

  it('is refused when a task is submitted, in the address, the body and the plan', async () => {
    const url = `/tasks?${new URLSearchParams({ description: DESCRIPTION, usr_id: 'ada' })}`;
    await expectError({ method: 'POST', url }, { status: 400, field: 'usr_id' });
    const payload = { description: DESCRIPTION, usr_id: 'ada' };
    const { detail } = await expectError({ method: 'POST', url: '/tasks', payload }, { status: 400, field: 'usr_id' });
    expect(detail).toContain('did you mean user_id?');
    const plan = { subtasks: [{ ...diamond.subtasks[0], dependancies: [] }] };
    const problem = await expectError(
      { method: 'POST', url: '/tasks', payload: { description: DESCRIPTION, plan } },
      { status: 400, code: 'invalid_plan', field: 'plan.subtasks[0].dependancies' },
    );
    expect(problem.detail).toContain('did you mean dependencies?');
  });

  it('is refused in the body of an action', async () => {
    const payload = { action: 'cancel', task_ids: [UNKNOWN], tasks: [] };
    const { detail } = await expectError(
      { method: 'POST', url: '/tasks/actions', payload },
      { status: 400, field: 'tasks' },
    );
    expect(detail).toContain('"tasks"');
  });

  it('changes nothing for an address without a route', async () => {
    await expectError('/nothing?x=1', { status: 404, code: 'not_found' });
  });
});

// Every operation and every error of the orchestrator's API: the base contract to the letter, then what is offered beyond.
import { Ajv } from 'ajv';
import type { InjectOptions } from 'fastify';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { finishAttempts } from '../../src/store/attempts.ts';
import { completeTask } from '../../src/store/task-completion.ts';
import { type BaseOperation, operations } from './base-orchestrator.ts';
import { type Document, shortfalls } from './document.ts';
import {
  agent,
  claimReady,
  completed,
  type Fixture,
  failed,
  openFixture,
  planOf,
  ScriptedPlanner,
} from './orchestrator-fixture.ts';

const ajv = new Ajv({
  allowUnionTypes: true,
  formats: { 'date-time': (text: string) => /^\d{4}-\d\d-\d\dT/.test(text) && !Number.isNaN(Date.parse(text)) },
});

let service: Fixture;
beforeAll(async () => {
  service = await openFixture();
});
afterAll(() => service.close());

const bases: BaseOperation[] = Object.values(operations);

/** Calls, and holds the answer against the base contract. */
async function call(name: keyof typeof operations, status: number, request: { url: string; payload?: object }) {
  const operation: BaseOperation = operations[name];
  const answer = await service.app.inject({ method: operation.method === 'get' ? 'GET' : 'POST', ...request });
  expect({ status: answer.statusCode, body: answer.json() }).toMatchObject({ status });
  const schema = operation.responses[String(status)];
  expect(schema, `the contract knows status ${status}`).toBeDefined();
  const validate = ajv.compile(schema ?? false);
  expect(validate(answer.json()) ? [] : validate.errors).toEqual([]);
  expect(answer.headers['content-type']).toMatch(/^application\/json/);
  return answer.json();
}

async function expectError(request: InjectOptions | string, expected: object) {
  const answer = await service.app.inject(request);
  expect({ status: answer.statusCode, ...answer.json() }).toMatchObject({ detail: expect.any(String), ...expected });
  expect(answer.headers['content-type']).toMatch(/^application\/json/);
  return answer.json();
}

const DESCRIPTION = 'Calculate factorial of 10';
const UNKNOWN = 'task_00000000000000000000';

async function completedTask(): Promise<string> {
  const taskId = await service.submit({ description: DESCRIPTION });
  const attempts = await claimReady(service.deps.db, taskId);
  await finishAttempts(
    service.deps.db,
    attempts.map((attempt) => completed(attempt)),
    Math.random,
  );
  await completeTask(service.deps.db, taskId, '3628800');
  return taskId;
}

async function failedTask(): Promise<string> {
  const taskId = await service.submit({ description: DESCRIPTION });
  const attempts = await claimReady(service.deps.db, taskId);
  await finishAttempts(service.deps.db, attempts.map(failed), Math.random);
  return taskId;
}

describe('the generated document', () => {
  let document: Document;
  beforeAll(async () => {
    document = (await service.get('/openapi.json')).body;
  });

  it.each(bases)('offers $operationId with the parameters and responses of the base contract', (base) => {
    const operation = document.paths[base.path]?.[base.method];
    expect(operation?.operationId).toBe(base.operationId);
    expect(operation?.summary).toEqual(expect.any(String));
    expect(Object.keys(operation?.responses ?? {})).toEqual(expect.arrayContaining(Object.keys(base.responses)));
    for (const parameter of base.parameters)
      expect(operation?.parameters).toContainEqual(expect.objectContaining(parameter));
  });

  it.each(bases)('promises every field that the base contract has in the answers of $operationId', (base) => {
    const responses = document.paths[base.path]?.[base.method]?.responses;
    for (const [status, schema] of Object.entries(base.responses))
      expect(shortfalls(schema, responses?.[status]?.content?.['application/json']?.schema)).toEqual([]);
  });

  it('names every operation by an id of its own', () => {
    const ids = Object.values(document.paths).flatMap((path) => Object.values(path).map((one) => one.operationId));
    expect(ids).toEqual(
      expect.arrayContaining(['cancelTask', 'retryTask', 'streamTaskEvents', 'listTaskFiles', 'listLogs']),
    );
    expect(ids.every((id) => typeof id === 'string')).toBe(true);
    expect(new Set(ids).size).toBe(ids.length);
    expect(document.openapi).toBe('3.0.3');
  });

  it('names the path of a file, and lets a body be left out', () => {
    const path = { name: 'path', in: 'path', required: true };
    const operation = document.paths['/tasks/{task_id}/files/{path}']?.get;
    expect(operation?.parameters).toContainEqual(expect.objectContaining(path));
    expect(document.paths['/tasks']?.post?.requestBody?.required).toBe(false);
  });
});

describe('createTask', () => {
  it('takes its parameters from the query string', async () => {
    const query = new URLSearchParams({ description: DESCRIPTION, user_id: 'ada' });
    const { task_id } = await call('createTask', 200, { url: `/tasks?${query}` });
    const { task } = await call('getTask', 200, { url: `/tasks/${task_id}` });
    expect(task).toMatchObject({ description: DESCRIPTION, user_id: 'ada', status: 'in_progress' });
  });

  it('takes the same parameters from a JSON body, which wins over the query string', async () => {
    const url = `/tasks?${new URLSearchParams({ description: 'something else entirely', user_id: 'ada' })}`;
    const { task_id } = await call('createTask', 200, { url, payload: { description: DESCRIPTION } });
    const { task } = await call('getTask', 200, { url: `/tasks/${task_id}` });
    expect(task).toMatchObject({ description: DESCRIPTION, user_id: 'ada' });
  });

  it('counts the subtasks and those that can start at once', async () => {
    const plan = planOf([
      { description: 'Calculate the first part' },
      { description: 'Calculate the second part' },
      { description: 'Combine both of the parts', dependencies: [0, 1] },
    ]);
    const answer = await call('createTask', 200, { url: '/tasks', payload: { description: DESCRIPTION, plan } });
    expect(answer).toMatchObject({ status: 'created', subtasks_count: 3, initial_subtasks_queued: 2 });
  });

  it.each([
    ['is missing', {}, 'description is missing'],
    ['is too short', { description: 'too short' }, 'has 9 characters'],
    ['is short but for its padding', { description: `   short   ${' '.repeat(20)}` }, 'has 5 characters'],
    ['is too long', { description: 'x'.repeat(5001) }, 'has 5001 characters'],
  ])('answers 400 when the description %s', async (_, payload, detail) => {
    const body = await call('createTask', 400, { url: '/tasks', payload });
    expect(body).toMatchObject({ code: 'invalid_request', field: 'description' });
    expect(body.detail).toContain(detail);
  });

  it('names the limits and the mend in the error', async () => {
    const { detail } = await call('createTask', 400, { url: '/tasks', payload: { description: 'short' } });
    expect(detail).toContain('10 to 5000');
  });

  it('answers 500 when neither the plan nor the fallback could be made, and keeps the task', async () => {
    service.planner.planWith = async () => Promise.reject(new Error('no planner today'));
    try {
      const body = await call('createTask', 500, {
        url: '/tasks?user_id=unlucky',
        payload: { description: DESCRIPTION },
      });
      expect(body).toMatchObject({ code: 'planning_failed' });
      expect(body.detail).not.toContain('no planner today');
      const { body: list } = await service.get('/tasks?user_id=unlucky');
      expect(list.tasks).toMatchObject([{ status: 'pending' }]);
    } finally {
      service.planner.planWith = new ScriptedPlanner().planWith;
    }
  });

  it('names the subtask and the field of a plan that breaks a rule', async () => {
    const plan = {
      subtasks: [
        { description: 'Calculate the first part', required_capabilities: ['data_analysis'], dependencies: [7] },
      ],
    };
    const body = await call('createTask', 400, { url: '/tasks', payload: { description: DESCRIPTION, plan } });
    expect(body).toMatchObject({ code: 'invalid_plan', field: 'plan.subtasks[0].dependencies[0]' });
    expect(body.detail).toContain('plan.subtasks[0].dependencies[0] is 7');
  });
});

describe('getTask', () => {
  it('shows a task in progress with the reason why each subtask waits', async () => {
    const plan = planOf([
      { description: 'Calculate the first part' },
      { description: 'Calculate the second part', dependencies: [0] },
    ]);
    const taskId = await service.submit({ description: DESCRIPTION, plan });
    const { task } = await call('getTask', 200, { url: `/tasks/${taskId}` });
    const [first, second] = task.subtasks;
    expect(first.waiting).toMatchObject({ reason: 'no_such_agent' });
    expect(second.waiting).toMatchObject({ reason: 'dependencies', waiting_for: [first.id] });
    expect(second.dependencies).toEqual([first.id]);
    expect(task).toMatchObject({ result: null, error: null, plan_source: 'given' });
  });

  it('shows a completed task with its result', async () => {
    const { task, subtask_results } = await call('getTask', 200, { url: `/tasks/${await completedTask()}` });
    expect(task).toMatchObject({ status: 'completed', result: { summary: '3628800' }, error: null });
    expect(subtask_results).toHaveLength(1);
    expect(task.result.subtask_results).toEqual(subtask_results);
    expect(Date.parse(task.updated_at)).toBeGreaterThanOrEqual(Date.parse(task.created_at));
  });

  it('shows a failed task with its error', async () => {
    const { task } = await call('getTask', 200, { url: `/tasks/${await failedTask()}` });
    expect(task).toMatchObject({ status: 'failed', result: null });
    expect(task.error).toContain('it cannot be done');
  });

  it.each([UNKNOWN, 'nonsense', 'task_UPPER', 'task_a%00b', "task_'--"])(
    'answers 404 naming the id for %s',
    async (id) => {
      const body = await call('getTask', 404, { url: `/tasks/${id}` });
      expect(body).toMatchObject({ code: 'not_found', field: 'task_id' });
      expect(body.detail).toContain(id.slice(0, 6));
    },
  );
});

describe('listAgents and listAvailableAgents', () => {
  beforeAll(async () => {
    await service.deps.bus.putAgent(agent('agent_1', ['web_scraping']), 60_000);
    await service.deps.bus.putAgent(agent('agent_2', ['web_scraping', 'api_integration']), 60_000);
    await service.deps.bus.putAgent(agent('agent_3', ['web_scraping'], false), 60_000);
  });
  afterAll(async () => {
    for (const id of ['agent_1', 'agent_2', 'agent_3']) await service.deps.bus.removeAgent(id);
  });

  it('lists every registered agent', async () => {
    const { agents } = await call('listAgents', 200, { url: '/agents' });
    expect(agents.map((one: { agent_id: string }) => one.agent_id)).toEqual(['agent_1', 'agent_2', 'agent_3']);
  });

  it('lists the agents that can take a subtask', async () => {
    const body = await call('listAvailableAgents', 200, { url: '/agents/available' });
    expect(body).toEqual({ available_agents: ['agent_1', 'agent_2'], count: 2 });
  });

  it('lists those of them that have a capability', async () => {
    const body = await call('listAvailableAgents', 200, { url: '/agents/available?capability=api_integration' });
    expect(body).toEqual({ available_agents: ['agent_2'], count: 1 });
  });

  it.each(['cooking', ''])('answers 400 listing the six capabilities for %j', async (capability) => {
    const body = await call('listAvailableAgents', 400, { url: `/agents/available?capability=${capability}` });
    expect(body).toMatchObject({ code: 'unknown_capability', field: 'capability' });
    expect(body.detail).toContain('data_analysis, web_scraping, code_generation');
  });
});

describe('listTasks', () => {
  beforeAll(async () => {
    for (const n of [1, 2, 3])
      await service.submit({ description: `Calculate number ${n} of the list`, user_id: 'lister' });
  });

  it('lists the newest first, page by page', async () => {
    const first = await service.get('/tasks?user_id=lister&limit=2');
    expect(first.body.tasks.map((task: { description: string }) => task.description)).toEqual([
      'Calculate number 3 of the list',
      'Calculate number 2 of the list',
    ]);
    const second = await service.get(`/tasks?user_id=lister&limit=2&cursor=${first.body.next_cursor}`);
    expect(second.body).toMatchObject({
      tasks: [{ description: 'Calculate number 1 of the list' }],
      next_cursor: null,
    });
  });

  it('lists the oldest first when asked so, page by page', async () => {
    const first = await service.get('/tasks?user_id=lister&sort=oldest&limit=2');
    const second = await service.get(`/tasks?user_id=lister&sort=oldest&limit=2&cursor=${first.body.next_cursor}`);
    const numbers = [...first.body.tasks, ...second.body.tasks].map((task) => /\d/.exec(task.description)?.[0]);
    expect(numbers).toEqual(['1', '2', '3']);
  });

  it('takes several statuses', async () => {
    const { body } = await service.get('/tasks?user_id=lister&status=in_progress&status=failed');
    expect(body.tasks).toHaveLength(3);
    expect((await service.get('/tasks?user_id=lister&status=failed&status=cancelled')).body.tasks).toEqual([]);
  });

  it('filters by status, words and time', async () => {
    const count = async (query: string) => (await service.get(`/tasks?user_id=lister&${query}`)).body.tasks.length;
    expect(await count('status=in_progress')).toBe(3);
    expect(await count('status=failed')).toBe(0);
    expect(await count('text=NUMBER%202')).toBe(1);
    expect(await count('created_before=2020-01-01T00:00:00Z')).toBe(0);
    expect(await count('created_after=2020-01-01T00:00:00Z')).toBe(3);
  });

  it.each([
    ['limit=0', 'limit'],
    ['limit=201', 'limit'],
    ['limit=ten', 'limit'],
    ['status=sleeping', 'status'],
    ['status=failed&status=sleeping', 'status'],
    ['sort=best', 'sort'],
    ['created_after=yesterday', 'created_after'],
    ['cursor=made-up', 'cursor'],
    ['text=%00', 'text'],
    ['user_id=a&user_id=b', 'user_id'],
  ])('answers 400 for %s, naming the field', async (query, field) => {
    await expectError(`/tasks?${query}`, { status: 400, code: 'invalid_request', field });
  });

  it('answers 400 for a date that the database cannot hold', async () => {
    await expectError('/tasks?created_after=0000-01-01T00:00:00Z', { status: 400, field: 'created_after' });
  });
});

describe('cancelTask', () => {
  it('cancels a task in progress, tells its agents, and says the same when asked again', async () => {
    const taskId = await service.submit({ description: DESCRIPTION });
    const stopped: unknown[] = [];
    const unsubscribe = await service.deps.bus.subscribe('stop', (notice) => stopped.push(notice));
    for (const _ of [1, 2]) {
      const answer = await service.app.inject({ method: 'POST', url: `/tasks/${taskId}/cancel` });
      expect(answer.statusCode).toBe(200);
      expect(answer.json()).toEqual({ task_id: taskId, status: 'cancelled' });
    }
    // A notice is heard after the turn in which it was sent.
    await vi.waitFor(() => expect(stopped).toContainEqual({ task_id: taskId }));
    unsubscribe();
    const { task } = await call('getTask', 200, { url: `/tasks/${taskId}` });
    expect(task).toMatchObject({ status: 'cancelled', subtasks: [{ status: 'cancelled', waiting: null }] });
  });

  it('answers 409 for a task that has completed or failed', async () => {
    for (const taskId of [await completedTask(), await failedTask()])
      await expectError({ method: 'POST', url: `/tasks/${taskId}/cancel` }, { status: 409, code: 'wrong_state' });
  });

  it('answers 404 for an unknown task', async () => {
    await expectError({ method: 'POST', url: `/tasks/${UNKNOWN}/cancel` }, { status: 404, code: 'not_found' });
  });
});

describe('retryTask', () => {
  it('starts the failed parts of a failed task again and wakes the scheduler', async () => {
    const taskId = await failedTask();
    const woken: string[] = [];
    const unsubscribe = await service.deps.bus.subscribe('wake', ({ ready = [] }) => woken.push(...ready));
    const answer = await service.app.inject({ method: 'POST', url: `/tasks/${taskId}/retry` });
    expect(answer.json()).toEqual({ task_id: taskId, status: 'in_progress' });
    const { task } = await call('getTask', 200, { url: `/tasks/${taskId}` });
    expect(task).toMatchObject({ status: 'in_progress', error: null, subtasks: [{ status: 'ready' }] });
    await vi.waitFor(() => expect(woken).toEqual([task.subtasks[0].id]));
    unsubscribe();
  });

  it('answers 409 unless the task failed', async () => {
    const running = await service.submit({ description: DESCRIPTION });
    for (const taskId of [running, await completedTask()])
      await expectError({ method: 'POST', url: `/tasks/${taskId}/retry` }, { status: 409, code: 'wrong_state' });
  });

  it('answers 404 for an unknown task', async () => {
    await expectError({ method: 'POST', url: `/tasks/${UNKNOWN}/retry` }, { status: 404, code: 'not_found' });
  });
});

describe('listLogs and searchEarlierWork', () => {
  it('answers 400 for a parameter that is not allowed', async () => {
    await expectError('/logs?level=LOUD', { status: 400, field: 'level' });
    await expectError('/search?user_id=ada', { status: 400, field: 'query' });
    await expectError('/search?query=words', { status: 400, field: 'user_id' });
  });

  it('answers an empty page when there is nothing', async () => {
    expect((await service.get('/logs?agent_id=nobody')).body).toEqual({ logs: [], next_cursor: null });
    expect((await service.get('/search?user_id=nobody&query=words')).body).toEqual({ results: [] });
  });
});

describe('the service', () => {
  it('introduces itself', async () => {
    const { body } = await service.get('/');
    expect(body).toMatchObject({ name: 'muster', version: expect.stringMatching(/^\d/), links: { tasks: '/tasks' } });
  });

  it('is healthy', async () => {
    expect(await service.get('/healthz')).toEqual({ status: 200, body: { status: 'ok' } });
  });

  it('is ready when database, bus and scheduler are', async () => {
    const checks = { database: 'ok', bus: 'ok', scheduler: 'ok' };
    expect(await service.get('/readyz')).toEqual({ status: 200, body: { status: 'ready', checks } });
  });

  it('answers in its own shape for an unknown route and an address that is none', async () => {
    await expectError('/nothing/here?token=secret', {
      status: 404,
      code: 'not_found',
      detail: 'there is no GET /nothing/here: see /openapi.json',
    });
    await expectError('/tasks/%zz', { status: 400, code: 'invalid_request' });
  });

  it('answers 413 for a body over the limit', async () => {
    const payload = { description: 'x'.repeat(1_000_001) };
    const { detail } = await expectError(
      { method: 'POST', url: '/tasks', payload },
      { status: 413, code: 'too_large' },
    );
    expect(detail).toContain('1000000 bytes');
  });

  it('answers 415 for a body that is neither JSON nor a form', async () => {
    const headers = { 'content-type': 'text/plain' };
    await expectError(
      { method: 'POST', url: '/tasks', headers, payload: DESCRIPTION },
      { status: 415, code: 'unsupported_media_type' },
    );
  });

  it.each([
    '{"description": ',
    'nothing',
    '"text"',
    '[]',
    'null',
    '{"__proto__": {}}',
    `${'['.repeat(5000)}${']'.repeat(5000)}`,
  ])('answers 400 for the JSON body %.30s', async (payload) => {
    const headers = { 'content-type': 'application/json' };
    await expectError({ method: 'POST', url: '/tasks', headers, payload }, { status: 400, code: 'invalid_request' });
  });

  it('names the field of a JSON body that no task has', async () => {
    const payload = { description: DESCRIPTION, usr_id: 'ada' };
    const { detail } = await expectError({ method: 'POST', url: '/tasks', payload }, { status: 400, field: 'usr_id' });
    expect(detail).toContain('description, user_id, plan');
  });

  it.each([{ 'content-type': 'application/json' }, { 'content-type': 'application/x-www-form-urlencoded' }, {}])(
    'takes an empty body for none, with headers %j',
    async (headers) => {
      const url = `/tasks?${new URLSearchParams({ description: DESCRIPTION })}`;
      const answer = await service.app.inject({ method: 'POST', url, headers: { ...headers, 'content-length': '0' } });
      expect(answer.statusCode).toBe(200);
    },
  );

  it('never lets a browser guess a type or frame an answer', async () => {
    const { headers } = await service.app.inject('/tasks');
    expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY' });
    expect(headers['x-request-id']).toEqual(expect.any(String));
  });
});

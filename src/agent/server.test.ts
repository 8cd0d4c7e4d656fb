// The agent's HTTP contract, operation by operation and error by error. The schemas are those of the base contract, written
// out here so that a change of the code's own schemas cannot change what is tested.
import { Ajv } from 'ajv';
import type { FastifyInstance } from 'fastify';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createManualClock, type ManualClock } from '../../tests/support/manual-clock.ts';
import { createMemoryBus } from '../bus/memory.ts';
import { Agent } from './agent.ts';
import { AgentMetrics } from './agent-metrics.ts';
import { buildAgentServer } from './server.ts';
import { createSimulatedRuntime } from './simulate.ts';

const DATE_TIME = String.raw`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$`;
const CONTRACT = {
  health: {
    type: 'object',
    required: ['status', 'agent_id', 'is_available', 'current_task', 'sdk_version'],
    properties: {
      status: { enum: ['healthy'] },
      agent_id: { type: 'string', pattern: '^agent_' },
      is_available: { type: 'boolean' },
      current_task: { type: ['string', 'null'] },
      sdk_version: { type: 'string', pattern: String.raw`^claude-agent-sdk@\d+\.\d+\.\d+` },
    },
  },
  status: {
    type: 'object',
    required: [
      'agent_id',
      'port',
      'is_available',
      'capabilities',
      'cpu_usage',
      'memory_usage',
      'tasks_completed',
      'last_heartbeat',
    ],
    properties: {
      agent_id: { type: 'string' },
      port: { type: 'integer' },
      is_available: { type: 'boolean' },
      current_task: { type: ['string', 'null'] },
      capabilities: { type: 'array', minItems: 1, items: { type: 'string' } },
      cpu_usage: { type: 'number', minimum: 0, maximum: 100 },
      memory_usage: { type: 'number', minimum: 0, maximum: 100 },
      tasks_completed: { type: 'integer', minimum: 0 },
      last_heartbeat: { type: 'string', pattern: DATE_TIME },
    },
  },
  accepted: {
    type: 'object',
    required: ['status', 'agent_id'],
    properties: { status: { enum: ['accepted'] }, agent_id: { type: 'string' } },
  },
  error: {
    type: 'object',
    required: ['detail', 'code'],
    properties: { detail: { type: 'string', minLength: 10 }, code: { type: 'string' }, field: { type: 'string' } },
  },
};

describe('GET /health', () => {
  it('answers as the contract says, idle and at work', async () => {
    const { app } = await setUp();
    expect(await get(app, '/health')).toMatchObject({ is_available: true, current_task: null });
    await post(app, '/execute', request({ input_data: { duration_ms: 1_000 } }));
    const busy = await get(app, '/health');
    expect(busy).toMatchObject({ is_available: false, current_task: 'subtask_1' });
    conforms('health', busy);
  });
});

describe('GET /status', () => {
  it('answers as the contract says, with the attempts that run', async () => {
    const { app } = await setUp();
    await post(app, '/execute', request({ input_data: { duration_ms: 1_000 } }));
    const status = await get(app, '/status');
    conforms('status', status);
    expect(status).toMatchObject({
      agent_id: 'agent_1',
      port: 8001,
      url: 'http://127.0.0.1:8001',
      slots: 1,
      capabilities: ['data_analysis', 'code_generation'],
      running: [{ subtask_id: 'subtask_1', attempt: 1 }],
    });
  });
});

describe('POST /executions', () => {
  it('takes each subtask by itself, as POST /execute would, and says which it refused and why', async () => {
    const { app, agent } = await setUp();
    const { statusCode, body } = await post(app, '/executions', {
      executions: [
        request({ id: 'subtask_1', input_data: { duration_ms: 1_000 } }),
        request({ id: 'subtask_2', required_capabilities: ['web_scraping'] }),
        request({ id: 'subtask_3' }),
      ],
    });
    expect(statusCode).toBe(200);
    expect(body).toEqual({
      agent_id: 'agent_1',
      answers: [
        { status: 'accepted' },
        { status: 'refused', code: 'capability_mismatch', detail: expect.stringContaining('lacks web_scraping') },
        { status: 'refused', code: 'busy', detail: expect.stringContaining('already runs 1 of 1') },
      ],
    });
    expect(agent.status().running).toEqual([{ subtask_id: 'subtask_1', attempt: 1 }]);
  });

  it.each([
    [{ executions: [] }, 'executions'],
    [{ executions: Array(501).fill(request({})) }, 'executions'],
    [{ executions: [request({}), { ...request({}), task_id: '../up' }] }, 'executions.1.task_id'],
    [{}, 'executions'],
  ])('takes nothing when one of them is malformed (%#)', async (payload, field) => {
    const { app, agent } = await setUp();
    const { statusCode, body } = await post(app, '/executions', payload);
    expect({ statusCode, code: body.code, field: body.field }).toEqual({
      statusCode: 400,
      code: 'invalid_request',
      field,
    });
    expect(agent.status().running).toEqual([]);
  });
});

describe('POST /execute', () => {
  it('accepts a subtask with only what the contract requires', async () => {
    const { app } = await setUp();
    const { statusCode, body } = await post(app, '/execute', {
      task_id: 'task_1',
      subtask: { id: 'subtask_1', description: 'Do it', required_capabilities: ['data_analysis'] },
    });
    expect(statusCode).toBe(200);
    conforms('accepted', body);
    expect(body).toEqual({ status: 'accepted', agent_id: 'agent_1' });
  });

  it('accepts a subtask with everything the contract allows', async () => {
    const { app } = await setUp();
    const { statusCode } = await post(app, '/execute', {
      ...request({
        dependencies: ['subtask_0'],
        priority: 10,
        estimated_duration: null,
        input_data: { a: { b: [1] }, duration_ms: 1 },
      }),
      task_context: { subtask_0: { any: 'thing' }, description: 'The whole' },
    });
    expect(statusCode).toBe(200);
  });

  it('accepts the same attempt twice and runs it once', async () => {
    const { app, clock } = await setUp();
    const body = request({ input_data: { duration_ms: 1_000 } });
    expect((await post(app, '/execute', body)).statusCode).toBe(200);
    expect((await post(app, '/execute', body)).statusCode).toBe(200);
    expect((await get(app, '/status')).running).toHaveLength(1);
    clock.advance(1_000);
    await settled();
    expect(await get(app, '/status')).toMatchObject({ tasks_completed: 1, running: [] });
  });

  it.each([
    ['no body', undefined, 'body'],
    ['no task', { subtask: subtask({}) }, 'task_id'],
    ['no subtask', { task_id: 'task_1' }, 'subtask'],
    ['no capabilities', request({ required_capabilities: [] }), 'subtask.required_capabilities'],
    ['an unknown capability', request({ required_capabilities: ['flying'] }), 'subtask.required_capabilities.0'],
    ['a priority out of range', request({ priority: 11 }), 'subtask.priority'],
    ['input data that is no object', request({ input_data: 5 }), 'subtask.input_data'],
    ['an attempt of 0', { ...request({}), attempt: 0 }, 'attempt'],
    ['a task id that leads elsewhere', { ...request({}), task_id: '../../etc' }, 'task_id'],
    ['a subtask id that leads elsewhere', request({ id: 'a/b' }), 'subtask.id'],
  ])('refuses %s with 400 and names the field', async (_, payload, field) => {
    const { app } = await setUp();
    const { statusCode, body } = await post(app, '/execute', payload);
    expect(statusCode).toBe(400);
    conforms('error', body);
    expect(body).toMatchObject({ code: 'invalid_request', field, detail: expect.stringContaining(field) });
  });

  it('refuses what is not JSON with 400', async () => {
    const { app } = await setUp();
    const response = await app.inject({
      method: 'POST',
      url: '/execute',
      headers: { 'content-type': 'application/json' },
      payload: '{"task_id":',
    });
    expect(response.statusCode).toBe(400);
    conforms('error', response.json());
  });

  it('refuses a subtask beyond its capabilities with 400 and names what is missing', async () => {
    const { app } = await setUp();
    const { statusCode, body } = await post(
      app,
      '/execute',
      request({ required_capabilities: ['data_analysis', 'web_scraping'] }),
    );
    expect(statusCode).toBe(400);
    conforms('error', body);
    expect(body).toMatchObject({ code: 'capability_mismatch', field: 'subtask.required_capabilities' });
    expect(body.detail).toMatch(/lacks web_scraping; it has data_analysis, code_generation/);
  });

  it('refuses another subtask with 503 while its slot is taken', async () => {
    const { app } = await setUp();
    await post(app, '/execute', request({ input_data: { duration_ms: 1_000 } }));
    const { statusCode, body } = await post(app, '/execute', request({ id: 'subtask_2' }));
    expect(statusCode).toBe(503);
    conforms('error', body);
    expect(body).toMatchObject({ code: 'busy' });
  });

  it('refuses a subtask with 503 while it shuts down', async () => {
    const { app, agent } = await setUp();
    await agent.stop(0);
    const { statusCode, body } = await post(app, '/execute', request({}));
    expect(statusCode).toBe(503);
    expect(body).toMatchObject({ code: 'busy', detail: expect.stringContaining('shutting down') });
  });
});

describe('POST /stop', () => {
  it('aborts the attempt and says so, and says so when there is none', async () => {
    const { app } = await setUp();
    await post(app, '/execute', request({ input_data: { duration_ms: 1_000 } }));
    expect((await post(app, '/stop', { subtask_id: 'subtask_1', attempt: 2 })).body).toEqual({ stopped: false });
    expect((await post(app, '/stop', { subtask_id: 'subtask_1' })).body).toEqual({ stopped: true });
    await settled();
    expect(await get(app, '/health')).toMatchObject({ is_available: true, current_task: null });
    expect((await post(app, '/stop', { subtask_id: 'subtask_1' })).body).toEqual({ stopped: false });
  });

  it('refuses a request without a subtask with 400', async () => {
    const { app } = await setUp();
    const { statusCode, body } = await post(app, '/stop', {});
    expect(statusCode).toBe(400);
    expect(body).toMatchObject({ code: 'invalid_request', field: 'subtask_id' });
  });
});

it('without a token takes no order that a web page gives, under a rebound name or from another site', async () => {
  const { agent } = await setUp();
  const app = await buildAgentServer(agent);
  onTestFinished(() => app.close());
  for (const headers of [{ host: 'evil.example:8001' }, { origin: 'http://evil.example' }]) {
    const order = { method: 'POST', url: '/execute', payload: request({}), headers } as const;
    const answer = await app.inject(order);
    expect([answer.statusCode, answer.json().code]).toEqual([403, 'forbidden']);
  }
});

describe('an agent that shares a token', () => {
  it('takes orders only from who knows it, and tells everybody how it is', async () => {
    const { agent } = await setUp();
    const app = await buildAgentServer(agent, { token: 'the shared token' });
    onTestFinished(() => app.close());
    const order = { method: 'POST', url: '/execute', payload: request({}) } as const;
    for (const authorization of [undefined, 'Bearer wrong', 'the shared token']) {
      const refused = await app.inject({ ...order, headers: authorization ? { authorization } : {} });
      expect(refused.statusCode).toBe(401);
      expect(refused.json()).toMatchObject({
        code: 'unauthorized',
        detail: expect.stringContaining('MUSTER_AGENT_TOKEN'),
      });
    }
    expect((await app.inject({ ...order, headers: { authorization: 'Bearer the shared token' } })).statusCode).toBe(
      200,
    );
    expect((await app.inject('/health')).statusCode).toBe(200);
  });
});

describe('every other request', () => {
  it('to a route that does not exist answers 404 in the same form', async () => {
    const { app } = await setUp();
    const response = await app.inject({ method: 'GET', url: '/nowhere?x=1' });
    expect(response.statusCode).toBe(404);
    conforms('error', response.json());
    expect(response.json()).toMatchObject({ code: 'not_found', detail: expect.stringContaining('GET /nowhere:') });
  });

  it('with a body that is no JSON at all answers 415', async () => {
    const { app } = await setUp();
    const response = await app.inject({
      method: 'POST',
      url: '/execute',
      headers: { 'content-type': 'text/csv' },
      payload: 'a,b',
    });
    expect(response.statusCode).toBe(415);
    expect(response.json()).toMatchObject({ code: 'unsupported_media_type' });
  });

  it('with a body that is too large answers 413', async () => {
    const { app } = await setUp();
    const { statusCode, body } = await post(app, '/execute', request({ description: 'x'.repeat(33 * 1024 * 1024) }));
    expect(statusCode).toBe(413);
    expect(body).toMatchObject({ code: 'too_large' });
  });

  it('that breaks something inside answers 500 without telling what', async () => {
    const app = await buildAgentServer({
      metrics: new AgentMetrics(),
      health: () => {
        throw new Error('the secret inside');
      },
      status: () => {
        throw new Error('unused');
      },
      accept: () => {},
      abort: () => false,
    });
    onTestFinished(() => app.close());
    const response = await app.inject({ method: 'GET', url: '/health' });
    expect(response.statusCode).toBe(500);
    expect(response.json()).toMatchObject({ code: 'internal' });
    expect(response.body).not.toContain('secret');
  });

  it('for the description of the service is answered with every operation', async () => {
    const { app } = await setUp();
    const document = await get(app, '/openapi.json');
    const operations = Object.values(document.paths as Record<string, Record<string, { operationId: string }>>)
      .flatMap((methods) => Object.values(methods))
      .map((operation) => operation.operationId);
    expect(operations.sort()).toEqual(['execute', 'executeSeveral', 'health', 'metrics', 'status', 'stop']);
    expect(document.openapi).toBe('3.0.3');
    const execute = (document.paths as Record<string, { post: { responses: object } }>)['/execute']?.post;
    expect(Object.keys(execute?.responses ?? {})).toEqual([
      ...['200', '400', '401', '403', '408', '413', '415', '431', '500', '503'],
    ]);
  });
});

async function setUp(): Promise<{ app: FastifyInstance; agent: Agent; clock: ManualClock }> {
  const clock = createManualClock();
  const agent = new Agent({
    agentId: 'agent_1',
    capabilities: ['data_analysis', 'code_generation'],
    slots: 1,
    bus: createMemoryBus(clock),
    clock,
    runtime: createSimulatedRuntime(clock),
    heartbeatIntervalMs: 10_000,
    heartbeatTtlMs: 60_000,
    attemptTimeoutMs: 600_000,
    secrets: [],
    logger: { debug: () => {}, warn: () => {} },
    metrics: new AgentMetrics(),
  });
  const app = await buildAgentServer(agent);
  await agent.start({ url: 'http://127.0.0.1:8001', port: 8001 });
  onTestFinished(async () => {
    await agent.stop(0);
    await app.close();
  });
  return { app, agent, clock };
}

function subtask(changes: object) {
  return { id: 'subtask_1', description: 'Do it', required_capabilities: ['data_analysis'], ...changes };
}

function request(changes: object) {
  return { task_id: 'task_1', subtask: subtask(changes) };
}

async function get(app: FastifyInstance, url: string): Promise<Record<string, unknown>> {
  const response = await app.inject({ method: 'GET', url });
  expect(response.statusCode).toBe(200);
  return response.json();
}

async function post(app: FastifyInstance, url: string, payload: object | undefined) {
  const response = await app.inject({ method: 'POST', url, ...(payload && { payload }) });
  return { statusCode: response.statusCode, body: response.json() };
}

function conforms(name: keyof typeof CONTRACT, value: unknown): void {
  const validate = new Ajv({ strict: false }).compile(CONTRACT[name]);
  validate(value);
  expect(validate.errors).toBeNull();
}

/** Lets what has been set off come to its end. */
const settled = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

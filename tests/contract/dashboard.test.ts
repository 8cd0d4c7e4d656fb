// The operations that the dashboard's pages read: every answer holds against its schema, every error names what is wrong.
import type { InjectOptions } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { subtaskDetailResponse, taskGraphResponse } from '../../src/protocol/dashboard-api.ts';
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

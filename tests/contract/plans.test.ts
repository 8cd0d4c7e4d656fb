// POST /plans: a plan without a task.
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { makePlanResponse } from '../../src/protocol/plans-api.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { type Fixture, openFixture, planOf } from './orchestrator-fixture.ts';

const DESCRIPTION = 'Read the data, then report on it';
const PLAN = planOf([{ description: 'Read the data file' }, { description: 'Report on the data', dependencies: [0] }]);

let service: Fixture;
beforeAll(async () => {
  service = await openFixture();
});
afterAll(() => service.close());
afterEach(() => {
  service.planner.planWith = async () => ({ plan: PLAN, source: 'model' });
});

const makePlan = (payload: unknown, fixture = service) =>
  fixture.app.inject({ method: 'POST', url: '/plans', payload: payload as object });

async function countOf(metric: string): Promise<string> {
  return (await service.app.inject('/metrics')).body.split('\n').find((line) => line.startsWith(metric)) ?? '';
}

it('answers a plan that a submit runs as it is, and stores nothing', async () => {
  service.planner.planWith = async (_request, _signal, heard) => {
    heard?.used?.({ input_tokens: 700, output_tokens: 90 });
    return { plan: PLAN, source: 'model' };
  };
  const answer = await makePlan({ description: DESCRIPTION });
  expect([answer.statusCode, answer.json()]).toEqual([
    200,
    { plan: PLAN, source: 'model', input_tokens: 700, output_tokens: 90 },
  ]);
  expect((await service.get('/tasks')).body.tasks).toEqual([]);
  expect(await countOf('muster_tokens_total{purpose="planning",direction="input"}')).toMatch(/ 700$/);

  const { plan } = makePlanResponse.parse(answer.json());
  const id = await service.submit({ description: DESCRIPTION, plan });
  const { task } = (await service.get(`/tasks/${id}`)).body;
  expect([task.plan_source, task.subtasks.length]).toEqual(['given', 2]);
});

it('tells the planner the crew and the files, by the names they would be stored under', async () => {
  let asked: unknown;
  service.planner.planWith = async (request) => {
    asked = request;
    return { plan: PLAN, source: 'fallback' };
  };
  const answer = await makePlan({ description: `  ${DESCRIPTION} `, files: [{ name: '../.data.csv', bytes: 12 }] });
  expect(answer.json().source).toBe('fallback');
  expect(asked).toEqual({ description: DESCRIPTION, files: [{ path: 'input/data.csv', bytes: 12 }], agents: [] });
});

it.each([
  [undefined, 'description', 'description is missing'],
  [{ description: 'short' }, 'description', '10 to 5000 are allowed'],
  [{ description: DESCRIPTION, user_id: ' ' }, 'user_id', 'user_id has 1 characters'],
  [{ description: DESCRIPTION, plans: [] }, 'plans', 'is no field of POST /plans: it has description, user_id, files'],
  [{ description: DESCRIPTION, files: [{ name: 'a' }] }, 'files.0.bytes', '{"name": "data.csv", "bytes": 120}'],
  [{ description: DESCRIPTION, files: [{ name: '..', bytes: 1 }] }, undefined, 'has no usable name'],
])('refuses %j in words', async (payload, field, words) => {
  const answer = await makePlan(payload);
  expect(answer.json()).toMatchObject({ code: 'invalid_request', ...(field && { field }) });
  expect([answer.statusCode, answer.json().detail]).toEqual([400, expect.stringContaining(words)]);
});

it('gives up in time, and when the service stops', async () => {
  const clock = createManualClock();
  const other = await openFixture({
    db: service.deps.db,
    clock,
    planner: waitingPlanner(() => clock.advance(120_000)),
  });
  const late = await makePlan({ description: DESCRIPTION }, other);
  expect(late.json()).toMatchObject({ code: 'planning_failed', detail: expect.stringContaining('within 120 s') });
  await other.close();

  let stopping: Promise<void> | undefined;
  const stopped = await openFixture({
    db: service.deps.db,
    planner: waitingPlanner(() => (stopping = stopped.close())),
  });
  const answer = await makePlan({ description: DESCRIPTION }, stopped);
  expect([answer.statusCode, answer.json().code]).toEqual([503, 'unavailable']);
  await stopping;
});

it('stops asking the model once nobody waits for the plan', async () => {
  const gone = new AbortController();
  const stopped = new Promise<void>((resolve) => {
    service.planner.planWith = (_request, signal) =>
      new Promise((_, reject) => {
        signal?.addEventListener('abort', () => {
          reject(signal.reason);
          resolve();
        });
        gone.abort();
      });
  });
  const url = await service.app.listen({ host: '127.0.0.1', port: 0 });
  const body = JSON.stringify({ description: DESCRIPTION });
  const headers = { 'content-type': 'application/json' };
  const request = fetch(`${url}/plans`, { method: 'POST', headers, body, signal: gone.signal });
  await expect(request).rejects.toThrow('aborted');
  await stopped;
  expect((await service.get('/healthz')).status).toBe(200);
});

/** Calls back once it is asked, and waits until it is told to stop. */
function waitingPlanner(asked: () => unknown): Fixture['planner'] {
  const planner = service.planner;
  return Object.assign(Object.create(planner) as Fixture['planner'], {
    plan: (_request: unknown, signal?: AbortSignal) =>
      new Promise<never>((_, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason));
        asked();
      }),
  });
}

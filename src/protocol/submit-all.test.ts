import { afterEach, beforeEach, expect, it } from 'vitest';
import { type ScriptedOrchestrator, startScriptedOrchestrator } from '../../tests/support/scripted-orchestrator.ts';
import { ClientError, createClient } from './client.ts';
import { submitAll } from './submit-all.ts';

let server: ScriptedOrchestrator;
let client: ReturnType<typeof createClient>;

beforeEach(async () => {
  server = await startScriptedOrchestrator();
  client = createClient({ url: server.url, apiKey: 'muster_key' });
});
afterEach(() => server.close());

const created = (nth: number) => ({ status: 'created', task_id: `task_${nth}` });
const answer = (...results: object[]) => ({ status: 200, body: { results } });
const described = (count: number, description = 'Do one thing') =>
  Array.from({ length: count }, () => ({ description }));

const tasksOf = ({ requests }: ScriptedOrchestrator) => requests.map(({ body }) => (body as { tasks: object[] }).tasks);

it('sends a hundred tasks a request, with their keys as fields, and gives the outcomes in their order', async () => {
  const numbers = Array.from({ length: 101 }, (_, nth) => nth);
  server.next('POST /tasks/bulk', answer(...numbers.slice(0, 100).map(created)), answer(created(100)));
  const [first, ...rest] = described(101);
  const outcomes = await client.submitAll([{ ...first, description: 'Do it once', idempotencyKey: 'k1' }, ...rest]);
  expect(outcomes).toEqual(numbers.map(created));
  expect(tasksOf(server).map((tasks) => tasks.length)).toEqual([100, 1]);
  expect(server.requests[0]?.headers).toMatchObject({ authorization: 'Bearer muster_key' });
  expect(tasksOf(server)[0]?.slice(0, 2)).toEqual([
    { description: 'Do it once', idempotency_key: 'k1' },
    { description: 'Do one thing', idempotency_key: expect.stringMatching(/^[\da-f-]{36}$/) },
  ]);
});

it('keeps requests far below the limit of a body', async () => {
  server.next('POST /tasks/bulk', answer(created(1), created(2)), answer(created(3)));
  const plan = { note: 'x'.repeat(400_000) };
  await client.submitAll(described(3).map((task) => ({ ...task, plan })));
  expect(tasksOf(server).map((tasks) => tasks.length)).toEqual([2, 1]);
});

it('sends a task with files by itself, in its turn', async () => {
  server.next('POST /tasks/bulk', answer(created(1)), answer(created(3)));
  const files = [{ name: 'a.txt', content: 'a' }];
  const outcomes = await client.submitAll([...described(1), { description: 'Read the file', files }, ...described(1)]);
  expect(server.requests.map(({ url }) => url)).toEqual(['/tasks/bulk', '/tasks', '/tasks/bulk']);
  expect(outcomes.map((one) => one.status === 'created' && one.task_id)).toEqual(['task_1', 'task_1', 'task_3']);
});

it('refuses the tasks of a request that failed with its error, and hands in the rest', async () => {
  const error = { detail: 'the body is over the limit', code: 'too_large' };
  server.next('POST /tasks/bulk', { status: 413, body: error }, answer(created(100)));
  const outcomes = await client.submitAll(described(101));
  expect(outcomes.slice(0, 100)).toEqual(Array.from({ length: 100 }, () => ({ status: 'refused', error })));
  expect(outcomes[100]).toEqual(created(100));
});

it('repeats a request that failed for the moment, with the same keys, and gives up in the end', async () => {
  const sent: string[][] = [];
  const busy = new ClientError({ status: 503, code: 'unavailable', detail: 'the database cannot keep up' });
  const lost = new ClientError({ status: null, code: 'unreachable', detail: 'cannot reach Muster' });
  let answers = [busy, lost, null];
  const bulk = async (tasks: readonly string[]) => {
    sent.push([...tasks]);
    const error = answers.shift() ?? null;
    if (error) throw error;
    return tasks.map((_, nth) => ({ status: 'created' as const, task_id: `task_${nth}` }));
  };
  const calls = { bulk, single: () => Promise.reject(lost), wait: async () => undefined };
  expect(await submitAll(described(2), calls)).toEqual([created(0), created(1)]);
  expect(sent).toHaveLength(3);
  expect(new Set(sent.map((tasks) => tasks.join())).size).toBe(1);
  answers = Array.from({ length: 100 }, () => lost);
  const error = { detail: 'cannot reach Muster', code: 'unreachable' };
  expect(await submitAll(described(1), calls)).toEqual([{ status: 'refused', error }]);
});

it('asks nothing for no tasks', async () => {
  expect(await client.submitAll([])).toEqual([]);
  expect(server.requests).toEqual([]);
});

// The client's followLogs on a real orchestrator: what is stored is told, in order, and after a restart each line once.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createClient } from '../../src/protocol/client.ts';
import { insertLogs } from '../../src/store/logs.ts';
import { type Fixture, openDatabase, openFixture } from './orchestrator-fixture.ts';

let db: Awaited<ReturnType<typeof openDatabase>>;
beforeAll(async () => {
  db = await openDatabase();
});
afterAll(() => db.close());

interface Line {
  task_id: string;
  message: string;
  level?: 'INFO' | 'WARN';
}

async function store(service: Fixture, { task_id, message, level = 'INFO' }: Line): Promise<void> {
  const of = { time: new Date().toISOString(), agent_id: 'agent_1', subtask_id: 'subtask_1', attempt: 1, metadata: {} };
  await insertLogs(db, [{ ...of, task_id, message, level }]);
  await service.deps.bus.notify('logs', { task_ids: [task_id] });
}

it('follows the lines of a task through a restart of the service', async () => {
  const first = await openFixture({ db });
  const url = await first.app.listen({ host: '127.0.0.1', port: 0 });
  const taskId = await first.submit({ description: 'Calculate factorial of 10' });
  await store(first, { task_id: taskId, message: 'before' });
  const client = createClient({ url });
  const stop = new AbortController();
  const lines = client.followLogs({ task_id: taskId }, { signal: stop.signal, after: 0 });
  const next = async () => (await lines.next()).value.message;

  expect(await next()).toBe('before');
  await store(first, { task_id: 'task_of_another', message: 'not asked for' });
  await store(first, { task_id: taskId, message: 'live' });
  expect(await next()).toBe('live');

  const resumed = next();
  await first.close();
  const second = await openFixture({ db });
  await store(second, { task_id: taskId, message: 'meanwhile' });
  await second.app.listen({ host: '127.0.0.1', port: Number(new URL(url).port) });
  expect(await resumed).toBe('meanwhile');

  const last = lines.next();
  stop.abort(new Error('enough'));
  await expect(last).rejects.toThrow('enough');
  await second.close();
});

it('follows only what is asked for, and refuses what no filter knows', async () => {
  const service = await openFixture({ db });
  const client = createClient({ url: await service.app.listen({ host: '127.0.0.1', port: 0 }) });
  const lines = client.followLogs({ level: 'WARN' }, { after: 0 });
  await store(service, { task_id: 'task_1', message: 'small' });
  await store(service, { task_id: 'task_1', message: 'grave', level: 'WARN' });
  expect((await lines.next()).value.message).toBe('grave');
  // Its connection ends with the iteration.
  await lines.return(undefined as never);
  await expect(client.followLogs({ text: '' }).next()).rejects.toMatchObject({
    code: 'invalid_request',
    field: 'text',
  });
  await service.close();
});

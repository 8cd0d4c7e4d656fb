import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  aCompletedTask,
  anAgent,
  anEvent,
  aTask,
  type ScriptedOrchestrator,
  startScriptedOrchestrator,
} from '../../tests/support/scripted-orchestrator.ts';
import { ClientError, createClient, type TaskEvent } from './client.ts';

let server: ScriptedOrchestrator;
let client: ReturnType<typeof createClient>;

beforeEach(async () => {
  server = await startScriptedOrchestrator();
  client = createClient({ url: server.url });
});
afterEach(() => server.close());

const failureOf = async (work: Promise<unknown>): Promise<ClientError> => {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ClientError);
  return error as ClientError;
};

describe('submitting', () => {
  it('sends a JSON body with the plan and the idempotency key', async () => {
    const plan = { subtasks: [{ description: 'Do one thing', required_capabilities: ['data_analysis'] }] };
    const created = await client.submit({ description: 'Do one thing', user_id: 'ada', plan, idempotencyKey: 'k1' });
    expect(created).toEqual({ task_id: 'task_1', status: 'created', subtasks_count: 2, initial_subtasks_queued: 1 });
    expect(server.requests[0]).toMatchObject({
      method: 'POST',
      url: '/tasks',
      body: { description: 'Do one thing', user_id: 'ada', plan },
      headers: { 'idempotency-key': 'k1', 'content-type': 'application/json' },
    });
  });

  it('sends files as parts named files, after the fields', async () => {
    const files = [
      { name: 'a.csv', content: 'x\n1\n' },
      { name: 'b.bin', content: new Uint8Array([1, 2, 3]) },
    ];
    await client.submit({ description: 'Read the files', user_id: 'ada', plan: { subtasks: [] }, files });
    const body = server.requests[0]?.body as Record<string, { value: string } & { filename: string }[]>;
    expect(Object.keys(body)).toEqual(['description', 'user_id', 'plan', 'files']);
    expect(body.description?.value).toBe('Read the files');
    expect(JSON.parse(body.plan?.value ?? '')).toEqual({ subtasks: [] });
    expect(body.files?.map((part) => part.filename)).toEqual(['a.csv', 'b.bin']);
  });

  it('leaves out of the form what was not given', async () => {
    await client.submit({ description: 'Read the file', files: [{ name: 'a.txt', content: 'a' }] });
    expect(Object.keys(server.requests[0]?.body as object)).toEqual(['description', 'files']);
  });
});

describe('reading', () => {
  it('gets a task, the list, the agents and the logs', async () => {
    server.tasks.set('task_1', aCompletedTask());
    server.agents.push(anAgent());
    expect(await client.getTask('task_1')).toEqual(aCompletedTask());
    expect((await client.listTasks()).tasks).toMatchObject([
      { id: 'task_1', subtasks_total: 2, subtasks_completed: 2 },
    ]);
    expect(await client.agents()).toEqual([anAgent()]);
    expect(await client.logs()).toEqual({ logs: [], next_cursor: null });
  });

  it('puts filters that are set into the query, escaped', async () => {
    await client.listTasks({ status: 'failed', text: 'a & b', user_id: undefined, limit: 5 });
    await client.listTasks({ status: ['failed', 'cancelled'], sort: 'oldest' });
    await client.logs({ task_id: 'task_1', level: 'WARN' });
    expect(server.requests.map((request) => request.url)).toEqual([
      '/tasks?status=failed&text=a+%26+b&limit=5',
      '/tasks?status=failed&status=cancelled&sort=oldest',
      '/logs?task_id=task_1&level=WARN',
    ]);
  });

  it('cancels and retries', async () => {
    server.tasks.set('task_1', aTask());
    expect(await client.cancel('task_1')).toEqual({ task_id: 'task_1', status: 'cancelled' });
    expect(await client.retry('task_1')).toEqual({ task_id: 'task_1', status: 'in_progress' });
  });

  it('lists a task’s files and reads one by its path', async () => {
    server.files.set('output/a b.txt', 'hällo');
    expect(await client.files('task_1')).toEqual([{ path: 'output/a b.txt', bytes: 6 }]);
    expect(new TextDecoder().decode(await client.readFile('task_1', 'output/a b.txt'))).toBe('hällo');
  });

  it.each(['../task_2', 'output//x', '.', ''])('refuses the path %j, which names another resource', async (path) => {
    expect(await failureOf(client.readFile('task_1', path))).toMatchObject({ code: 'invalid_request', field: 'path' });
    expect(server.requests).toEqual([]);
  });

  it('keeps a prefix of the address', async () => {
    const prefixed = createClient({ url: `${server.url}/muster` });
    server.next('GET /muster/agents', { status: 200, body: { agents: [] } });
    expect(await prefixed.agents()).toEqual([]);
    expect(server.requests.map((request) => request.url)).toEqual(['/muster/agents']);
  });

  it('uses the fetch it is given', async () => {
    const asked: string[] = [];
    const own = createClient({
      url: 'http://muster.invalid',
      fetch: async (input) => {
        asked.push(String(input));
        return Response.json({ agents: [] });
      },
    });
    expect(await own.agents()).toEqual([]);
    expect(asked).toEqual(['http://muster.invalid/agents']);
  });
});

describe('failing', () => {
  it('throws what the service said: status, code, detail and field', async () => {
    expect(await failureOf(client.getTask('task_9'))).toMatchObject({
      status: 404,
      code: 'not_found',
      detail: 'no such task',
      message: 'no such task',
      field: 'task_id',
      transient: false,
    });
  });

  it('says where it tried and how to start Muster when nobody listens', async () => {
    await server.close();
    const error = await failureOf(client.agents());
    expect(error).toMatchObject({ status: null, code: 'unreachable', transient: true });
    expect(error.message).toContain(server.url);
    expect(error.message).toContain('ECONNREFUSED');
    expect(error.message).toContain('muster up');
  });

  it('rejects an answer that does not fit the schema, naming the place', async () => {
    server.next('GET /agents', { status: 200, body: { agents: [{ ...anAgent(), port: 'eight' }] } });
    const error = await failureOf(client.agents());
    expect(error).toMatchObject({ status: 200, code: 'invalid_response' });
    expect(error.message).toContain('agents.0.port');
  });

  it('rejects an answer that is not JSON', async () => {
    server.next('GET /agents', { status: 200, body: '<html>' });
    expect(await failureOf(client.agents())).toMatchObject({ status: 200, code: 'invalid_response' });
  });

  it('keeps the status of an error that is not Muster’s', async () => {
    server.next('GET /agents', { status: 502, body: 'Bad Gateway' });
    const error = await failureOf(client.agents());
    expect(error).toMatchObject({ status: 502, code: 'invalid_response', transient: true });
    expect(error.message).toContain('GET /agents answered 502');
  });

  it('refuses an address that is none', async () => {
    expect(await failureOf(createClient({ url: 'localhost' }).agents())).toMatchObject({ field: 'url' });
  });
});

describe('watching', () => {
  const collect = async (events: AsyncIterable<TaskEvent>, seen: number[] = []) => {
    for await (const event of events) seen.push(event.seq);
    return seen;
  };

  it('yields what happened before and after, and ends with the task', async () => {
    server.tasks.set('task_1', aTask());
    server.emit(anEvent(1, 'task.created'));
    const seen = collect(client.watch('task_1'));
    await server.opened(1);
    server.emit(anEvent(2, 'task.planned'));
    server.emit(anEvent(3, 'task.completed'));
    expect(await seen).toEqual([1, 2, 3]);
  });

  it('starts after the last event the caller has seen', async () => {
    server.tasks.set('task_1', aTask());
    for (const seq of [1, 2]) server.emit(anEvent(seq, 'subtask.ready'));
    server.emit(anEvent(3, 'task.cancelled'));
    expect(await collect(client.watch('task_1', { lastEventId: 2 }))).toEqual([3]);
    expect(server.requests[0]?.headers['last-event-id']).toBe('2');
  });

  it('resumes a cut connection without losing or repeating an event', async () => {
    server.tasks.set('task_1', aTask());
    server.emit(anEvent(1, 'task.created'));
    const seen: number[] = [];
    const watching = collect(client.watch('task_1'), seen);
    await vi.waitFor(() => expect(seen).toEqual([1]));
    server.cut();
    server.emit(anEvent(2, 'task.planned'));
    await vi.waitFor(() => expect(seen).toEqual([1, 2]));
    server.cut();
    server.emit(anEvent(3, 'task.completed'));
    expect(await watching).toEqual([1, 2, 3]);
    expect(server.requests.filter((r) => r.url.endsWith('/events')).map((r) => r.headers['last-event-id'])).toEqual([
      undefined,
      '1',
      '2',
    ]);
  });

  it('keeps trying while the service is starting again', async () => {
    server.tasks.set('task_1', aTask());
    server.emit(anEvent(1, 'task.created'));
    const seen: number[] = [];
    const watching = collect(client.watch('task_1'), seen);
    await vi.waitFor(() => expect(seen).toEqual([1]));
    server.next('GET /tasks/task_1/events', { status: 503, body: { detail: 'starting', code: 'unavailable' } });
    server.cut();
    server.emit(anEvent(2, 'task.completed'));
    expect(await watching).toEqual([1, 2]);
    expect(server.requests.filter((request) => request.url.endsWith('/events'))).toHaveLength(3);
  });

  it('throws at once when the task does not exist', async () => {
    server.next('GET /tasks/task_1/events', { status: 404, body: { detail: 'no such task', code: 'not_found' } });
    expect(await failureOf(collect(client.watch('task_1')))).toMatchObject({ status: 404, code: 'not_found' });
  });

  it('throws at once when nobody listens', async () => {
    await server.close();
    expect(await failureOf(collect(client.watch('task_1')))).toMatchObject({ code: 'unreachable' });
  });

  it('stops with the reason of its signal', async () => {
    server.tasks.set('task_1', aTask());
    const stop = new AbortController();
    const seen = collect(client.watch('task_1', { signal: stop.signal }));
    await server.opened(1);
    stop.abort(new Error('enough'));
    await expect(seen).rejects.toThrow('enough');
  });

  it('does not even begin with a signal that is aborted already', async () => {
    await expect(collect(client.watch('task_1', { signal: AbortSignal.abort(new Error('no')) }))).rejects.toThrow('no');
    expect(server.requests).toEqual([]);
  });

  it('lets go of the connection when the caller stops iterating', async () => {
    server.tasks.set('task_1', aTask());
    server.emit(anEvent(1, 'task.created'));
    for await (const event of client.watch('task_1')) {
      expect(event.type).toBe('task.created');
      break;
    }
    expect(server.requests).toHaveLength(1);
  });

  it('waits for the end and returns the task', async () => {
    server.tasks.set('task_1', aTask());
    const waited = client.wait('task_1');
    await server.opened(1);
    server.tasks.set('task_1', aCompletedTask());
    server.emit(anEvent(1, 'task.completed'));
    expect(await waited).toEqual(aCompletedTask());
  });
});

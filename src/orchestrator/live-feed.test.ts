import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { claimReady, completed, type Fixture, openFixture } from '../../tests/contract/orchestrator-fixture.ts';
import { createManualClock } from '../../tests/support/manual-clock.ts';
import { dataOf, openStream } from '../../tests/support/open-stream.ts';
import { taskSummary } from '../protocol/api.ts';
import { liveEvents } from '../protocol/dashboard-api.ts';
import { finishAttempts } from '../store/attempts.ts';
import { cancelTask, createTask } from '../store/tasks.ts';
import { LiveFeed } from './live-feed.ts';

const DESCRIPTION = 'Calculate factorial of 10';

let service: Fixture;
let url: string;
beforeAll(async () => {
  service = await openFixture();
  url = await service.app.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(() => service.close());

describe('the stream of changes', () => {
  it('begins with hello, then tells each change of a task as a row of the list', async () => {
    const stream = await openStream(`${url}/events`);
    expect(stream.response.headers.get('content-type')).toBe('text/event-stream');
    expect(liveEvents.hello.parse(dataOf(await stream.until('event: hello\n'), 'hello')[0])).toBeTruthy();
    const taskId = await service.submit({ description: DESCRIPTION });
    await stream.until('"in_progress"');
    const attempts = await claimReady(service.deps.db, taskId);
    await finishAttempts(
      service.deps.db,
      attempts.map((attempt) => completed(attempt)),
      Math.random,
    );
    await service.deps.bus.notify('events', { task_ids: [taskId] });
    const rows = dataOf(await stream.until('"subtasks_completed":1'), 'task').map((row) => taskSummary.parse(row));
    expect(rows.every((row) => row.id === taskId)).toBe(true);
    expect(rows.at(-1)).toMatchObject({ subtasks_total: 1, subtasks_completed: 1, cost_usd: 0.01 });
    stream.close();
  });

  it('is of one user when asked so', async () => {
    const stream = await openStream(`${url}/events?user_id=ada`);
    await stream.until('hello');
    await service.submit({ description: DESCRIPTION, user_id: 'bob' });
    await service.submit({ description: DESCRIPTION, user_id: 'ada' });
    const rows = dataOf(await stream.until('"ada"'), 'task') as { user_id: string }[];
    expect(new Set(rows.map((row) => row.user_id))).toEqual(new Set(['ada']));
    stream.close();
  });

  it('tells many changes of a task within a moment as one', async () => {
    const stream = await openStream(`${url}/events?user_id=eager`);
    await stream.until('hello');
    const { id } = await createTask(service.deps.db, { description: DESCRIPTION, user_id: 'eager' }, 60_000);
    for (let nth = 0; nth < 100; nth += 1) await service.deps.bus.notify('events', { task_ids: [id] });
    await cancelTask(service.deps.db, id);
    await service.deps.bus.notify('events', { task_ids: [id] });
    expect(dataOf(await stream.until('"cancelled"'), 'task').length).toBeLessThanOrEqual(3);
    stream.close();
  });

  it('names agents that changed', async () => {
    const stream = await openStream(`${url}/events`);
    await stream.until('hello');
    await service.deps.bus.notify('agents', { agent_id: 'agent_7' });
    const [changed] = dataOf(await stream.until('event: agents'), 'agents');
    expect(liveEvents.agents.parse(changed)).toEqual({ agent_ids: ['agent_7'] });
    stream.close();
  });

  it('skips tasks that are gone', async () => {
    const stream = await openStream(`${url}/events`);
    await stream.until('hello');
    await service.deps.bus.notify('events', { task_ids: ['task_gone'] });
    const taskId = await service.submit({ description: DESCRIPTION });
    expect(await stream.until(taskId)).not.toContain('task_gone');
    stream.close();
  });

  it('ends when the service stops', async () => {
    const other = await openFixture({ db: service.deps.db });
    const stream = await openStream(`${await other.app.listen({ host: '127.0.0.1', port: 0 })}/events`);
    await stream.until('hello');
    await other.close();
    expect(dataOf(await stream.rest(), 'hello')).toHaveLength(1);
  });

  it('has no answer to HEAD, which would have to wait for its end', async () => {
    expect((await service.app.inject({ method: 'HEAD', url: '/events' })).statusCode).toBe(404);
  });
});

describe('a feed that hears no notice', () => {
  it('finds what changed by looking, and says now and then that it is there', async () => {
    const clock = createManualClock();
    const bus = Object.assign(Object.create(service.deps.bus), {
      subscribe: () => Promise.reject(new Error('the bus is gone')),
    });
    const feed = new LiveFeed({ ...service.deps, bus, clock, stopping: new AbortController().signal });
    const gone = new AbortController();
    const stream = feed.watch({ user_id: 'quiet', agents: true, gone: gone.signal });
    /** The next piece of the stream; time passes until it comes. */
    const next = async () => {
      let piece: IteratorResult<string> | undefined;
      void stream.next().then((come) => (piece = come));
      await vi.waitFor(
        () => {
          clock.advance(1_000);
          expect(piece).toBeDefined();
        },
        { interval: 5 },
      );
      return piece?.value;
    };
    const { id } = await createTask(service.deps.db, { description: DESCRIPTION, user_id: 'quiet' }, 60_000);
    expect(await next()).toContain('retry:');
    expect(await next()).toContain('event: hello');
    expect(await next()).toBe(': still here\n\n');
    await cancelTask(service.deps.db, id);
    let text = await next();
    while (text === ': still here\n\n') text = await next();
    expect(dataOf(text ?? '', 'task')).toMatchObject([{ id, status: 'cancelled' }]);
    gone.abort();
    expect(await stream.next()).toMatchObject({ done: true });
  });
});

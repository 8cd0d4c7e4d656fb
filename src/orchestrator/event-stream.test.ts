import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  claimReady,
  completed,
  type Fixture,
  failed,
  openFixture,
  planOf,
} from '../../tests/contract/orchestrator-fixture.ts';
import { countSubscriptions } from '../../tests/support/counted-bus.ts';
import { gate } from '../../tests/support/gate.ts';
import { createManualClock } from '../../tests/support/manual-clock.ts';
import { openStream } from '../../tests/support/open-stream.ts';
import type { Clock } from '../clock.ts';
import { followTask } from '../protocol/event-stream.ts';
import { finishAttempts } from '../store/attempts.ts';
import { completeTask } from '../store/task-completion.ts';
import { cancelTask, retryTask } from '../store/tasks.ts';
import { readStart, watchTask } from './event-stream.ts';
import { openPlanningRoom } from './planning-room.ts';

const DESCRIPTION = 'Calculate factorial of 10';

let service: Fixture;
let url: string;
beforeAll(async () => {
  service = await openFixture();
  url = await service.app.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(() => service.close());

const open = (taskId: string, headers: Record<string, string> = {}) =>
  openStream(`${url}/tasks/${taskId}/events`, headers);

const idsIn = (text: string) => [...text.matchAll(/^id: (\d+)$/gm)].map((match) => Number(match[1]));
const typesIn = (text: string) => [...text.matchAll(/^event: (.+)$/gm)].map((match) => match[1]);

async function finish(taskId: string, reportOf = completed): Promise<void> {
  const { db, bus } = service.deps;
  const attempts = await claimReady(db, taskId);
  const { toSummarise } = await finishAttempts(
    db,
    attempts.map((attempt) => reportOf(attempt)),
    Math.random,
  );
  for (const id of toSummarise) await completeTask(db, id, 'done');
  await bus.notify('events', { task_ids: [taskId] });
}

describe('the stream of events', () => {
  it('begins with what has happened, goes on live, and ends with the task', async () => {
    const taskId = await service.submit({ description: DESCRIPTION });
    const stream = await open(taskId);
    expect(stream.response.headers.get('content-type')).toBe('text/event-stream');
    expect(stream.response.headers.get('x-content-type-options')).toBe('nosniff');
    await stream.until('subtask.ready');
    await finish(taskId);
    const text = await stream.rest();
    expect(typesIn(text)).toEqual([
      'task.created',
      'task.planned',
      'subtask.ready',
      'subtask.claimed',
      'subtask.completed',
      'task.completed',
    ]);
    expect(idsIn(text)).toEqual([1, 2, 3, 4, 5, 6]);
    const data = JSON.parse(/^data: (.*task.created.*)$/m.exec(text)?.[1] ?? '');
    expect(data).toMatchObject({ task_id: taskId, seq: 1, type: 'task.created', subtask_id: null, data: {} });
  });

  it('resumes after the last event that the client saw', async () => {
    const taskId = await service.submit({ description: DESCRIPTION });
    await finish(taskId);
    expect(idsIn(await (await open(taskId, { 'last-event-id': '4' })).rest())).toEqual([5, 6]);
    const byParameter = await service.app.inject(`/tasks/${taskId}/events?after=5`);
    expect(idsIn(byParameter.body)).toEqual([6]);
  });

  it('tells a client that has seen the end not to come again', async () => {
    const taskId = await service.submit({ description: DESCRIPTION });
    await cancelTask(service.deps.db, taskId);
    const seen = idsIn((await service.app.inject(`/tasks/${taskId}/events`)).body).length;
    const answer = await service.app.inject(`/tasks/${taskId}/events?after=${seen}`);
    expect({ status: answer.statusCode, body: answer.body }).toEqual({ status: 204, body: '' });
  });

  it('goes beyond a failure that was retried', async () => {
    const taskId = await service.submit({ description: DESCRIPTION });
    await finish(taskId, failed);
    await retryTask(service.deps.db, taskId);
    const stream = await open(taskId);
    expect(typesIn(await stream.until('subtask.retried'))).toContain('task.failed');
    await finish(taskId);
    expect(typesIn(await stream.rest()).at(-1)).toBe('task.completed');
  });

  it('is the same however often it is cut, each event once and in order', async () => {
    const steps = Array.from({ length: 5 }, (_, index) => ({
      description: `Calculate part number ${index}`,
      dependencies: index === 0 ? [] : [index - 1],
    }));
    const taskId = await service.submit({ description: DESCRIPTION, plan: planOf(steps) });
    for (const _ of steps) await finish(taskId);
    const whole = idsIn((await service.app.inject(`/tasks/${taskId}/events`)).body);
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), async (after) => {
        const rest = await service.app.inject({
          url: `/tasks/${taskId}/events`,
          headers: { 'last-event-id': `${after}` },
        });
        expect(idsIn(rest.body)).toEqual(whole.slice(after));
      }),
      { numRuns: 20 },
    );
  });

  it('is followed to its end by the client of this package', async () => {
    const taskId = await service.submit({ description: DESCRIPTION });
    const source = {
      connect: (after: number) => fetch(`${url}/tasks/${taskId}/events`, { headers: { 'last-event-id': `${after}` } }),
      status: async () => (await service.get(`/tasks/${taskId}`)).body.task.status,
      wait: async () => undefined,
    };
    const seen: number[] = [];
    for await (const event of followTask(source, 0)) {
      seen.push(event.seq);
      if (event.type === 'subtask.ready') await finish(taskId);
    }
    expect(seen).toEqual([1, 2, 3, 4, 5, 6]);
    for await (const event of followTask(source, 6)) throw new Error(`nothing may follow, but ${event.type} did`);
  });

  it('has no answer to HEAD, which would have to wait for its end', async () => {
    const taskId = await service.submit({ description: DESCRIPTION });
    const answer = await service.app.inject({ method: 'HEAD', url: `/tasks/${taskId}/events` });
    expect(answer.statusCode).toBe(404);
  });

  it('stops listening when the client goes', async () => {
    const counted = countSubscriptions(service.deps.bus);
    const other = await openFixture({ db: service.deps.db, bus: counted.bus });
    const address = await other.app.listen({ host: '127.0.0.1', port: 0 });
    const taskId = await service.submit({ description: DESCRIPTION });
    await other.get(`/tasks/${taskId}`);
    const before = counted.open();
    const gone = new AbortController();
    await fetch(`${address}/tasks/${taskId}/events`, { signal: gone.signal });
    await vi.waitFor(() => expect(counted.open()).toBe(before + 1));
    gone.abort();
    await vi.waitFor(() => expect(counted.open()).toBe(before));
    await other.close();
  });

  it('ends when the service stops', async () => {
    const other = await openFixture({ db: service.deps.db });
    const address = await other.app.listen({ host: '127.0.0.1', port: 0 });
    const taskId = await service.submit({ description: DESCRIPTION });
    const text = (await fetch(`${address}/tasks/${taskId}/events`)).text();
    await other.close();
    expect(idsIn(await text)).toEqual([1, 2, 3]);
  });
});

describe('a start that is wrong', () => {
  it.each(['x', '-1', '1.5', '1e3', '99999999999', ''])('%j is refused as header and as parameter', async (value) => {
    const taskId = await service.submit({ description: DESCRIPTION });
    const headers = { 'last-event-id': value };
    const byHeader = await service.app.inject({ url: `/tasks/${taskId}/events`, headers });
    expect(byHeader.json()).toMatchObject({ code: 'invalid_request', field: 'Last-Event-ID' });
    expect(() => readStart(undefined, value)).toThrow(/after .* is no event id/);
  });

  it('is the beginning when left out', () => {
    expect(readStart(undefined, undefined)).toBe(0);
    expect(readStart('7', '3')).toBe(7);
  });

  it('at an unknown task is not found', async () => {
    expect(await service.get('/tasks/task_unknown/events')).toMatchObject({ status: 404, body: { code: 'not_found' } });
  });
});

describe('a quiet stream', () => {
  it('looks again without a notice, and says now and then that it is there', async () => {
    const time = createManualClock();
    let waiting = gate();
    const clock: Clock = {
      now: time.now,
      after(ms, callback) {
        waiting.open();
        return time.after(ms, callback);
      },
    };
    const pass = async () => {
      await waiting.passed;
      waiting = gate();
      time.advance(5_000);
    };
    const silent = Object.assign(Object.create(service.deps.bus), {
      subscribe: () => Promise.reject(new Error('the bus is gone')),
    });
    const taskId = await service.submit({ description: DESCRIPTION });
    const gone = new AbortController();
    const planning = openPlanningRoom(service.deps);
    const parts = { ...service.deps, planning, bus: silent, clock, stopping: new AbortController().signal };
    const stream = await watchTask(parts, { taskId, after: 3, gone: gone.signal });
    expect((await stream?.next())?.value).toContain('retry:');
    const heartbeat = stream?.next();
    for (const _ of [1, 2, 3]) await pass();
    expect((await heartbeat)?.value).toBe(': still here\n\n');
    const event = stream?.next();
    await cancelTask(service.deps.db, taskId);
    await pass();
    expect((await event)?.value).toContain('event: task.cancelled');
    gone.abort();
    expect(await stream?.next()).toMatchObject({ done: true });
  });
});

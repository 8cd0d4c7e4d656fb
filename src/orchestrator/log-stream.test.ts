import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Fixture, openFixture } from '../../tests/contract/orchestrator-fixture.ts';
import { createManualClock } from '../../tests/support/manual-clock.ts';
import { dataOf, openStream } from '../../tests/support/open-stream.ts';
import type { AgentLog } from '../domain/log.ts';
import { logLineEvent } from '../protocol/dashboard-api.ts';
import { lastLogId, TAIL_PAGE } from '../store/log-tail.ts';
import { insertLogs } from '../store/logs.ts';
import { streamLogs } from './log-stream.ts';
import { createLogsIntake } from './logs-intake.ts';

let service: Fixture;
let url: string;
beforeAll(async () => {
  service = await openFixture();
  url = await service.app.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(() => service.close());

function line(message: string, given: Partial<AgentLog> = {}): AgentLog {
  return {
    agent_id: 'agent_1',
    task_id: 'task_a',
    subtask_id: 'subtask_a',
    attempt: 1,
    level: 'INFO',
    message,
    metadata: { nested: [1] },
    time: '2030-01-01T00:00:00.000Z',
    ...given,
  };
}

async function store(...lines: AgentLog[]): Promise<void> {
  await insertLogs(service.deps.db, lines);
  await service.deps.bus.notify('logs', { task_ids: lines.map((one) => one.task_id) });
}

/** As another replica that commits after others took higher numbers. */
async function storeLate(id: number, message: string): Promise<void> {
  await service.deps.db.query(
    `insert into agent_logs (id, time, agent_id, task_id, subtask_id, attempt, level, message) overriding system value
     values ($1, now(), 'agent_1', 'task_a', 'subtask_a', 1, 'INFO', $2)`,
    [id, message],
  );
  await service.deps.bus.notify('logs', { task_ids: ['task_a'] });
}

const messagesIn = (text: string) => dataOf(text, 'log').map((data) => logLineEvent.parse(data).message);

describe('the live log', () => {
  it('begins with the next line, and sends each with its id', async () => {
    await store(line('long ago'));
    const before = await lastLogId(service.deps.db);
    const stream = await openStream(`${url}/logs/stream`);
    expect(stream.response.headers.get('content-type')).toBe('text/event-stream');
    expect(await stream.until('data: {}')).toBe(`retry: 1000\nid: ${before}\nevent: start\ndata: {}\n\n`);
    await store(line('first'), line('second'));
    const text = await stream.until('second');
    expect(messagesIn(text)).toEqual(['first', 'second']);
    expect([...text.matchAll(/^id: (\d+)$/gm)].map((match) => Number(match[1]))).toEqual([
      before,
      before + 1,
      before + 2,
    ]);
    expect(dataOf(text, 'log')[0]).toEqual({ id: before + 1, ...line('first') });
    stream.close();
  });

  it('has the filters of the list', async () => {
    const query =
      'task_id=task_b&agent_id=agent_2&subtask_id=subtask_b&level=WARN&text=WORLD&after=2030-01-01T00:00:00Z';
    const stream = await openStream(`${url}/logs/stream?${query}`);
    await stream.until('retry');
    const wanted: Partial<AgentLog> = {
      task_id: 'task_b',
      agent_id: 'agent_2',
      subtask_id: 'subtask_b',
      level: 'ERROR',
    };
    await store(
      line('world 1'),
      line('world 2', { ...wanted, agent_id: 'agent_1' }),
      line('world 3', { ...wanted, subtask_id: 'subtask_a' }),
      line('world 4', { ...wanted, level: 'INFO' }),
      line('world 5', { ...wanted, time: '2029-12-31T23:59:59.000Z' }),
      line('word 6', wanted),
      line('Hello world 7', wanted),
    );
    expect(messagesIn(await stream.until('world 7'))).toEqual(['Hello world 7']);
    stream.close();
  });

  it('resumes after the line that the client saw last, by header or parameter', async () => {
    await store(line('seen'));
    const seen = await lastLogId(service.deps.db);
    await store(line('missed'), line('missed too'));
    const streams = [
      await openStream(`${url}/logs/stream`, { 'last-event-id': String(seen) }),
      await openStream(`${url}/logs/stream?after_id=${seen}`),
    ];
    for (const stream of streams) {
      expect(messagesIn(await stream.until('missed too'))).toEqual(['missed', 'missed too']);
      stream.close();
    }
  });

  it('reads on from page to page when much was missed', async () => {
    const before = await lastLogId(service.deps.db);
    const many = Array.from({ length: TAIL_PAGE + 5 }, (_, nth) => line(`line ${nth}`, { task_id: 'task_many' }));
    await insertLogs(service.deps.db, many);
    const stream = await openStream(`${url}/logs/stream?task_id=task_many&after_id=${before}`);
    expect(messagesIn(await stream.until(`line ${TAIL_PAGE + 4}`))).toHaveLength(TAIL_PAGE + 5);
    stream.close();
  });

  it('sends a line that was committed late, without an id', async () => {
    const last = await lastLogId(service.deps.db);
    const stream = await openStream(`${url}/logs/stream`);
    await stream.until('retry');
    await storeLate(last + 1_001, 'early bird');
    await stream.until('early bird');
    await storeLate(last + 1_000, 'late comer');
    const text = await stream.until('late comer');
    expect(messagesIn(text)).toEqual(['early bird', 'late comer']);
    expect([...text.matchAll(/^id: (\d+)$/gm)].map((match) => Number(match[1]))).toEqual([last, last + 1_001]);
    stream.close();
    await service.deps.db.query("select setval(pg_get_serial_sequence('agent_logs', 'id'), $1)", [last + 2_000]);
  });

  it('is woken when lines come in over the bus', async () => {
    const intake = createLogsIntake({ ...service.deps, stopping: new AbortController().signal });
    intake.start();
    const stream = await openStream(`${url}/logs/stream?task_id=task_c`);
    await stream.until('retry');
    await service.deps.bus.publish('agent_logs', [line('over the bus', { task_id: 'task_c' })]);
    expect(messagesIn(await stream.until('over the bus'))).toEqual(['over the bus']);
    stream.close();
    await intake.stop();
  });

  it('ends when the service stops', async () => {
    const other = await openFixture({ db: service.deps.db });
    const stream = await openStream(`${await other.app.listen({ host: '127.0.0.1', port: 0 })}/logs/stream`);
    await stream.until('retry');
    await other.close();
    expect(await stream.rest()).toContain('retry');
  });

  it('looks without a notice too, and says now and then that it is there', async () => {
    const clock = createManualClock();
    const bus = Object.assign(Object.create(service.deps.bus), {
      subscribe: () => Promise.reject(new Error('the bus is gone')),
    });
    const gone = new AbortController();
    const parts = { ...service.deps, bus, clock, stopping: new AbortController().signal };
    const stream = streamLogs(parts, { filter: {}, after: null, gone: gone.signal });
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
      return piece?.value ?? '';
    };
    expect(await next()).toContain('retry');
    expect(await next()).toBe(': still here\n\n');
    await insertLogs(service.deps.db, [line('unannounced')]);
    let text = await next();
    while (text === ': still here\n\n') text = await next();
    expect(messagesIn(text)).toEqual(['unannounced']);
    gone.abort();
    expect(await stream.next()).toMatchObject({ done: true });
  });
});

import { setTimeout as pause } from 'node:timers/promises';
import { createClient } from 'redis';
import { describe, expect, it } from 'vitest';
import { gate } from '../../tests/support/gate.ts';
import { freshRedis } from '../../tests/support/servers.ts';
import { createLogger } from '../log.ts';
import { describeBus } from './bus.contract.ts';
import { openRedisBus } from './redis.ts';

const logger = createLogger('silent');
const server = await freshRedis('contract');
const url = server?.url ?? '';

if (server) {
  describeBus('Redis', async () => {
    await server.flush();
    // The server keeps the time, so time has to pass.
    return { bus: await openRedisBus({ url, logger }), advance: (ms) => pause(ms) };
  });
}

const message = (text: string) =>
  ({
    agent_id: 'a',
    task_id: 't',
    subtask_id: 's',
    attempt: 1,
    level: 'INFO',
    message: text,
    metadata: {},
    time: '2030-01-01T00:00:00.000Z',
  }) as const;

describe.skipIf(!server)('the Redis bus', () => {
  it('goes on when Redis is emptied under a consumer', async () => {
    await server?.flush();
    const bus = await openRedisBus({ url, logger });
    const stop = new AbortController();
    const heard: string[] = [];
    const first = gate();
    const second = gate();
    const options = { group: 'g', consumer: 'c', batch: 10, signal: stop.signal };
    const ended = bus.consume('agent_logs', options, async (messages) => {
      heard.push(...messages.map((one) => one.message));
      if (heard.includes('before')) first.open();
      if (heard.includes('after')) second.open();
    });
    await bus.publish('agent_logs', [message('before')]);
    await first.passed;
    await server?.flush();
    await bus.publish('agent_logs', [message('after')]);
    await second.passed;
    stop.abort();
    await ended;
    await bus.close();
  });

  it('keeps listening and consuming when its connections are cut', async () => {
    const bus = await openRedisBus({ url, logger });
    const stop = new AbortController();
    const taken = gate();
    const options = { group: 'cut', consumer: 'c', batch: 10, signal: stop.signal };
    const ended = bus.consume('agent_logs', options, async (messages) => {
      if (messages.some((one) => one.message === 'after the cut')) taken.open();
    });
    const admin = await createClient({ url }).connect();
    await admin.sendCommand(['CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes']);
    await expect
      .poll(
        () =>
          bus.publish('agent_logs', [message('after the cut')]).then(
            () => 'sent',
            () => 'away',
          ),
        { timeout: 10_000 },
      )
      .toBe('sent');
    await taken.passed;
    stop.abort();
    await ended;
    admin.destroy();
    await bus.close();
  });

  it('gives up after the time it was given when nothing answers', async () => {
    await expect(openRedisBus({ url: 'redis://127.0.0.1:1', logger, waitMs: 100 })).rejects.toThrow();
  });
});

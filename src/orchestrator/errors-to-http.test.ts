import { Writable } from 'node:stream';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { IN_USE, ScriptedPlanner } from '../../tests/contract/orchestrator-fixture.ts';
import { createMemoryBus } from '../bus/memory.ts';
import { systemClock } from '../clock.ts';
import type { Db } from '../store/db.ts';
import { ControlMetrics } from '../telemetry/control-metrics.ts';
import type { OrchestratorDeps } from './parts.ts';
import { buildOrchestrator } from './server.ts';

/** An orchestrator whose database answers as the test says, and what it logs. */
async function serve(query: (text: unknown) => Promise<never>, overrides: Partial<OrchestratorDeps> = {}) {
  const db: Db = { query, script: query, transaction: query, close: async () => undefined };
  let logged = '';
  const sink = new Writable({
    write(chunk, _encoding, done) {
      logged += chunk;
      done();
    },
  });
  const app = await buildOrchestrator({
    db,
    bus: createMemoryBus(systemClock),
    planner: new ScriptedPlanner(),
    clock: systemClock,
    logger: pino({ level: 'warn' }, sink),
    config: { sharedFiles: '/nonexistent', bodyLimitBytes: 1_000, planningMs: 1_000, planningSlots: 8 },
    metrics: new ControlMetrics(),
    inUse: IN_USE,
    isSchedulerAlive: () => true,
    ...overrides,
  });
  const get = async (url: string) => {
    const answer = await app.inject(url);
    return { status: answer.statusCode, headers: answer.headers, body: answer.json() };
  };
  return { app, get, logged: () => logged };
}

const sqlError = (code: string) => Object.assign(new Error(`secret detail of ${code}`), { code });

describe('an error that nobody foresaw', () => {
  it('tells the caller a request id and nothing else, and the log everything', async () => {
    const { get, logged } = await serve(() => Promise.reject(new Error('password is hunter2')));
    const { status, headers, body } = await get('/tasks');
    expect({ status, code: body.code }).toEqual({ status: 500, code: 'internal' });
    expect(body.detail).toContain(headers['x-request-id']);
    expect(JSON.stringify(body)).not.toContain('hunter2');
    expect(logged()).toContain('hunter2');
    expect(logged()).toContain(headers['x-request-id']);
  });

  it('is an answer that does not keep its schema, too', async () => {
    const row = { id: 7 };
    const { get } = await serve(async (text) => (String(text).includes('api_keys') ? [] : [row]) as never);
    expect(await get('/tasks')).toMatchObject({ status: 500, body: { code: 'internal' } });
  });

  it('is what was thrown, whatever it is', async () => {
    const { get } = await serve(() => Promise.reject('a string'));
    expect(await get('/tasks')).toMatchObject({ status: 500, body: { code: 'internal' } });
  });
});

describe('an error of the database', () => {
  it.each(['08006', '53300', '57P01', '57014', 'ECONNREFUSED'])('%s means that it is away', async (code) => {
    const { get } = await serve(() => Promise.reject(sqlError(code)));
    const { status, headers, body } = await get('/tasks/task_1');
    expect({ status, code: body.code }).toEqual({ status: 503, code: 'unavailable' });
    expect(headers['retry-after']).toBe('1');
    expect(body.detail).not.toContain('secret');
  });

  it('without a free connection in time is one that is away', async () => {
    const { get } = await serve(() => Promise.reject(new Error('timeout exceeded when trying to connect')));
    expect(await get('/tasks')).toMatchObject({ status: 503, body: { code: 'unavailable' } });
  });

  it.each(['22008', '22P05'])('%s blames a value of the request', async (code) => {
    const { get, logged } = await serve(() => Promise.reject(sqlError(code)));
    const { status, body } = await get('/tasks');
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'invalid_request' });
    expect(logged()).toBe('');
  });

  it('makes the service not ready', async () => {
    const { get } = await serve(() => Promise.reject(sqlError('57P01')));
    const { status, body } = await get('/readyz');
    expect({ status, database: body.checks.database }).toEqual({ status: 503, database: 'answers with an error' });
  });

  it('that never comes makes the service not ready after a second', async () => {
    const clock = {
      now: () => new Date(),
      after: (ms: number, callback: () => void) => {
        expect(ms).toBe(1_000);
        callback();
        return () => undefined;
      },
    };
    const { get } = await serve(() => new Promise(() => undefined), { clock });
    const { status, body } = await get('/readyz');
    expect({ status, database: body.checks.database }).toEqual({
      status: 503,
      database: 'does not answer within 1000 ms',
    });
  });
});

it('the document is generated without touching database or bus', async () => {
  const touched = () => {
    throw new Error('building must not touch this');
  };
  const forbidden = new Proxy({}, { get: touched }) as never;
  const { app } = await serve(touched, { bus: forbidden, planner: forbidden, db: forbidden });
  await app.ready();
  expect(Object.keys(app.swagger().paths ?? {})).toContain('/tasks/{task_id}/events');
  await app.close();
});

// `muster doctor` on a real orchestrator, PostgreSQL and Redis, and where there is nothing.
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Finding } from '../../src/boot/doctor/finding.ts';
import { run } from '../../src/cli/program.ts';
import { startOfflineModel } from '../../src/offline/server.ts';
import { migrationFiles } from '../../src/store/migrate.ts';
import { agent, type Fixture, openFixture } from '../contract/orchestrator-fixture.ts';
import { captureIo } from '../support/captured-io.ts';
import { freePort } from '../support/processes.ts';
import { freshPostgres, freshRedis } from '../support/servers.ts';

const KEY = 'k'.repeat(40);

const postgres = await freshPostgres('doctor');
const redis = await freshRedis('doctor');
afterAll(async () => {
  await postgres?.drop();
  await redis?.flush();
});

let folder: string;
let nobody: Record<string, string>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muster-doctor-'));
  nobody = {
    ORCHESTRATOR_PORT: String(await freePort()),
    DASHBOARD_PORT: String(await freePort()),
    AGENT_BASE_PORT: '0',
    MUSTER_DATA: join(folder, 'not', 'yet'),
    SHARED_FILES: folder,
    MUSTER_MODEL: 'offline',
  };
});
afterAll(() => rm(folder, { recursive: true }));

async function examine(env: Record<string, string>, args: string[] = []) {
  const io = captureIo({ env: { ...nobody, ...env } });
  const code = await run(['doctor', '--json', ...args], io);
  const { ok, findings }: { ok: boolean; findings: Finding[] } = JSON.parse(io.out());
  expect(code).toBe(ok ? 0 : 1);
  return { code, io, findings, of: (check: string) => findings.filter((finding) => finding.check === check) };
}

describe('where nothing runs', () => {
  it('finds a machine that could start Muster, and exits 0', async () => {
    const { code, findings, io } = await examine({});
    const verdicts = Object.fromEntries(findings.map(({ check, verdict }) => [check, verdict]));
    expect(verdicts).toEqual({
      'Node.js': 'ok',
      settings: 'ok',
      ports: 'ok',
      'data folder': 'ok',
      'files folder': 'ok',
      PostgreSQL: 'ok',
      Redis: 'ok',
      credentials: 'ok',
      model: 'ok',
      orchestrator: 'warning',
    });
    expect([code, io.err()]).toEqual([0, '']);
  });

  it('shows a person marks and mends', async () => {
    const io = captureIo({ env: { ...nobody, ORCHESTRATOR_URL: `http://127.0.0.1:${nobody.DASHBOARD_PORT}` } });
    expect(await run(['doctor'], io)).toBe(1);
    expect(io.out()).toMatch(/^✓ {2}Node.js +ok +v\d/m);
    expect(io.out()).toMatch(
      /^✗ {2}orchestrator +wrong .* is not running\n {5}→ start it, or correct ORCHESTRATOR_URL$/m,
    );
    expect(io.err()).toBe('muster: 1 wrong, 0 to be warned of\n');
  });

  it('says which settings are wrong, and looks at nothing else', async () => {
    const { of, findings } = await examine({ AGENT_SLOTS: '0', MUSTER_MODLE: 'x', ORCHESTRATOR_PORT: 'x' });
    expect(of('settings')).toHaveLength(3);
    expect(findings).toHaveLength(4);
  });

  it('says of servers that do not answer where they were sought, without their passwords', async () => {
    const port = await freePort();
    const env = {
      POSTGRES_URL: `postgresql://muster:hunter22@127.0.0.1:${port}/db`,
      REDIS_URL: `redis://:hunter22@127.0.0.1:${port}/0`,
      ANTHROPIC_BASE_URL: `http://127.0.0.1:${port}`,
      ANTHROPIC_API_KEY: 'sk-ant-hunter22',
      MUSTER_MODEL: 'claude',
    };
    const { of, io } = await examine(env);
    for (const check of ['PostgreSQL', 'Redis', 'model'])
      expect(of(check)).toMatchObject([{ verdict: 'wrong', message: expect.stringContaining('ECONNREFUSED') }]);
    expect(io.out()).not.toContain('hunter22');
  });
});

describe('bounds', () => {
  let mute: Server;
  afterEach(() => void mute.close());

  it('waits for nobody who takes connections and says nothing', async () => {
    const sockets = new Set<{ destroy(): void }>();
    mute = createServer((socket) => void sockets.add(socket)).listen(0, '127.0.0.1');
    const address = await new Promise<ReturnType<Server['address']>>((resolve) =>
      mute.once('listening', () => resolve(mute.address())),
    );
    const port = typeof address === 'object' ? address?.port : 0;
    const { examine: look } = await import('../../src/boot/doctor/doctor.ts');
    const url = `http://127.0.0.1:${port}`;
    const env = {
      ...nobody,
      DASHBOARD_PORT: String(port),
      POSTGRES_URL: `postgresql://u@127.0.0.1:${port}/db`,
      REDIS_URL: `redis://127.0.0.1:${port}`,
      ANTHROPIC_BASE_URL: url,
    };
    const findings = await look({ env, orchestrator: { url, isGiven: true, apiKey: undefined }, lookMs: 300 });
    const wrong = findings.filter(({ verdict }) => verdict === 'wrong').map(({ check }) => check);
    expect(wrong).toEqual(['PostgreSQL', 'Redis', 'model', 'orchestrator']);
    expect(findings.find(({ check }) => check === 'ports')?.message).toContain(`${port} is taken`);
    for (const socket of sockets) socket.destroy();
  });
});

describe('where Muster runs', () => {
  let service: Fixture;
  let url: string;
  beforeAll(async () => {
    const access = {
      host: '0.0.0.0',
      rateLimit: null,
      apiKeys: [{ role: 'operate', user_id: 'admin', key: KEY }] as const,
    };
    service = await openFixture({}, { access });
    url = await service.app.listen({ host: '127.0.0.1', port: 0 });
  });
  afterAll(() => service.close());

  it('asks it with the key, and compares the clocks', async () => {
    const { of } = await examine({ MUSTER_API_KEY: KEY }, ['--url', url]);
    expect(of('orchestrator')).toMatchObject([{ verdict: 'ok', message: `${url} is ready` }]);
    expect(of('access')).toMatchObject([{ verdict: 'ok', message: 'the API key of admin, role operate' }]);
    expect(of('agents')).toMatchObject([{ verdict: 'wrong', message: 'none is registered: nothing would be done' }]);
    expect(of('clocks')).toMatchObject([{ verdict: 'ok', message: 'within 2 s of the orchestrator' }]);
  });

  it('asks every agent, and finds its own port in use', async () => {
    await service.deps.bus.putAgent(agent('agent_1', ['data_analysis']), 60_000);
    const env = { MUSTER_API_KEY: KEY, ORCHESTRATOR_PORT: new URL(url).port };
    const { of } = await examine(env);
    expect(of('agents')).toMatchObject([{ verdict: 'warning', message: expect.stringContaining('agent_1') }]);
    expect(of('ports')[0]?.message).toContain(`answered by Muster: ${env.ORCHESTRATOR_PORT} orchestrator`);
  });

  it('says that a key is missing', async () => {
    const { of } = await examine({ ORCHESTRATOR_URL: url });
    expect(of('access')).toMatchObject([{ verdict: 'wrong', mend: expect.stringContaining('MUSTER_API_KEY') }]);
  });

  it('asks the model', async () => {
    const model = await startOfflineModel();
    const { of } = await examine({ ANTHROPIC_BASE_URL: model.url, ANTHROPIC_API_KEY: 'k', MUSTER_MODEL: 'claude' });
    expect(of('model')).toMatchObject([{ verdict: 'ok', message: `claude-sonnet-5-5 answers at ${model.url}/` }]);
    expect(of('credentials')).toMatchObject([{ message: 'ANTHROPIC_API_KEY is set' }]);
    await model.close();
  });
});

describe.skipIf(!postgres || !redis)('on real servers', () => {
  it('says which they are, and makes nothing there', async () => {
    const env = { POSTGRES_URL: postgres?.url ?? '', REDIS_URL: redis?.url ?? '' };
    const first = await examine(env);
    expect(first.of('PostgreSQL')).toMatchObject([
      { verdict: 'ok', message: expect.stringContaining('does not exist') },
    ]);
    expect(first.of('Redis')[0]?.message).toMatch(/^Redis \d+\.\d+\.\d+ at /);
    expect((await examine(env)).of('PostgreSQL')[0]?.message).toContain('does not exist');
  });

  it('knows the schema that a start has made', async () => {
    const { createLogger } = await import('../../src/log.ts');
    const { openPg } = await import('../../src/store/db-pg.ts');
    const { migrate } = await import('../../src/store/migrate.ts');
    const db = await openPg({ url: postgres?.url ?? '', logger: createLogger('silent') });
    const env = { POSTGRES_URL: postgres?.url ?? '' };
    expect((await examine(env)).of('schema')[0]?.message).toContain('empty');
    await migrate(db);
    const done = `up to date (${(await migrationFiles()).length} migrations)`;
    expect((await examine(env)).of('schema')).toMatchObject([{ verdict: 'ok', message: done }]);
    await db.query(`delete from schema_migrations where name like '0001%'`);
    expect((await examine(env)).of('schema')).toMatchObject([{ verdict: 'warning' }]);
    await db.close();
  });
});

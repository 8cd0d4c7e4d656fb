// The separate services on real servers: two orchestrators, agents that prove themselves, a leader that dies.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient as createRedis } from 'redis';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createClient } from '../../src/protocol/client.ts';
import { descendantsOf, freePort, isAlive, type MusterProcess, spawnMuster } from '../support/processes.ts';
import { freshPostgres, freshRedis } from '../support/servers.ts';

const TOKEN = 'the token of this test';
const STARTED = { timeout: 30_000, interval: 50 };

const postgres = await freshPostgres('services');
const redis = await freshRedis('services');
const servers = { POSTGRES_URL: postgres?.url ?? '', REDIS_URL: redis?.url ?? '' };

const processes: MusterProcess[] = [];
async function start(args: string[], settings: Record<string, string>): Promise<MusterProcess> {
  const started = spawnMuster(args, settings);
  processes.push(started);
  await vi.waitFor(() => expect(started.output() + started.errors()).toContain(' is up'), STARTED);
  return started;
}

afterAll(async () => {
  for (const one of processes) one.child.kill('SIGKILL');
  await Promise.all(processes.map((one) => one.exited));
  await postgres?.drop();
  await redis?.flush();
});

it.each([
  ['orchestrator', 'PostgreSQL'],
  ['agent', 'Redis'],
])('an %s that still waits for %s ends when it is told to', async (role, server) => {
  const waiting = spawnMuster([role], {
    POSTGRES_URL: 'postgresql://nobody@127.0.0.1:1/nowhere',
    REDIS_URL: 'redis://127.0.0.1:1',
    MUSTER_MODEL: 'offline',
    AGENT_ID: 'agent_1',
    AGENT_PORT: '0',
    ORCHESTRATOR_PORT: '0',
  });
  processes.push(waiting);
  await vi.waitFor(() => expect(waiting.errors()).toContain(`waiting for ${server}`), STARTED);
  waiting.child.kill('SIGINT');
  expect(await waiting.exited).toBe(0);
  expect(waiting.output()).toContain('Stopped before it was up');
});

describe.skipIf(!postgres || !redis)('separate services', () => {
  let folder: string;
  let urls: string[];
  let orchestrators: MusterProcess[];
  let agents: MusterProcess[];
  let common: Record<string, string>;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'muster-services-'));
    common = {
      ...servers,
      MUSTER_MODEL: 'offline',
      MUSTER_AGENT_TOKEN: TOKEN,
      SHARED_FILES: join(folder, 'files'),
      HEARTBEAT_INTERVAL_MS: '500',
      HEARTBEAT_TTL_MS: '3000',
    };
    const ports = [await freePort(), await freePort()];
    urls = ports.map((port) => `http://127.0.0.1:${port}`);
    orchestrators = await Promise.all(
      ports.map((port) => start(['orchestrator'], { ...common, ORCHESTRATOR_PORT: String(port) })),
    );
    const agent = (id: string, capabilities: string) =>
      start(['agent'], {
        ...common,
        AGENT_ID: id,
        AGENT_CAPABILITIES: capabilities,
        AGENT_PORT: '0',
        ORCHESTRATOR_URL: urls[1] ?? '',
        AGENT_RUNTIME: id === 'agent_sim' ? 'simulate' : 'claude',
      });
    agents = await Promise.all([
      agent('agent_one', 'data_analysis,database_operations'),
      agent('agent_sim', 'code_generation'),
    ]);
  }, 60_000);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('answer at every replica, and work with the real SDKs', async () => {
    const [first, second] = urls.map((url) => createClient({ url }));
    const { task_id } = await first!.submit({ description: 'Calculate factorial of 10' });
    const { task } = await second!.wait(task_id);
    expect(task.status).toBe('completed');
    expect(JSON.stringify(task.result)).toContain('3628800');
  });

  it('let agents work in the workspace without any credentials of PostgreSQL', async () => {
    const client = createClient({ url: urls[0]! });
    const sql = async (text: string) => {
      const { task_id } = await client.submit({ description: `Run this SQL: ${text}` });
      return (await client.wait(task_id)).task;
    };
    expect((await sql('create table towns (name text, people int)')).status).toBe('completed');
    expect((await sql("insert into towns values ('Chur', 38000), ('Arosa', 3000)")).status).toBe('completed');
    expect(JSON.stringify((await sql('select sum(people) as people from towns')).result)).toContain('41000');
  });

  it('refuse orders and questions without the token', async () => {
    const [agent] = await createClient({ url: urls[0]! }).agents();
    const stop = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"subtask_id":"x"}' };
    expect((await fetch(`${agent!.url}/stop`, stop)).status).toBe(401);
    expect((await fetch(`${urls[0]}/search?user_id=u&query=q`)).status).toBe(401);
    expect((await fetch(`${agent!.url}/health`)).status).toBe(200);
  });

  it('never believe an agent that cannot prove the token, whatever it writes to Redis', async () => {
    const client = createClient({ url: urls[0]! });
    const [known] = await client.agents();
    const forger = await createRedis({ url: servers.REDIS_URL }).connect();
    const forged = { ...known, agent_id: 'agent_forged', url: 'http://169.254.169.254' };
    const fields = Object.entries(forged).flatMap(([name, value]) => [name, JSON.stringify(value)]);
    await forger.sendCommand(['HSET', 'agent:agent_forged', ...fields]);
    await forger.sAdd('active_agents', 'agent_forged');
    expect((await client.agents()).map((one) => one.agent_id).sort()).toEqual(['agent_one', 'agent_sim']);
    await forger.del('agent:agent_forged');
    forger.destroy();
  });

  it('go on when the orchestrator that leads is killed', async () => {
    const plan = {
      subtasks: [0, 1, 2].map((nth) => ({
        description: `Simulated step number ${nth}`,
        required_capabilities: ['code_generation' as const],
        dependencies: nth === 0 ? [] : [nth - 1],
        input_data: { duration_ms: 700 },
      })),
    };
    const { task_id } = await createClient({ url: urls[0]! }).submit({ description: 'A chain of steps', plan });
    // Whichever leads: the first is killed and started again, then the second.
    orchestrators[0]!.child.kill('SIGKILL');
    await orchestrators[0]!.exited;
    const { task, subtask_results } = await createClient({ url: urls[1]! }).wait(task_id);
    expect(task.status).toBe('completed');
    expect(subtask_results.filter((result) => result.status === 'completed')).toHaveLength(3);
  });

  it('let an agent leave: it hands back what it runs, and another finishes it', async () => {
    const client = createClient({ url: urls[1]! });
    const { task_id } = await client.submit({
      description: 'One long simulated step',
      plan: {
        subtasks: [
          {
            description: 'Simulated long step',
            required_capabilities: ['code_generation'],
            input_data: { duration_ms: 3_000 },
          },
        ],
      },
    });
    await vi.waitFor(async () => {
      expect((await client.getTask(task_id)).task.subtasks[0]?.status).toBe('running');
    }, STARTED);
    const leaving = agents[1]!;
    const children = descendantsOf(leaving.pid);
    const settings = { ...common, AGENT_CAPABILITIES: 'code_generation', AGENT_PORT: '0', AGENT_RUNTIME: 'simulate' };
    leaving.child.kill('SIGTERM');
    await start(['agent'], { ...settings, AGENT_ID: 'agent_heir' });
    const { task, subtask_results } = await client.wait(task_id);
    expect(await leaving.exited).toBe(0);
    expect(children.filter((child) => isAlive(child.pid))).toEqual([]);
    expect(task.status).toBe('completed');
    expect(subtask_results).toHaveLength(1);
  });
});

describe('a service that lacks what it needs', () => {
  const refusal = async (command: string, settings: Record<string, string>) => {
    const started = spawnMuster([command], settings);
    processes.push(started);
    expect(await started.exited).toBe(1);
    expect(started.errors().trim().split('\n')).toHaveLength(1);
    return started.errors();
  };

  it.each([
    ['orchestrator', {}, 'POSTGRES_URL is not set'],
    ['orchestrator', { POSTGRES_URL: 'postgresql://127.0.0.1/x' }, 'REDIS_URL is not set'],
    [
      'orchestrator',
      { POSTGRES_URL: 'postgresql://127.0.0.1/x', REDIS_URL: 'redis://127.0.0.1' },
      'MUSTER_MODEL=offline',
    ],
    [
      'orchestrator',
      { POSTGRES_URL: 'postgresql://127.0.0.1/x', REDIS_URL: 'redis://127.0.0.1', HOST: '0.0.0.0' },
      'MUSTER_AGENT_TOKEN is not set',
    ],
    ['orchestrator', { POSTGRES_URL: 'mysql://127.0.0.1/x' }, 'POSTGRES_URL'],
    ['agent', {}, 'REDIS_URL is not set'],
    ['agent', { REDIS_URL: 'redis://127.0.0.1' }, 'AGENT_ID is not set'],
    ['agent', { REDIS_URL: 'redis://127.0.0.1', AGENT_ID: 'agent_x' }, 'AGENT_CAPABILITIES is not set'],
    [
      'agent',
      { REDIS_URL: 'redis://127.0.0.1', AGENT_ID: 'agent_1', HOST: '0.0.0.0' },
      'MUSTER_AGENT_TOKEN is not set',
    ],
    ['agent', { REDIS_URL: 'redis://127.0.0.1', AGENT_ID: 'agent_1' }, 'MUSTER_MODEL=offline'],
    [
      'agent',
      { REDIS_URL: 'redis://127.0.0.1', AGENT_ID: 'agent_1', AGENT_CAPABILITIES: 'juggling' },
      'AGENT_CAPABILITIES',
    ],
  ])('%s with %j says what to set, in one line', async (command, settings, words) => {
    expect(await refusal(command, settings)).toContain(words);
  });
});

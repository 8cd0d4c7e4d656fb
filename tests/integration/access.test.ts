// `muster up` where other machines can reach it: it does not start without a key, lets nobody in without one, and gives its
// agents orders that nobody else can give. What it writes holds no secret.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createClient } from '../../src/protocol/client.ts';
import { type MusterProcess, settingsIn, spawnMuster } from '../support/processes.ts';

const STARTED = { timeout: 60_000, interval: 50 };
const KEY = 'f00d'.repeat(16);
vi.setConfig({ testTimeout: 180_000 });

let folder: string;
let settings: Record<string, string>;
let url: string;
const started: MusterProcess[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muster-access-'));
  settings = { ...(await settingsIn(folder)), LOG_LEVEL: 'debug' };
  url = `http://127.0.0.1:${settings.ORCHESTRATOR_PORT}`;
});

afterEach(async () => {
  for (const muster of started.splice(0)) {
    muster.child.kill('SIGKILL');
    await muster.exited;
  }
  await rm(folder, { recursive: true, force: true });
});

async function up(more: Record<string, string>): Promise<MusterProcess> {
  const muster = spawnMuster(['up'], { ...settings, ...more });
  started.push(muster);
  await vi.waitFor(() => expect(muster.output()).toContain('Ctrl-C stops everything'), STARTED);
  return muster;
}

it('does not start beyond loopback without a key, and says in one line what to do', async () => {
  const muster = spawnMuster(['up'], { ...settings, HOST: '0.0.0.0' });
  started.push(muster);
  expect(await muster.exited).toBe(1);
  const [line, ...more] = muster
    .errors()
    .trim()
    .split('\n')
    .filter((text) => !text.startsWith('{'));
  expect(line).toMatch(/^muster: .*HOST 0\.0\.0\.0 is reachable .* set MUSTER_API_KEYS=.*muster keys create/);
  expect(more).toEqual([]);
});

it('works beyond loopback with a key, and writes no secret anywhere', async () => {
  const muster = await up({ HOST: '0.0.0.0', MUSTER_API_KEYS: `operate:admin:${KEY}` });
  expect(muster.output()).toContain('access   with an API key');
  expect((await fetch(`${url}/tasks`)).status).toBe(401);
  const client = createClient({ url, apiKey: KEY });
  const { task_id } = await client.submit({ description: 'Calculate factorial of 10' });
  const { task } = await client.wait(task_id);
  expect(task).toMatchObject({ status: 'completed', user_id: 'admin' });
  const [agent] = await client.agents();
  const order = await fetch(`http://127.0.0.1:${agent?.port}/execute`, { method: 'POST', body: '{}' });
  expect(order.status).toBe(401);
  await fetch(`${url}/tasks`, { headers: { authorization: `Bearer ${KEY}x` } });
  expect(muster.output() + muster.errors()).not.toContain(KEY);
});

it('keeps asking after a restart on loopback, once a key was made there', async () => {
  const first = await up({});
  const { key } = await createClient({ url }).createKey({ role: 'operate', user_id: 'admin' });
  const client = createClient({ url, apiKey: key });
  const { task_id } = await client.submit({ description: 'Calculate factorial of 6' });
  expect((await client.wait(task_id)).task.status).toBe('completed');
  first.child.kill('SIGINT');
  await first.exited;
  const second = await up({});
  expect(second.output()).toContain('access   with an API key');
  await expect(createClient({ url }).listTasks()).rejects.toMatchObject({ status: 401, code: 'unauthorized' });
  expect((await client.listTasks()).tasks.map((task) => task.id)).toEqual([task_id]);
  expect(second.output() + second.errors() + first.output() + first.errors()).not.toContain(key);
});

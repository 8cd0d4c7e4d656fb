// `muster up` as a process: it says what it is, stops when told, refuses a taken port, and survives being killed.
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createClient } from '../../src/protocol/client.ts';
import {
  descendantsOf,
  isAlive,
  type MusterProcess,
  sessionsOf,
  settingsIn,
  spawnMuster,
} from '../support/processes.ts';

const STARTED = { timeout: 60_000, interval: 50 };
vi.setConfig({ testTimeout: 180_000 });

let folder: string;
let settings: Record<string, string>;
let url: string;
const started: MusterProcess[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muster-up-'));
  settings = await settingsIn(folder);
  url = `http://127.0.0.1:${settings.ORCHESTRATOR_PORT}`;
});

afterEach(async () => {
  for (const muster of started.splice(0)) {
    muster.child.kill('SIGKILL');
    await muster.exited;
  }
  await rm(folder, { recursive: true, force: true });
});

async function up(): Promise<MusterProcess> {
  const muster = spawnMuster(['up'], settings);
  started.push(muster);
  await vi.waitFor(() => expect(muster.output() + muster.errors()).toContain('Ctrl-C stops everything'), STARTED);
  return muster;
}

it('says which store, bus and model are in use and where to go', async () => {
  const muster = await up();
  expect(muster.output()).toMatch(/store +embedded PostgreSQL/);
  expect(muster.output()).toMatch(/bus +in memory/);
  expect(muster.output()).toMatch(/model +offline model/);
  expect(muster.output()).toContain(`curl -X POST ${url}/tasks`);
  expect(await createClient({ url }).agents()).toHaveLength(5);
  expect(await (await fetch(`${url}/system`)).json()).toMatchObject({
    store: expect.stringMatching(/^embedded PostgreSQL/),
    bus: 'in memory',
    model: { kind: 'offline' },
    agent_runtime: 'claude',
  });
});

it('stops within 3 s of Ctrl-C in the middle of an attempt, leaving no child process', async () => {
  const muster = await up();
  await createClient({ url }).submit({ description: 'Wait 60 seconds' });
  await vi.waitFor(() => expect(sessionsOf(muster.pid)).not.toEqual([]), STARTED);
  const children = descendantsOf(muster.pid);
  const before = performance.now();
  muster.child.kill('SIGINT');
  expect(await muster.exited).toBe(0);
  expect(performance.now() - before).toBeLessThan(3_000);
  expect(children.filter((child) => isAlive(child.pid))).toEqual([]);
});

it('ends with one line that names the port when it is taken', async () => {
  const blocker = createServer().listen(Number(settings.ORCHESTRATOR_PORT), '127.0.0.1');
  await once(blocker, 'listening');
  const muster = spawnMuster(['up'], settings);
  started.push(muster);
  expect(await muster.exited).toBe(1);
  expect(muster.errors().trim().split('\n')).toHaveLength(1);
  expect(muster.errors()).toContain(settings.ORCHESTRATOR_PORT);
  blocker.close();
});

it('ends, with the agents that did start, when the port of one agent is taken', async () => {
  const blocker = createServer().listen(0, '127.0.0.1');
  await once(blocker, 'listening');
  const taken = (blocker.address() as { port: number }).port;
  const muster = spawnMuster(['up'], { ...settings, AGENT_BASE_PORT: String(taken - 2) });
  started.push(muster);
  expect(await muster.exited).toBe(1);
  expect(muster.errors()).toContain(String(taken));
  blocker.close();
});

it('goes on after Ctrl-C as often as you like: no failure is counted', async () => {
  const plan = {
    subtasks: [{ description: 'Wait 60 seconds', required_capabilities: ['code_generation' as const] }],
  };
  let task_id = '';
  for (const attempt of [1, 2]) {
    const muster = await up();
    const client = createClient({ url });
    if (attempt === 1) task_id = (await client.submit({ description: 'Wait 60 seconds', plan })).task_id;
    await vi.waitFor(async () => {
      expect((await client.getTask(task_id)).task.subtasks[0]).toMatchObject({
        status: 'running',
        attempt,
        failures: 0,
      });
    }, STARTED);
    await vi.waitFor(() => expect(sessionsOf(muster.pid)).not.toEqual([]), STARTED);
    muster.child.kill('SIGINT');
    expect(await muster.exited).toBe(0);
    expect(muster.errors()).toBe('');
  }
});

it('refuses a data folder that another process uses', async () => {
  await up();
  const second = spawnMuster(['up'], { ...settings, ORCHESTRATOR_PORT: '0' });
  started.push(second);
  expect(await second.exited).toBe(1);
  expect(second.errors()).toContain('MUSTER_DATA');
});

it('goes on after SIGKILL in the middle of a task, keeping what was done and running nothing twice', async () => {
  settings.TMPDIR = await mkdtemp(join(folder, 'tmp-'));
  const first = await up();
  const client = createClient({ url });
  const { task_id } = await client.submit({
    description: 'Calculate, wait, and calculate again',
    plan: {
      subtasks: [
        { description: 'Calculate factorial of 6', required_capabilities: ['data_analysis'] },
        {
          description: 'Wait 4 seconds and then say so',
          required_capabilities: ['code_generation'],
          dependencies: [0],
        },
        { description: 'Calculate factorial of 7', required_capabilities: ['data_analysis'], dependencies: [1] },
      ],
    },
  });
  await vi.waitFor(async () => {
    const { task } = await client.getTask(task_id);
    expect(task.subtasks.map((subtask) => subtask.status)).toEqual(['completed', 'running', 'pending']);
  }, STARTED);
  const [kept] = (await client.getTask(task_id)).subtask_results;
  await vi.waitFor(() => expect(sessionsOf(first.pid)).not.toEqual([]), STARTED);
  const children = descendantsOf(first.pid);
  first.child.kill('SIGKILL');
  await first.exited;
  await vi.waitFor(() => expect(children.filter((child) => isAlive(child.pid))).toEqual([]), { timeout: 5_000 });
  await vi.waitFor(
    async () => expect((await readdir(settings.TMPDIR ?? '')).filter((name) => name.startsWith('muster-'))).toEqual([]),
    {
      timeout: 5_000,
    },
  );

  await up();
  const { task, subtask_results } = await client.wait(task_id);
  expect(task.status).toBe('completed');
  const completed = subtask_results.filter((result) => result.status === 'completed');
  expect(completed.map((result) => result.subtask_id).sort()).toEqual(
    task.subtasks.map((subtask) => subtask.id).sort(),
  );
  expect(completed.find((result) => result.subtask_id === kept?.subtask_id)).toEqual(kept);
  expect(JSON.stringify(completed)).toContain('5040');
}, 60_000);

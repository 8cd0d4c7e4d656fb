// The MCP endpoint with everything real around it: a whole Muster that does the work, the MCP client of Claude Code, and two
// orchestrators that have only Redis between them.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { query } from '@anthropic-ai/claude-agent-sdk';
import type { Progress } from '@modelcontextprotocol/sdk/types.js';
import { describe, expect, it, vi } from 'vitest';
import { openRedisBus } from '../../src/bus/redis.ts';
import { createLogger } from '../../src/log.ts';
import { startOfflineModel } from '../../src/offline/server.ts';
import { openDatabase, openFixture } from '../contract/orchestrator-fixture.ts';
import { countSubscriptions } from '../support/counted-bus.ts';
import { connectMcp } from '../support/mcp-client.ts';
import { startMuster } from '../support/muster.ts';
import { freshRedis } from '../support/servers.ts';

const SOON = { timeout: 20_000, interval: 20 };
const KEY = 'k'.repeat(40);
const redis = await freshRedis('mcp');
vi.setConfig({ testTimeout: 120_000 });

it('hands a task to a whole Muster, hears of its progress, and reads the file that an agent wrote', async () => {
  const muster = await startMuster();
  const client = await connectMcp(muster.url);
  const heard: Progress[] = [];
  const onprogress = (progress: Progress) => void heard.push(progress);
  const given = { description: 'Write hello world to a file called hello.txt', wait_seconds: 90 };
  const state = await client.ask('submit_task', given, { onprogress, timeout: 100_000 });
  expect(state).toMatchObject({ status: 'completed', ended: true, summary: expect.stringContaining('hello.txt') });
  expect(heard.at(-1)?.message).toMatch(/planned|of 1 subtasks completed/);
  const { content } = await client.callTool('read_task_file', { task_id: state.task_id, path: 'output/hello.txt' });
  expect(content).toEqual([{ type: 'text', text: expect.stringMatching(/hello world/i) }]);
  expect((await client.ask('list_agents', { available: true })).count).toBe(5);
  await client.close();
  await muster.stop();
});

it('is connected to by Claude Code, which sees the tools of its key', async () => {
  const apiKeys = [{ role: 'submit', user_id: 'ada', key: KEY }] as const;
  const service = await openFixture({}, { access: { host: '0.0.0.0', rateLimit: null, apiKeys } });
  const url = await service.app.listen({ host: '127.0.0.1', port: 0 });
  const model = await startOfflineModel();
  const home = await mkdtemp(join(tmpdir(), 'muster-mcp-'));
  const session = query({
    prompt: 'What is there to do?',
    options: {
      cwd: home,
      model: 'claude-sonnet-4-5',
      permissionMode: 'dontAsk',
      settingSources: [],
      persistSession: false,
      tools: [],
      mcpServers: { muster: { type: 'http', url: `${url}/mcp`, headers: { Authorization: `Bearer ${KEY}` } } },
      strictMcpConfig: true,
      env: {
        PATH: process.env.PATH,
        HOME: home,
        ANTHROPIC_API_KEY: 'offline',
        ANTHROPIC_BASE_URL: model.url,
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      },
    },
  });
  const started = [];
  for await (const message of session)
    if (message.type === 'system' && message.subtype === 'init') started.push(message);
  expect(started).toMatchObject([{ mcp_servers: [{ name: 'muster', status: 'connected' }] }]);
  const names = ['cancel_task', 'get_task', 'list_tasks', 'read_task_file', 'submit_task', 'wait_for_task'];
  expect(started[0]?.tools.toSorted()).toEqual(names.map((name) => `mcp__muster__${name}`));
  await model.close();
  await service.close();
  await rm(home, { recursive: true, force: true, maxRetries: 3 });
});

describe.skipIf(!redis)('two orchestrators on one Redis', () => {
  it('end a wait that is cancelled at the other one', async () => {
    const options = { url: redis?.url ?? '', logger: createLogger('silent') };
    const [here, there] = await Promise.all([openRedisBus(options), openRedisBus(options)]);
    const counted = countSubscriptions(here);
    const db = await openDatabase();
    const waits = await openFixture({ db, bus: counted.bus });
    const hears = await openFixture({ db, bus: there });
    const [url, otherUrl] = await Promise.all(
      [waits, hears].map(({ app }) => app.listen({ host: '127.0.0.1', port: 0 })),
    );
    const balanced: typeof fetch = (input, init) =>
      String(init?.body).includes('notifications/cancelled')
        ? fetch(new URL('/mcp', otherUrl), init)
        : fetch(input, init);
    const client = await connectMcp(url ?? '', { fetch: balanced });
    const { task_id } = await client.ask('submit_task', { description: 'Calculate factorial of 10' });
    const cancel = new AbortController();
    const waiting = client.ask('wait_for_task', { task_id, timeout: 600 }, { signal: cancel.signal });
    const cancelled = expect(waiting).rejects.toThrow();
    await vi.waitFor(() => expect(counted.open('events', 'calls')).toBe(2), SOON);
    cancel.abort();
    await cancelled;
    await vi.waitFor(() => expect(counted.open('events', 'calls')).toBe(0), SOON);
    await client.close();
    for (const service of [waits, hears]) await service.close();
    await Promise.all([here.close(), there.close(), db.close()]);
    await redis?.flush();
  });
});

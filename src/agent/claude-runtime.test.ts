import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createManualClock } from '../../tests/support/manual-clock.ts';
import { systemClock } from '../clock.ts';
import type { LogLevel } from '../domain/log.ts';
import { startOfflineModel } from '../offline/server.ts';
import type { LogMetadata } from './attempt-log.ts';
import type { AttemptRunner, AttemptWork } from './attempt-runner.ts';
import { type ClaudeRuntimeOptions, createClaudeRuntime } from './claude-runtime.ts';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const SHARED_TOOLS = [
  'read_file',
  'list_files',
  'write_file',
  'get_shared_state',
  'set_shared_state',
  'embedding_search',
];
const onLinux = it.skipIf(process.platform !== 'linux');

describe('an attempt with the real Agent SDK and the offline model', () => {
  it('costs nothing when the model is not a paid one, whatever the SDK makes of its name', async () => {
    const { runtime } = await claude(await offline(), { priced: false });
    const { result } = await attempt(runtime, { description: 'Calculate factorial of 4' });
    expect(result.usage).toMatchObject({ cost_usd: 0 });
    expect(result.usage.input_tokens).toBeGreaterThan(0);
  });

  it('completes with what the tools returned, in the form that was asked for', async () => {
    const { runtime } = await claude(await offline());
    const { result, logs } = await attempt(runtime, { description: 'Calculate factorial of 10' });
    expect(result.outcome).toMatchObject({ status: 'completed', output: { success: true } });
    expect(JSON.stringify(result.outcome)).toContain('3628800');
    expect(result.usage.input_tokens).toBeGreaterThan(0);
    expect(result.usage.output_tokens).toBeGreaterThan(0);
    expect(result.usage.cost_usd).toBeGreaterThan(0);
    const kinds = logs.map((line) => line.metadata.kind);
    expect(kinds).toEqual(expect.arrayContaining(['session', 'text', 'tool_call', 'tool_result']));
  });

  it('starts the second attempt in a session that was started ahead, and the first in its own', async () => {
    const { runtime } = await claude(await offline());
    const warm: unknown[] = [];
    for (const attemptNumber of [1, 2, 3]) {
      const { result, logs } = await attempt(runtime, { attempt: attemptNumber });
      expect(result.outcome.status).toBe('completed');
      warm.push(logs.find((line) => line.metadata.kind === 'session')?.metadata.warm);
    }
    expect(warm).toEqual([false, true, true]);
  });

  it('starts each attempt cold when warm sessions are off', async () => {
    const { runtime } = await claude(await offline(), { warmSessions: false });
    for (const attemptNumber of [1, 2]) {
      const { logs } = await attempt(runtime, { attempt: attemptNumber });
      expect(logs.find((line) => line.metadata.kind === 'session')?.metadata.warm).toBe(false);
    }
  });

  onLinux(
    'closes a warm session that is too old, and its memory is free; the next attempt starts its own',
    async () => {
      const clock = createManualClock();
      const { runtime } = await claude(await offline(), { warmIdleMs: 60_000, clock });
      await attempt(runtime, {});
      await vi.waitFor(async () => expect((await sessions()).length).toBe(1), 10_000);
      clock.advance(59_999);
      expect(runtime.sessions?.()).toEqual({ warm: 1, working: 0 });
      clock.advance(1);
      await vi.waitFor(async () => expect(await descendants(process.pid)).toEqual([]), 10_000);
      await vi.waitFor(() => expect(runtime.sessions?.()).toEqual({ warm: 0, working: 0 }), 10_000);
      const { logs } = await attempt(runtime, { attempt: 2 });
      expect(logs.find((line) => line.metadata.kind === 'session')?.metadata.warm).toBe(false);
    },
  );

  onLinux('gives each attempt a session of its own, and nothing of the attempt before it', async () => {
    const model = await scripted(() => handIn({ success: true, summary: 'Done.', data: {} }));
    const { runtime } = await claude(model);
    await attempt(runtime, { description: 'Keep the word aubergine to yourself' });
    await vi.waitFor(async () => expect((await sessions()).length).toBe(1), 10_000);
    const [ahead] = await sessions();
    const both = await Promise.all([2, 3].map((nth) => attempt(runtime, { subtask_id: `subtask_${nth}` })));
    const warm = both.map(({ logs }) => logs.find((line) => line.metadata.kind === 'session')?.metadata.warm);
    expect(warm.toSorted()).toEqual([false, true]);
    expect(model.requests).toHaveLength(3);
    for (const request of model.requests.slice(1)) expect(JSON.stringify(request)).not.toContain('aubergine');
    await vi.waitFor(async () => expect(await sessions()).not.toContain(ahead), 10_000);
  });

  onLinux('keeps no more sessions warm than it may, however many attempts end', async () => {
    const { runtime } = await claude(await offline(), { warmMax: 1 });
    await Promise.all([1, 2, 3].map((nth) => attempt(runtime, { subtask_id: `subtask_${nth}` })));
    expect(runtime.sessions?.().warm).toBe(1);
    await vi.waitFor(async () => expect((await sessions()).length).toBe(1), 10_000);
  });

  onLinux('ends the warm sessions when it is closed, and starts none after that', async () => {
    const { runtime } = await claude(await offline());
    await attempt(runtime, {});
    await vi.waitFor(async () => expect((await sessions()).length).toBe(1), 10_000);
    await runtime.close();
    expect(await descendants(process.pid)).toEqual([]);
    await attempt(runtime, { attempt: 2 });
    expect(runtime.sessions?.().warm).toBe(0);
  });

  onLinux('falls back to a cold start when the warm session has died', async () => {
    const { runtime } = await claude(await offline());
    await attempt(runtime, {});
    await vi.waitFor(async () => expect((await sessions()).length).toBe(1), 10_000);
    for (const pid of await sessions()) process.kill(pid, 'SIGKILL');
    const { result } = await attempt(runtime, { attempt: 2 });
    expect(result.outcome.status).toBe('completed');
  });

  it('makes the folder of the task and tells the model which files lie in it', async () => {
    const model = await scripted(() => handIn({ success: true, summary: 'Done.', data: {} }));
    const { runtime, sharedFiles } = await claude(model);
    await attempt(runtime, {});
    await writeFile(join(sharedFiles, 'task_1', 'input', 'data.csv'), 'a,b\n1,2\n');
    await attempt(runtime, { attempt: 2 });
    expect(await readdir(join(sharedFiles, 'task_1'))).toEqual(['input', 'output']);
    expect(model.userText(0)).not.toContain('<files>');
    expect(model.userText(1)).toContain('<files>\ninput/data.csv 8 bytes\n</files>');
  });
});

describe('an attempt that may use only so much', () => {
  it('is ended by the SDK at its last turn', async () => {
    const { runtime } = await claude(await offline());
    const { result } = await attempt(runtime, { description: 'Calculate factorial of 10', caps: { max_turns: 1 } });
    expect(result.outcome).toMatchObject({ status: 'failed', error_code: 'max_turns' });
    expect(result.usage).toMatchObject({ turns: 1, unknown: [] });
  });

  it('is ended by the SDK when its money is spent', async () => {
    const { runtime } = await claude(await offline());
    const caps = { max_budget_usd: 0.000001 };
    const { result } = await attempt(runtime, { description: 'Calculate factorial of 10', caps });
    expect(result.outcome).toMatchObject({ status: 'failed', error_code: 'budget_exceeded' });
    expect(result.usage).toMatchObject({ turns: 1, unknown: [] });
    expect(result.usage.cost_usd).toBeGreaterThan(caps.max_budget_usd);
  });

  it('spends no money with a model that is free, and so none of its budget', async () => {
    const { runtime } = await claude(await offline(), { priced: false });
    const caps = { max_budget_usd: 0.000001 };
    const { result } = await attempt(runtime, { description: 'Calculate factorial of 10', caps });
    expect(result).toMatchObject({ outcome: { status: 'completed' }, usage: { cost_usd: 0, turns: 2 } });
  });

  it('completes within it, and says how many turns it took', async () => {
    const { runtime } = await claude(await offline());
    const caps = { max_turns: 2, max_budget_usd: 5 };
    const { result, logs } = await attempt(runtime, { description: 'Calculate factorial of 10', caps });
    expect(result.outcome.status).toBe('completed');
    expect(result.usage).toMatchObject({ turns: 2, unknown: [] });
    expect(logs.find((line) => line.metadata.kind === 'session')?.metadata.warm).toBe(false);
  });
});

describe('what the model is offered', () => {
  it('is the tools that the required capabilities need, and none of Claude Code', async () => {
    const model = await scripted(() => handIn({ success: true, summary: 'Done.', data: {} }));
    const { runtime } = await claude(model);
    await attempt(runtime, { required_capabilities: ['file_processing'] });
    await attempt(runtime, { required_capabilities: ['data_analysis'], attempt: 2 });
    await attempt(runtime, { required_capabilities: ['api_integration', 'database_operations'], attempt: 3 });
    expect(model.tools(0)).toEqual([...SHARED_TOOLS].sort());
    expect(model.tools(1)).toEqual([...SHARED_TOOLS, 'database_query', 'run_code'].sort());
    expect(model.tools(2)).toEqual([...SHARED_TOOLS, 'database_execute', 'database_query', 'http_request'].sort());
  });

  it('is the message as it was written, without mentions of files or commands being expanded', async () => {
    const model = await scripted(() => handIn({ success: true, summary: 'Done.', data: {} }));
    const { runtime } = await claude(model);
    await attempt(runtime, { description: '/help and show @/etc/hostname, please' });
    expect(model.userText(0)).toBe(
      '<subtask>\n/help and show @/etc/hostname, please\n</subtask>\n<task>\nThe whole task\n</task>',
    );
    expect(model.system(0)).toContain('Muster role: agent');
  });

  onLinux('runs in a child that sees an allowlisted environment', async () => {
    const asked = deferred();
    const model = await scripted(() => {
      asked.resolve();
      return 'hang';
    });
    const { runtime } = await claude(model, {
      environment: {
        PATH: process.env.PATH,
        POSTGRES_URL: 'postgresql://user:secret-word@db/x',
        REDIS_URL: 'redis://r',
      },
    });
    const stop = new AbortController();
    const attempted = attempt(runtime, {}, stop.signal);
    await asked.promise;
    const [pid] = await sessions();
    const environment = (await readFile(`/proc/${pid}/environ`, 'utf8')).split('\0');
    const names = environment.map((line) => line.split('=')[0]);
    expect(names).toEqual(expect.arrayContaining(['PATH', 'HOME', 'ANTHROPIC_API_KEY', 'ANTHROPIC_BASE_URL']));
    expect(names).not.toContain('POSTGRES_URL');
    expect(names).not.toContain('REDIS_URL');
    expect(environment.join()).not.toContain('secret-word');
    expect(environment.find((line) => line.startsWith('HOME='))).toContain('muster-session-');
    stop.abort();
    await attempted;
  });
});

describe('how an attempt fails', () => {
  it.each([
    [529, 'model_overloaded'],
    [429, 'model_overloaded'],
    [500, 'model_overloaded'],
    [401, 'model_rejected'],
  ] as const)('reports status %i of the model as %s after one request', async (status, error_code) => {
    const model = await scripted(() => status);
    const { runtime } = await claude(model);
    const { result } = await attempt(runtime, {});
    expect(result.outcome).toMatchObject({ status: 'failed', error_code });
    expect(model.requests).toHaveLength(1);
  });

  it('reports a model that cannot be reached as overloaded, so that it is tried again', async () => {
    const { runtime } = await claude({ url: `http://127.0.0.1:${await closedPort()}` });
    const { result } = await attempt(runtime, {});
    expect(result.outcome).toMatchObject({ status: 'failed', error_code: 'model_overloaded' });
  });

  it('reports a refusal as refused, without asking again', async () => {
    const model = await scripted(() => ({ content: [{ type: 'text', text: 'I will not.' }], stop: 'refusal' }));
    const { runtime } = await claude(model);
    const { result } = await attempt(runtime, {});
    expect(result.outcome).toMatchObject({ status: 'failed', error_code: 'model_refused' });
    expect(model.requests).toHaveLength(1);
  });

  it('reports success false as unsuccessful, with the summary for the reason', async () => {
    const model = await scripted(() => handIn({ success: false, summary: 'There is no such file.', data: {} }));
    const { runtime } = await claude(model);
    const { result } = await attempt(runtime, {});
    expect(result.outcome).toEqual({ status: 'failed', error_code: 'unsuccessful', error: 'There is no such file.' });
  });

  it('reports plain text instead of a result as a crash', async () => {
    const model = await scripted(() => ({ content: [{ type: 'text', text: 'Here you are.' }], stop: 'end_turn' }));
    const { runtime } = await claude(model);
    const { result } = await attempt(runtime, {});
    expect(result.outcome).toMatchObject({ status: 'failed', error_code: 'crashed' });
  });

  it('stops an agent that repeats the same failing call', async () => {
    const model = await scripted(() => callTool('read_file', { path: 'input/nothing.txt' }));
    const { runtime } = await claude(model);
    const { result } = await attempt(runtime, {});
    expect(result.outcome).toMatchObject({ status: 'failed', error_code: 'unsuccessful' });
    expect(JSON.stringify(result.outcome)).toMatch(/same failing call to read_file 3 times/);
    // The child may ask once more before it is killed.
    expect(model.requests.length).toBeLessThan(6);
    expect(result.usage.input_tokens).toBe(30);
  });

  onLinux('reports a child that was killed as a crash', async () => {
    const asked = deferred();
    const model = await scripted(() => {
      asked.resolve();
      return 'hang';
    });
    const { runtime } = await claude(model);
    const attempted = attempt(runtime, {});
    await asked.promise;
    for (const pid of await sessions()) process.kill(pid, 'SIGKILL');
    expect((await attempted).result.outcome).toMatchObject({ status: 'failed', error_code: 'crashed' });
  });

  it('reports a session that cannot be started as a crash that says why', async () => {
    const { runtime } = await claude(await offline(), { environment: {}, sharedFiles: '/dev/null/nowhere' });
    const { result } = await attempt(runtime, {});
    expect(result.outcome).toMatchObject({
      status: 'failed',
      error_code: 'crashed',
      error: expect.stringMatching(/ENOTDIR/),
    });
  });
});

describe('stopping', () => {
  onLinux('ends the model call and every process of the attempt well within five seconds', async () => {
    const asked = deferred();
    const model = await scripted(() => {
      asked.resolve();
      return 'hang';
    });
    const { runtime } = await claude(model);
    const stop = new AbortController();
    const attempted = attempt(runtime, {}, stop.signal);
    await asked.promise;
    const pids = await descendants(process.pid);
    expect(pids.length).toBeGreaterThan(1);
    const abortedAt = performance.now();
    stop.abort();
    await attempted;
    await model.hungUp;
    await vi.waitFor(async () => expect(await alive(pids)).toEqual([]), { timeout: 5_000, interval: 20 });
    expect(performance.now() - abortedAt).toBeLessThan(2_000);
  });

  it('before the session is up ends the attempt at once', async () => {
    const { runtime } = await claude(await offline());
    const stop = new AbortController();
    const attempted = attempt(runtime, {}, stop.signal);
    setImmediate(() => stop.abort());
    const startedAt = performance.now();
    expect((await attempted).result.outcome.status).toBe('failed');
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });

  it('before the attempt begins starts nothing', async () => {
    const { runtime } = await claude(await offline(), { warmSessions: false });
    const { result, logs } = await attempt(runtime, {}, AbortSignal.abort());
    expect(result.outcome.status).toBe('failed');
    expect(logs).toEqual([]);
  });

  onLinux('an agent process by SIGKILL leaves no child and no open model call behind', async () => {
    const asked = deferred();
    const model = await scripted(() => {
      asked.resolve();
      return 'hang';
    });
    const script = await compiledParent();
    const parent = execFile(process.execPath, [script, model.url], {
      env: { ...process.env, TMPDIR: dirname(script) },
    });
    await asked.promise;
    const children = await descendants(parent.pid ?? 0);
    expect(children.length).toBeGreaterThan(1);
    parent.kill('SIGKILL');
    await once(parent, 'exit');
    await model.hungUp;
    await vi.waitFor(async () => expect(await alive(children)).toEqual([]), { timeout: 5_000, interval: 20 });
  });
});

/** A runtime that is closed, with its folder, when the test is over. */
async function claude(model: { url: string }, changes: Partial<ClaudeRuntimeOptions> = {}) {
  const sharedFiles = await temporaryFolder();
  const runtime = createClaudeRuntime({
    model: 'claude-sonnet-5-5',
    permissionMode: 'dontAsk',
    environment: { PATH: process.env.PATH, TMPDIR: process.env.TMPDIR },
    credentials: { apiKey: 'offline', baseUrl: model.url },
    sharedFiles,
    clock: systemClock,
    warmSessions: true,
    warmMax: 4,
    warmIdleMs: 60_000,
    priced: true,
    ports: {
      state: { get: async () => null, set: async () => ({ ok: true, version: 1 }) },
      workspace: {
        query: async () => ({ columns: [], rows: [], rowCount: 0, truncated: false }),
        execute: async () => ({ command: 'INSERT', rowCount: 0 }),
      },
      search: async () => [],
      httpAllow: [],
    },
    ...changes,
  });
  onTestFinished(async () => {
    await runtime.close();
    if (process.platform === 'linux') expect(await sessions()).toEqual([]);
  });
  return { runtime, sharedFiles };
}

async function offline() {
  const model = await startOfflineModel();
  onTestFinished(() => model.close());
  return model;
}

async function temporaryFolder(): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'muster-test-')));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function attempt(runtime: AttemptRunner, changes: Partial<AttemptWork>, signal = new AbortController().signal) {
  const logs: { level: LogLevel; message: string; metadata: LogMetadata }[] = [];
  const work: AttemptWork = {
    task_id: 'task_1',
    subtask_id: 'subtask_1',
    attempt: 1,
    user_id: 'default_user',
    task_description: 'The whole task',
    description: 'Calculate 2 + 2',
    required_capabilities: ['data_analysis'],
    input_data: {},
    dependencies: [],
    caps: {},
    ...changes,
  };
  const result = await runtime.run(work, signal, (level, message, metadata) => logs.push({ level, message, metadata }));
  return { result, logs };
}

type Block = { type: 'text'; text: string } | { type: 'tool_use'; name: string; input: object };
type Script = 'hang' | number | { content: Block[]; stop: string };
interface ModelRequest {
  system: { text: string }[];
  messages: { role: string; content: string | { type: string; text?: string }[] }[];
  tools: { name: string }[];
}

const callTool = (name: string, input: object): Script => ({
  content: [{ type: 'tool_use', name: `mcp__muster__${name}`, input }],
  stop: 'tool_use',
});
const handIn = (input: object): Script => ({
  content: [{ type: 'tool_use', name: 'StructuredOutput', input }],
  stop: 'tool_use',
});

/** The Messages API with answers written by the test, for what the offline model does not do on request. */
async function scripted(script: () => Script) {
  const requests: ModelRequest[] = [];
  const hungUp = deferred();
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    requests.push(JSON.parse(Buffer.concat(chunks).toString()));
    response.on('close', () => {
      if (!response.writableEnded) hungUp.resolve();
    });
    answer(response, script(), requests.length);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
  });
  const textsOf = (request: ModelRequest | undefined) =>
    (request?.messages ?? [])
      .filter((message) => message.role === 'user')
      .flatMap(({ content }) => (typeof content === 'string' ? [content] : content.map((block) => block.text ?? '')));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    /** Resolves when a client gave up on an answer that was still open. */
    hungUp: hungUp.promise,
    userText: (index: number) => textsOf(requests[index])[0],
    system: (index: number) => requests[index]?.system.map((block) => block.text).join('\n'),
    tools: (index: number) =>
      requests[index]?.tools
        .map((tool) => tool.name)
        .filter((name) => name.startsWith('mcp__') || /^(Bash|Read|Write|Edit|Task|Agent|WebFetch|Skill)/.test(name))
        .map((name) => name.replace('mcp__muster__', ''))
        .sort(),
  };
}

function answer(response: ServerResponse, script: Script, count: number): void {
  if (script === 'hang') return;
  if (typeof script === 'number') {
    response.writeHead(script, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ type: 'error', error: { type: 'api_error', message: `Scripted ${script}` } }));
    return;
  }
  const send = (type: string, data: object) =>
    response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`);
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  send('message_start', {
    message: {
      id: `msg_${count}`,
      type: 'message',
      role: 'assistant',
      model: 'scripted',
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: { input_tokens: 10, output_tokens: 1, cache_creation_input_tokens: 0, cache_read_input_tokens: 0 },
    },
  });
  script.content.forEach((block, index) => {
    const isText = block.type === 'text';
    send('content_block_start', {
      index,
      content_block: isText ? { type: 'text', text: '' } : { ...block, id: `toolu_${count}_${index}`, input: {} },
    });
    send('content_block_delta', {
      index,
      delta: isText
        ? { type: 'text_delta', text: block.text }
        : { type: 'input_json_delta', partial_json: JSON.stringify(block.input) },
    });
    send('content_block_stop', { index });
  });
  send('message_delta', { delta: { stop_reason: script.stop, stop_sequence: null }, usage: { output_tokens: 5 } });
  send('message_stop', {});
  response.end();
}

function deferred() {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

interface ProcessRow {
  pid: number;
  parent: number;
  zombie: boolean;
  command: string;
}

async function processes(): Promise<ProcessRow[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const rows = await Promise.all(
    pids.map(async (pid) => {
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
      const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
      const [state, parent] = stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? [];
      return stat ? [{ pid: Number(pid), parent: Number(parent), zombie: state === 'Z', command }] : [];
    }),
  );
  return rows.flat();
}

/** Live processes below `pid`, its children's children too. */
async function descendants(pid: number): Promise<number[]> {
  const rows = (await processes()).filter((row) => !row.zombie);
  const below = (parent: number): number[] =>
    rows.filter((row) => row.parent === parent).flatMap((row) => [row.pid, ...below(row.pid)]);
  return below(pid);
}

/** The Claude Code processes of this test. */
async function sessions(): Promise<number[]> {
  const mine = await descendants(process.pid);
  const rows = await processes();
  return rows
    .filter(
      (row) => mine.includes(row.pid) && row.command.includes('stream-json') && !row.command.startsWith('/bin/sh'),
    )
    .map((row) => row.pid);
}

async function alive(pids: readonly number[]): Promise<number[]> {
  return (await processes()).filter((row) => pids.includes(row.pid) && !row.zombie).map((row) => row.pid);
}

/** A script that opens a session on our real code, compiled, and waits in its model call. */
async function compiledParent(): Promise<string> {
  const folder = await temporaryFolder();
  const config = join(folder, 'tsconfig.json');
  await writeFile(
    config,
    JSON.stringify({
      extends: join(ROOT, 'tsconfig.build.json'),
      compilerOptions: {
        outDir: join(folder, 'out'),
        rootDir: join(ROOT, 'src'),
        declaration: false,
        sourceMap: false,
        typeRoots: [join(ROOT, 'node_modules/@types')],
      },
      include: [],
      files: [join(ROOT, 'src/agent/session.ts')],
    }),
  );
  await run(join(ROOT, 'node_modules/.bin/tsc'), ['-p', config]);
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  const script = join(folder, 'parent.js');
  await writeFile(
    script,
    `import { Session } from './out/agent/session.js';
     import { createSdkMcpServer } from '@anthropic-ai/claude-agent-sdk';
     const session = new Session({ model: 'claude-sonnet-5-5', permissionMode: 'dontAsk', environment: process.env,
       credentials: { apiKey: 'offline', baseUrl: process.argv[2] } });
     for await (const _ of session.ask('Hello', createSdkMcpServer({ name: 'muster', version: '1.0.0', tools: [] })));`,
  );
  return script;
}

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CAPABILITIES } from '../../domain/capability.ts';
import { grantedTools, type ToolName } from './grants.ts';
import type { ToolContext } from './ports.ts';
import { createToolServer, modelToolName } from './tool-server.ts';

let folder: string;
let abort: AbortController;
let asked: unknown[];
let client: Client | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tool-server-'));
  abort = new AbortController();
  asked = [];
});

afterEach(async () => {
  await client?.close();
  await rm(folder, { recursive: true, force: true });
});

/** Ports as plain as they can be: shared state in a Map, and answers that show what they were asked. */
function context(): ToolContext {
  const entries = new Map<string, { value: unknown; version: number }>();
  return {
    taskId: 'task_1',
    userId: 'ann',
    subtaskId: 'subtask_1',
    folder,
    state: {
      get: async (taskId, key) => entries.get(`${taskId} ${key}`) ?? null,
      set: async ({ taskId, key, value, expectedVersion }) => {
        const version = entries.get(`${taskId} ${key}`)?.version ?? 0;
        if (expectedVersion !== undefined && expectedVersion !== version) return { ok: false, version };
        entries.set(`${taskId} ${key}`, { value, version: version + 1 });
        return { ok: true, version: version + 1 };
      },
    },
    workspace: {
      query: async (sql) => {
        asked.push(sql);
        if (sql === 'hang') return new Promise(() => {});
        if (sql === 'fail') throw new Error('relation "x" does not exist');
        const rows = Array.from({ length: Number(sql) || 1 }, (_, n) => ({ n, text: 'x'.repeat(1000) }));
        return { columns: ['n', 'text'], rows, rowCount: rows.length, truncated: false };
      },
      execute: async () => ({ command: 'INSERT', rowCount: 2 }),
    },
    search: async (question) => {
      asked.push(question);
      const hit = { task_id: 'task_0', source: 'result', title: 'T', excerpt: 'e'.repeat(5000), score: 0.5 };
      return Array.from({ length: 30 }, () => hit);
    },
    httpAllow: [],
    signal: abort.signal,
  };
}

async function connect(names: ToolName[] = grantedTools(CAPABILITIES)): Promise<Client> {
  const config = createToolServer(context(), names);
  const [ours, theirs] = InMemoryTransport.createLinkedPair();
  client = new Client({ name: 'test', version: '1' });
  await Promise.all([config.instance.connect(ours), client.connect(theirs)]);
  return client;
}

async function call(name: string, input: Record<string, unknown>, options = {}) {
  const connected = client ?? (await connect());
  const { content, isError } = await connected.callTool({ name, arguments: input }, undefined, options);
  const [block] = content as { text: string }[];
  return isError ? { error: block?.text } : JSON.parse(block?.text ?? '');
}

afterEach(() => {
  client = undefined;
});

describe('the server', () => {
  it('is named muster and offers exactly the granted tools, always loaded, each described', async () => {
    expect(createToolServer(context(), [])).toMatchObject({ type: 'sdk', name: 'muster' });
    const names = grantedTools(['file_processing']);
    const { tools } = await (await connect(names)).listTools();
    expect(tools.map((tool) => tool.name)).toEqual(names);
    for (const tool of tools) {
      expect(tool.description?.length).toBeGreaterThan(40);
      expect(tool._meta).toEqual({ 'anthropic/alwaysLoad': true });
    }
  });

  it('describes input so that a model need not give what has a default', async () => {
    const { tools } = await (await connect()).listTools();
    const required = Object.fromEntries(tools.map((tool) => [tool.name, tool.inputSchema.required ?? []]));
    expect(required).toEqual({
      read_file: ['path'],
      list_files: [],
      write_file: ['path', 'content'],
      get_shared_state: ['key'],
      set_shared_state: ['key', 'value'],
      embedding_search: ['query'],
      database_query: ['sql'],
      database_execute: ['sql'],
      run_code: ['code'],
      http_request: ['url'],
    });
  });

  it('answers wrong input with the field, the value and the mend', async () => {
    expect(await call('read_file', { path: 7 })).toEqual({
      error: expect.stringMatching(/^path: .*expected string.*, not 7\. The fields are: path, offset, limit$/),
    });
  });

  it('refuses a tool that is not granted, and says which are', async () => {
    await connect(['read_file', 'list_files']);
    expect(await call('run_code', { code: '1' })).toEqual({
      error: 'tool: "run_code" is not granted to this subtask; choose one of: read_file, list_files',
    });
  });

  it('ends a running call when the attempt ends', async () => {
    const running = call('database_query', { sql: 'hang' });
    await expect.poll(() => asked).toEqual(['hang']);
    abort.abort();
    expect(await running).toEqual({ error: 'database_query was stopped: the subtask is over' });
  });

  it('lets the client give up a call', async () => {
    await connect();
    const giveUp = new AbortController();
    const running = call('run_code', { code: 'while (true) {}' }, { signal: giveUp.signal });
    giveUp.abort('enough');
    await expect(running).rejects.toThrow('enough');
    expect(await call('run_code', { code: '1 + 1' })).toMatchObject({ result: 2 });
  });

  it('knows the name by which the model calls a tool', () => {
    expect(modelToolName('run_code')).toBe('mcp__muster__run_code');
  });
});

describe('through the protocol', () => {
  it('files are written, listed and read', async () => {
    await writeFile(join(folder, 'plain.txt'), '"text"');
    expect(await call('write_file', { path: 'x.txt', content: 'hello' })).toEqual({ path: 'output/x.txt', bytes: 5 });
    expect(await call('list_files', {})).toEqual([
      { path: 'output/x.txt', bytes: 5 },
      { path: 'plain.txt', bytes: 6 },
    ]);
    expect(await call('read_file', { path: 'plain.txt' })).toBe('text');
    expect(await call('read_file', { path: '../x' })).toEqual({ error: expect.stringContaining('contains ..') });
  });

  it('shared state is versioned, and a conflict says the current version', async () => {
    expect(await call('get_shared_state', { key: 'k' })).toEqual({ key: 'k', value: null, version: 0 });
    expect(await call('set_shared_state', { key: 'k', value: { a: [1] }, expected_version: 0 })).toEqual({
      key: 'k',
      version: 1,
    });
    expect(await call('set_shared_state', { key: 'k', value: null })).toEqual({ key: 'k', version: 2 });
    expect(await call('set_shared_state', { key: 'k', value: 1, expected_version: 1 })).toEqual({
      error: expect.stringMatching(/^expected_version: 1 is not the version of key "k", which is 2 now; read it again/),
    });
    expect(await call('get_shared_state', { key: 'k' })).toEqual({ key: 'k', value: null, version: 2 });
  });

  it.each([
    [{ key: 'a b', value: 1 }, /^key: 1 to 200 characters.*, not "a b"/],
    [{ key: '', value: 1 }, /^key: /],
    [{ key: 'k'.repeat(201), value: 1 }, /^key: /],
    [{ key: 'k' }, /^value: /],
    [{ key: 'k', value: 'é'.repeat(40_000) }, /^value: 80002 bytes of JSON are over the limit of 65536/],
    [{ key: 'k', value: 1, expected_version: -1 }, /^expected_version: /],
  ])('shared state refuses %j', async (input, reason) => {
    expect((await call('set_shared_state', input)).error).toMatch(reason);
  });

  it('search asks for the same user only, five matches unless told, with short excerpts', async () => {
    const hits = await call('embedding_search', { query: ' weather ' });
    expect(asked).toEqual([{ userId: 'ann', query: 'weather', limit: 5 }]);
    expect(hits).toHaveLength(5);
    expect(hits[0]).toEqual({ task_id: 'task_0', source: 'result', title: 'T', excerpt: 'e'.repeat(2000), score: 0.5 });
    expect(await call('embedding_search', { query: 'x', limit: 20 })).toHaveLength(20);
    expect((await call('embedding_search', { query: 'x', limit: 21 })).error).toMatch(/^limit: .*, not 21/);
    expect((await call('embedding_search', { query: '  ' })).error).toMatch(/^query: /);
  });

  it('SQL is answered by the workspace, in rows that fit', async () => {
    const answer = await call('database_query', { sql: '2' });
    expect(answer).toMatchObject({ columns: ['n', 'text'], row_count: 2, truncated: false });
    const long = await call('database_query', { sql: '500' });
    expect(long.truncated).toBe(true);
    expect(long.rows).toHaveLength(long.row_count);
    expect(long.row_count).toBeGreaterThan(80);
    expect(await call('database_query', { sql: 'fail' })).toEqual({
      error: 'database_query failed: relation "x" does not exist',
    });
    expect(await call('database_execute', { sql: 'insert' })).toEqual({ command: 'INSERT', row_count: 2 });
  });

  it('code runs, and its errors are errors', async () => {
    const factorial = 'let f = 1n; for (let i = 1n; i <= 10n; i++) f *= i; f';
    expect(await call('run_code', { code: factorial })).toMatchObject({ result: '3628800', logs: [] });
    expect(await call('run_code', { code: 'input.x', input: { x: 1 } })).toMatchObject({ result: 1 });
    expect(await call('run_code', { code: 'nope' })).toEqual({
      error: "code: ReferenceError: 'nope' is not defined (line 1)",
    });
  });

  it('private addresses are refused', async () => {
    expect((await call('http_request', { url: 'http://169.254.169.254/' })).error).toMatch(
      /^url: 169\.254\.169\.254 is not a public address/,
    );
  });
});

// POST /mcp as MCP clients use it: the tools, their answers and refusals, who may call which, and how a wait ends.
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Progress } from '@modelcontextprotocol/sdk/types.js';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createMemoryBus } from '../../src/bus/memory.ts';
import { systemClock } from '../../src/clock.ts';
import { createTaskBody, listTasksQuery } from '../../src/protocol/api.ts';
import { finishAttempts } from '../../src/store/attempts.ts';
import { completeTask } from '../../src/store/task-completion.ts';
import { ACCESS, KEYS } from '../support/api-keys.ts';
import { countSubscriptions } from '../support/counted-bus.ts';
import { gate } from '../support/gate.ts';
import { connectMcp, type McpClient } from '../support/mcp-client.ts';
import { agent, claimReady, completed, type Fixture, failed, openFixture, planOf } from './orchestrator-fixture.ts';

const DESCRIPTION = 'Calculate factorial of 10';
const UNKNOWN = 'task_00000000000000000000';
const TWO_STEPS = planOf([
  { description: 'Read what is there' },
  { description: 'Write what follows', dependencies: [0] },
]);
const SOON = { timeout: 10_000, interval: 10 };

const counted = countSubscriptions(createMemoryBus(systemClock));
let service: Fixture;
let url: string;
const clients = {} as Record<keyof typeof KEYS, McpClient>;
beforeAll(async () => {
  service = await openFixture({ bus: counted.bus }, { access: ACCESS });
  url = await service.app.listen({ host: '127.0.0.1', port: 0 });
  for (const [who, key] of Object.entries(KEYS)) clients[who as keyof typeof KEYS] = await connectMcp(url, { key });
});
afterAll(async () => {
  for (const client of Object.values(clients)) await client.close();
  await service.close();
  await counted.bus.close();
});

/** Subscriptions of the calls that wait. */
const waits = () => counted.open('events', 'calls');

/** Runs what is ready, as an agent would. */
async function work(taskId: string, reportOf = completed, { db, bus } = service.deps): Promise<void> {
  const attempts = await claimReady(db, taskId);
  const reports = attempts.map((attempt) => reportOf(attempt));
  const { toSummarise } = await finishAttempts(db, reports, Math.random);
  for (const id of toSummarise) await completeTask(db, id, 'the summary');
  await bus.notify('events', { task_ids: [taskId] });
}

async function submit(given: Record<string, unknown> = {}, who: keyof typeof KEYS = 'ada'): Promise<string> {
  const { task_id } = await clients[who].ask('submit_task', { description: DESCRIPTION, ...given });
  await vi.waitFor(async () => {
    expect((await clients[who].ask('get_task', { task_id })).status).not.toBe('pending');
  }, SOON);
  return task_id;
}

describe('the list of tools', () => {
  const namesFor = async (who: keyof typeof KEYS) =>
    (await clients[who].client.listTools()).tools.map(({ name }) => name);

  it('has those that the role allows', async () => {
    const reading = ['get_task', 'wait_for_task', 'list_tasks', 'read_task_file'];
    const submitting = ['submit_task', 'get_task', 'wait_for_task', 'list_tasks', 'cancel_task', 'read_task_file'];
    expect(await namesFor('adaReads')).toEqual(reading);
    expect(await namesFor('ada')).toEqual(submitting);
    expect(await namesFor('operator')).toEqual([...submitting.slice(0, 5), 'list_agents', 'read_task_file']);
  });

  it('is short, and knows every parameter of the HTTP API', async () => {
    const { tools } = await clients.operator.client.listTools();
    expect(JSON.stringify(tools).length).toBeLessThan(6_000);
    const argumentsOf = (name: string) =>
      Object.keys(tools.find((tool) => tool.name === name)?.inputSchema.properties ?? {});
    expect(argumentsOf('submit_task')).toEqual(expect.arrayContaining(Object.keys(createTaskBody.shape)));
    expect(argumentsOf('list_tasks').sort()).toEqual(Object.keys(listTasksQuery.shape).sort());
    for (const { inputSchema, annotations } of tools) {
      expect(inputSchema).toMatchObject({ type: 'object', additionalProperties: false });
      expect(annotations?.readOnlyHint).toBeTypeOf('boolean');
    }
  });

  it('comes with word of how to use it', () => {
    expect(clients.ada.client.getInstructions()).toMatch(/submit_task.*wait_for_task/);
    expect(clients.ada.client.getServerVersion()?.name).toBe('muster');
  });
});

describe('submit_task', () => {
  it('stores a task for the user of the key, and answers at once', async () => {
    const state = await clients.ada.ask('submit_task', {
      description: `  ${DESCRIPTION}  `,
      budget_usd: 0.5,
      max_turns: 9,
    });
    expect(state).toMatchObject({ user_id: 'ada', description: DESCRIPTION, ended: false, summary: null });
    const { body } = await service.app
      .inject({ url: `/tasks/${state.task_id}`, headers: { authorization: `Bearer ${KEYS.ada}` } })
      .then((answer) => ({ body: answer.json() }));
    expect(body.task).toMatchObject({ user_id: 'ada', budget_usd: 0.5, max_turns: 9 });
  });

  it('runs a given plan, with files that agents find', async () => {
    const plan = { subtasks: [{ description: 'Count the lines', required_capabilities: ['file_processing'] }] };
    const task_id = await submit({ plan, files: [{ name: '../notes.txt', text: 'läuft' }] });
    const { subtasks } = await clients.ada.ask('get_task', { task_id });
    expect(subtasks).toMatchObject([{ position: 0, description: 'Count the lines', status: 'ready' }]);
    const { content } = await clients.ada.callTool('read_task_file', { task_id, path: 'input/notes.txt' });
    expect(content).toEqual([{ type: 'text', text: 'läuft' }]);
  });

  it('answers a repeated call with the first task', async () => {
    const again = { idempotency_key: 'once' };
    expect(await submit(again)).toBe(await submit(again));
    const other = { ...again, description: 'Calculate factorial of 11' };
    expect(await clients.ada.refusal('submit_task', other)).toMatchObject({ code: 'idempotency_conflict' });
  });

  it('waits for the end when asked to, telling that it is planned and then how far it is', async () => {
    const planned = gate();
    service.planner.planWith = async () => {
      await planned.passed;
      return { plan: TWO_STEPS, source: 'model' };
    };
    const heard: Progress[] = [];
    const onprogress = (progress: Progress) => void heard.push(progress);
    const given = { description: DESCRIPTION, wait_seconds: 60 };
    const waiting = clients.ada.ask('submit_task', given, { onprogress });
    const until = (message: string) => vi.waitFor(() => expect(heard.at(-1)?.message).toBe(message), SOON);
    await until('the task is being planned');
    expect(heard).toEqual([{ progress: 0, message: 'the task is being planned' }]);
    planned.open();
    await until('0 of 2 subtasks completed');
    const [newest] = (await clients.ada.ask('list_tasks', { limit: 1 })).tasks;
    await work(newest.task_id);
    await until('1 of 2 subtasks completed');
    await work(newest.task_id);
    const state = await waiting;
    expect(state).toMatchObject({ status: 'completed', ended: true, summary: 'the summary', subtasks_completed: 2 });
    // Between two of these it may hear that one runs.
    const steps = heard.map(({ progress, total }) => `${Math.floor(progress)} of ${total ?? 'unknown'}`);
    expect([...new Set(steps)]).toEqual(['0 of unknown', '0 of 2', '1 of 2']);
    // The protocol: each is more than the last.
    for (const [nth, { progress }] of heard.entries()) expect(progress).toBeGreaterThan(heard[nth - 1]?.progress ?? -1);
  });
});

describe('wrong arguments', () => {
  const wrong = [
    ['submit_task', {}, 'description', 'description is missing: say in plain language what should be done'],
    ['submit_task', { description: 'Add' }, 'description', /has 3 characters .* 10 to 5000 are allowed: say what/],
    [
      'submit_task',
      { description: DESCRIPTION, descripton: 'x' },
      'descripton',
      /no argument .* did you mean description\?/,
    ],
    ['submit_task', { description: DESCRIPTION, budget_usd: -1 }, 'budget_usd', /budget_usd is -1: give dollars/],
    ['submit_task', { description: DESCRIPTION, wait_seconds: 601 }, 'wait_seconds', /wait_seconds is 601: .*600/],
    ['submit_task', { description: DESCRIPTION, files: [{ name: 'a' }] }, 'files.0.text', /files.0.text is missing/],
    [
      'submit_task',
      { description: DESCRIPTION, files: [{ name: '..', text: '' }] },
      'files',
      /no usable name: rename it/,
    ],
    ['submit_task', { description: DESCRIPTION, idempotency_key: 'a\u0000' }, 'idempotency_key', /U\+0000: remove it/],
    ['get_task', {}, 'task_id', /^task_id is missing/],
    ['get_task', { task_id: 7 }, 'task_id', /^task_id is 7: .*string/],
    ['get_task', { task_id: { toString: 1 } }, 'task_id', /^task_id is {"toString":1}: .*string/],
    ['wait_for_task', { task_id: UNKNOWN, timeout: 'long' }, 'timeout', /^timeout is "long": .*number/],
    ['list_tasks', { status: 'done' }, 'status', /^status is "done"/],
    ['list_tasks', { limit: 101 }, 'limit', /^limit is 101: .*100/],
    ['list_tasks', { cursor: 'nonsense' }, 'cursor', /cursor/],
    ['read_task_file', { task_id: UNKNOWN, offset: 1.5 }, 'offset', /^offset is 1.5/],
  ] as const;
  const cases = wrong.map(([tool, given, field, detail]) => ({ tool, given, field, detail }));

  it.each(cases)('of $tool $given are refused with field, value and mend', async ({ tool, given, field, detail }) => {
    const refused = await clients.ada.refusal(tool, given);
    expect(refused).toMatchObject({ code: 'invalid_request', field, retryable: false });
    expect(refused.detail).toMatch(detail);
  });

  it('in a plan are refused with the subtask', async () => {
    const plan = { subtasks: [{ description: 'Count the lines', required_capabilities: ['counting'] }] };
    const refused = await clients.ada.refusal('submit_task', { description: DESCRIPTION, plan });
    expect(refused).toMatchObject({ code: 'invalid_plan', field: 'plan.subtasks[0].required_capabilities[0]' });
    expect(refused.detail).toContain('"counting" is no capability: use ');
  });

  it('are said in text too', async () => {
    const { content } = await clients.ada.callTool('get_task', { task_id: UNKNOWN });
    expect(content).toEqual([{ type: 'text', text: expect.stringMatching(/^not_found: there is no task "task_0000/) }]);
  });

  it('of the protocol are errors of the protocol: a tool that does not exist, a method that does not', async () => {
    await expect(clients.ada.client.callTool({ name: 'submit_tasks' })).rejects.toMatchObject({
      code: -32_602,
      message: expect.stringContaining('there is no tool "submit_tasks": did you mean submit_task?'),
    });
    const unheard = await post({ jsonrpc: '2.0', id: 1, method: 'prompts/list' });
    expect(dataIn(await unheard.text())).toMatchObject({ id: 1, error: { code: -32_601 } });
  });
});

describe('who asks', () => {
  it('needs the role that the tool needs', async () => {
    const given = { description: DESCRIPTION };
    const detail = 'role read of this API key does not allow submit_task: use a key with role submit';
    expect(await clients.adaReads.refusal('submit_task', given)).toEqual({
      code: 'forbidden',
      detail,
      retryable: false,
    });
    expect(await clients.adaReads.refusal('cancel_task', { task_id: UNKNOWN })).toMatchObject({ code: 'forbidden' });
    expect(await clients.ada.refusal('list_agents')).toMatchObject({ code: 'forbidden' });
    expect((await clients.operator.ask('list_agents')).agents).toEqual([]);
  });

  it('finds nobody else’s task: the answers are those for one that does not exist', async () => {
    const task_id = await submit();
    const tools = (await clients.bob.client.listTools()).tools.filter((tool) =>
      tool.inputSchema.required?.includes('task_id'),
    );
    expect(tools.map(({ name }) => name)).toEqual(['get_task', 'wait_for_task', 'cancel_task', 'read_task_file']);
    for (const { name } of tools) {
      const [foreign, unknown] = await Promise.all(
        [task_id, UNKNOWN].map((id) => clients.bob.refusal(name, { task_id: id })),
      );
      expect(foreign).toMatchObject({ code: 'not_found', field: 'task_id' });
      expect(foreign?.detail.replace(task_id, UNKNOWN)).toBe(unknown?.detail);
    }
    expect((await clients.bob.ask('list_tasks')).tasks).toEqual([]);
    expect(await clients.bob.refusal('list_tasks', { user_id: 'ada' })).toMatchObject({ code: 'forbidden' });
    expect(await clients.bob.refusal('submit_task', { description: DESCRIPTION, user_id: 'ada' })).toMatchObject({
      code: 'forbidden',
      field: 'user_id',
    });
    expect((await clients.operator.ask('get_task', { task_id })).user_id).toBe('ada');
  });

  it('without a key is told so before anything is read', async () => {
    await expect(connectMcp(url)).rejects.toMatchObject({
      code: 401,
      message: expect.stringContaining('no API key was shown'),
    });
    await expect(connectMcp(url, { key: 'x'.repeat(40) })).rejects.toMatchObject({ code: 401 });
  });

  it('asks no more often than allowed', async () => {
    const limited = await openFixture({}, { access: { ...ACCESS, rateLimit: 4 } });
    const client = await connectMcp(await limited.app.listen({ host: '127.0.0.1', port: 0 }), { key: KEYS.ada });
    // Two messages are the introduction's, and one is the GET of a client that would like a stream.
    await client.client.ping();
    await expect(client.client.ping()).rejects.toMatchObject({
      code: 429,
      message: expect.stringContaining('rate_limited'),
    });
    await client.close();
    await limited.close();
  });
});

describe('a task', () => {
  it('is shown with its subtasks in pages, what each waits for, and what came of it', async () => {
    service.planner.planWith = async () => ({ plan: TWO_STEPS, source: 'model' });
    const task_id = await submit();
    await work(task_id);
    const page = await clients.ada.ask('get_task', { task_id, subtasks_max: 1 });
    expect(page).toMatchObject({ task_id, status: 'in_progress', ended: false, subtasks_total: 2, subtasks_next: 1 });
    expect(page.subtasks).toMatchObject([
      { status: 'completed', agent_id: 'agent_1', output: 'it is done', waiting: null },
    ]);
    const rest = await clients.ada.ask('get_task', { task_id, subtasks_from: page.subtasks_next });
    expect(rest.subtasks).toMatchObject([{ position: 1, output: null, waiting: expect.stringContaining('agent') }]);
    expect(rest.subtasks_next).toBeNull();
    const { subtask, results } = await clients.ada.ask('get_task', {
      task_id,
      subtask_id: page.subtasks[0].subtask_id,
    });
    expect(subtask).toMatchObject({ description: 'Read what is there', status: 'completed' });
    expect(results).toMatchObject([{ output: { success: true, summary: 'it is done', data: {} } }]);
    expect(await clients.ada.refusal('get_task', { task_id, subtask_id: 'subtask_none' })).toMatchObject({
      code: 'not_found',
      field: 'subtask_id',
    });
  });

  it('that failed says why', async () => {
    const task_id = await submit();
    await work(task_id, failed);
    const state = await clients.ada.ask('wait_for_task', { task_id });
    expect(state).toMatchObject({ status: 'failed', ended: true, error: expect.any(String), subtasks_failed: 1 });
  });

  it('is found in the list by status, words and page', async () => {
    const first = await submit({ description: 'Find the rare word zyzzyva' });
    const second = await submit({ description: 'Find the rare word zyzzyva again' });
    const filter = { text: 'ZYZZYVA', status: ['pending', 'in_progress'], limit: 1 };
    const page = await clients.ada.ask('list_tasks', filter);
    expect(page.tasks).toMatchObject([{ task_id: second, status: 'in_progress' }]);
    const next = await clients.ada.ask('list_tasks', { ...filter, cursor: page.next_cursor });
    expect([next.tasks.map((row: { task_id: string }) => row.task_id), next.next_cursor]).toEqual([[first], null]);
    const long = await submit({ description: 'x'.repeat(5_000) });
    const [row] = (await clients.ada.ask('list_tasks', { limit: 1 })).tasks;
    expect([row.task_id, row.description.length]).toEqual([long, 200]);
    expect((await clients.ada.ask('get_task', { task_id: long })).description).toHaveLength(5_000);
  });

  it('is cancelled, once or twice; one that ended is not', async () => {
    const task_id = await submit();
    for (const _ of [1, 2])
      expect(await clients.ada.ask('cancel_task', { task_id })).toEqual({ task_id, status: 'cancelled' });
    const done = await submit({ plan: planOf([{ description: 'Do it at once' }]) });
    await work(done);
    expect(await clients.ada.refusal('cancel_task', { task_id: done })).toMatchObject({ code: 'wrong_state' });
  });
});

describe('the agents', () => {
  it('are listed by capability and by whether they are free', async () => {
    const { bus } = service.deps;
    await bus.putAgent(agent('agent_1', ['data_analysis']), 60_000);
    await bus.putAgent(agent('agent_2', ['web_scraping'], false), 60_000);
    const ids = async (given: Record<string, unknown>) =>
      (await clients.operator.ask('list_agents', given)).agents.map((one: { agent_id: string }) => one.agent_id);
    expect(await ids({})).toEqual(['agent_1', 'agent_2']);
    expect(await ids({ capability: 'web_scraping' })).toEqual(['agent_2']);
    expect(await ids({ available: true })).toEqual(['agent_1']);
    for (const id of ['agent_1', 'agent_2']) await bus.removeAgent(id);
  });
});

describe('a file', () => {
  const PNG = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    'base64',
  );
  const BYTES = Buffer.from(Array.from({ length: 3_000 }, (_, nth) => nth % 256));
  const TEXT = 'zwölf Boxkämpfer ☃ '.repeat(200);
  let task_id: string;
  beforeAll(async () => {
    task_id = await submit();
    const output = join(service.sharedFiles, task_id, 'output');
    await mkdir(output, { recursive: true });
    await writeFile(join(output, 'text.txt'), TEXT);
    await writeFile(join(output, 'dot'), PNG);
    await writeFile(join(output, 'bytes.bin'), BYTES);
    await writeFile(join(output, 'empty.txt'), '');
    await symlink('/etc/passwd', join(output, 'link'));
  });
  const readFile = async (given: Record<string, unknown>) =>
    (await clients.adaReads.callTool('read_task_file', { task_id, ...given })).content;

  it('is listed when no path is given', async () => {
    expect(await clients.ada.ask('read_task_file', { task_id })).toEqual({
      count: 4,
      files: [
        { path: 'output/bytes.bin', bytes: 3_000 },
        { path: 'output/dot', bytes: PNG.length },
        { path: 'output/empty.txt', bytes: 0 },
        { path: 'output/text.txt', bytes: Buffer.byteLength(TEXT) },
      ],
    });
  });

  it('of text comes as text, in parts that cut no character', async () => {
    expect(await readFile({ path: 'output/text.txt' })).toEqual([{ type: 'text', text: TEXT }]);
    expect(await readFile({ path: 'output/empty.txt' })).toEqual([{ type: 'text', text: '' }]);
    let text = '';
    let offset = 0;
    for (let parts = 1; offset < Buffer.byteLength(TEXT); parts += 1) {
      const [shown, note] = await readFile({ path: 'output/text.txt', offset, max_bytes: 1_024 + parts });
      text += shown?.type === 'text' ? shown.text : '';
      const isLast = Buffer.byteLength(text) === Buffer.byteLength(TEXT);
      if (isLast) expect(note).toBeUndefined();
      else
        expect(note).toMatchObject({
          text: expect.stringMatching(/^\[bytes \d+ to \d+ of \d+: go on with offset \d+\]$/),
        });
      offset = Buffer.byteLength(text);
    }
    expect(text).toBe(TEXT);
  });

  it('of a picture comes as a picture, whatever its name', async () => {
    const [image] = await readFile({ path: 'output/dot' });
    expect(image).toEqual({ type: 'image', mimeType: 'image/png', data: PNG.toString('base64') });
  });

  it('of anything else comes as bytes in base64, in parts', async () => {
    const uri = `muster://tasks/${task_id}/files/output/bytes.bin`;
    const partAt = async (offset: number) => readFile({ path: 'output/bytes.bin', offset, max_bytes: 2_000 });
    const resource = (part: Buffer) => ({
      type: 'resource',
      resource: { uri, mimeType: 'application/octet-stream', blob: part.toString('base64') },
    });
    const [first, note] = await partAt(0);
    expect(first).toEqual(resource(BYTES.subarray(0, 2_000)));
    expect(note).toEqual({ type: 'text', text: '[bytes 0 to 2000 of 3000: go on with offset 2000]' });
    expect(await partAt(2_000)).toEqual([resource(BYTES.subarray(2_000))]);
    expect(await partAt(5_000)).toEqual([{ type: 'text', text: '' }]);
  });

  it.each([
    ['../secret', 'invalid_request', /could leave the task's folder/],
    ['output/../../secret', 'invalid_request', /could leave/],
    ['/etc/passwd', 'invalid_request', /could leave/],
    ['output\\report.md', 'invalid_request', /backslash/],
    ['output/link', 'invalid_request', /symbolic link/],
    ['output/a\u0000', 'invalid_request', /U\+0000/],
    ['output', 'not_found', /no file/],
    ['output/none.md', 'not_found', /no file/],
  ])('%j is refused', async (path, code, detail) => {
    const refused = await clients.ada.refusal('read_task_file', { task_id, path });
    expect(refused).toMatchObject({ code, field: 'path' });
    expect(refused.detail).toMatch(detail);
  });
});

describe('a wait', () => {
  it('answers with the state so far when its time is over', async () => {
    const task_id = await submit();
    for (const timeout of [0, 0.05])
      expect(await clients.ada.ask('wait_for_task', { task_id, timeout })).toMatchObject({
        status: 'in_progress',
        ended: false,
      });
    expect(waits()).toBe(0);
  });

  it('ends when its key is revoked, and tells nothing more', async () => {
    const post = (path: string, payload: object) =>
      service.app.inject({ method: 'POST', url: path, payload, headers: { authorization: `Bearer ${KEYS.operator}` } });
    const { key, id } = (await post('/keys', { role: 'read', user_id: 'ada' })).json();
    const client = await connectMcp(url, { key });
    const task_id = await submit();
    const waiting = client.refusal('wait_for_task', { task_id, timeout: 600 });
    await vi.waitFor(() => expect(waits()).toBe(2), SOON);
    const headers = { authorization: `Bearer ${KEYS.operator}` };
    expect((await service.app.inject({ method: 'DELETE', url: `/keys/${id}`, headers })).statusCode).toBeLessThan(300);
    const refused = await waiting;
    expect(refused).toMatchObject({ code: 'unauthorized', detail: expect.stringContaining('revoked while it waited') });
    expect(waits()).toBe(0);
    await expect(client.client.ping()).rejects.toMatchObject({ code: 401 });
    await client.close();
  });

  it('ends with its connection', async () => {
    const task_id = await submit();
    const client = await connectMcp(url, { key: KEYS.ada });
    const waiting = client.ask('wait_for_task', { task_id, timeout: 600 });
    const lost = expect(waiting).rejects.toThrow();
    await vi.waitFor(() => expect(waits()).toBe(2), SOON);
    await client.close();
    await lost;
    await vi.waitFor(() => expect(waits()).toBe(0), SOON);
  });

  it('ends when its client cancels it, and that of another client with the same key goes on', async () => {
    const task_id = await submit();
    // Both have made the same number of requests, so that the two calls have the same number.
    const [one, other] = await Promise.all([1, 2].map(() => connectMcp(url, { key: KEYS.ada })));
    const cancel = new AbortController();
    const cancelled = expect(
      one?.ask('wait_for_task', { task_id, timeout: 600 }, { signal: cancel.signal }),
    ).rejects.toThrow();
    const waiting = other?.ask('wait_for_task', { task_id, timeout: 600 });
    await vi.waitFor(() => expect(waits()).toBe(4), SOON);
    cancel.abort();
    await cancelled;
    await vi.waitFor(() => expect(waits()).toBe(2), SOON);
    await work(task_id);
    await work(task_id);
    expect(await waiting).toMatchObject({ status: 'completed' });
    for (const client of [one, other]) await client?.close();
  });

  it('ends with the service, with the state so far', async () => {
    const { db } = service.deps;
    const stopping = await openFixture({ db }, { access: ACCESS });
    const client = await connectMcp(await stopping.app.listen({ host: '127.0.0.1', port: 0 }), { key: KEYS.ada });
    const task_id = await submit();
    const told = gate<Progress>();
    const onprogress = (progress: Progress) => told.open(progress);
    const waiting = client.ask('wait_for_task', { task_id, timeout: 600 }, { onprogress });
    await told.passed;
    await stopping.close();
    expect(await waiting).toMatchObject({ task_id, ended: false });
    await client.close();
  });
});

describe('two orchestrators', () => {
  it('answer one client in turn, and one hears of a cancellation that came to the other', async () => {
    const { db, bus } = service.deps;
    const second = await openFixture({ db, bus }, { access: ACCESS });
    const secondUrl = await second.app.listen({ host: '127.0.0.1', port: 0 });
    const elsewhere: string[] = [];
    // As behind a load balancer: everything but calls goes to the second.
    const balanced: typeof fetch = async (input, init) => {
      const body = String(init?.body ?? '');
      if (body.includes('"tools/call"')) return fetch(input, init);
      elsewhere.push(JSON.parse(body || '{}').method ?? init?.method);
      return fetch(new URL('/mcp', secondUrl), init);
    };
    const client = await connectMcp(url, { key: KEYS.ada, fetch: balanced });
    const { task_id } = await client.ask('submit_task', { description: DESCRIPTION });
    const cancel = new AbortController();
    const waiting = client.ask('wait_for_task', { task_id, timeout: 600 }, { signal: cancel.signal });
    const cancelled = expect(waiting).rejects.toThrow();
    await vi.waitFor(() => expect(waits()).toBe(2), SOON);
    cancel.abort();
    await cancelled;
    await vi.waitFor(() => expect(waits()).toBe(0), SOON);
    expect(elsewhere).toEqual(
      expect.arrayContaining(['initialize', 'notifications/initialized', 'notifications/cancelled']),
    );
    await client.close();
    await second.close();
  });
});

async function post(body: unknown, headers: Record<string, string> = {}, to = url) {
  return fetch(`${to}/mcp`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${KEYS.ada}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...headers,
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

const dataIn = (text: string) => JSON.parse(/^data: (.*)$/m.exec(text)?.[1] ?? 'null');

const codeIn = async (answer: Response) => ((await answer.json()) as { code: string }).code;

describe('a request', () => {
  const PING = { jsonrpc: '2.0', id: 1, method: 'ping' };

  it.each(['GET', 'DELETE'])('with method %s is refused with the method that is served', async (method) => {
    const headers = { authorization: `Bearer ${KEYS.ada}`, accept: 'text/event-stream', 'mcp-session-id': 'any' };
    const answer = await fetch(`${url}/mcp`, { method, headers });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST']);
    expect(await answer.json()).toEqual({
      code: 'method_not_allowed',
      detail: `${method} /mcp is not served: there are no sessions, POST each message`,
    });
  });

  it.each([
    ['{"jsonrpc": ', -32_700, /is not JSON/],
    ['', -32_600, /no JSON-RPC 2.0 message/],
    [[PING, PING], -32_600, /batch.*POST each message alone/],
    [{ id: 1, method: 'ping' }, -32_600, /no JSON-RPC 2.0 message/],
    ['7', -32_600, /no JSON-RPC 2.0 message/],
  ])('that is no message, such as %j, is an error of JSON-RPC', async (body, code, message) => {
    const answer = await post(body);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toEqual({
      jsonrpc: '2.0',
      id: null,
      error: { code, message: expect.stringMatching(message), data: { code: 'invalid_request' } },
    });
  });

  it('of a page of another site, over the limit, or of a type that is not JSON, is refused', async () => {
    const foreign = await post(PING, { origin: 'https://evil.example' });
    expect([foreign.status, await codeIn(foreign)]).toEqual([403, 'forbidden']);
    const large = await post({ ...PING, params: { text: 'x'.repeat(1_000_000) } });
    expect([large.status, await codeIn(large)]).toEqual([413, 'too_large']);
    expect((await post(PING, { 'content-type': 'text/plain' })).status).toBe(415);
    expect((await post(PING, { accept: 'application/json' })).status).toBe(406);
    expect((await post(PING, { 'mcp-protocol-version': '1999-01-01' })).status).toBe(400);
  });

  it('under a foreign name is refused where no key is asked for', async () => {
    const local = await openFixture();
    const ask = (host: string) =>
      local.app.inject({
        method: 'POST',
        url: '/mcp',
        payload: PING,
        headers: { host, accept: 'application/json, text/event-stream' },
      });
    expect((await ask('rebound.example')).json()).toMatchObject({ code: 'forbidden' });
    expect(dataIn((await ask('localhost:8000')).body)).toEqual({ jsonrpc: '2.0', id: 1, result: {} });
    await local.close();
  });

  it('is answered with the headers of every answer, and needs no introduction', async () => {
    const answer = await post(PING);
    expect(dataIn(await answer.text())).toEqual({ jsonrpc: '2.0', id: 1, result: {} });
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect(answer.headers.get('mcp-session-id')).toBeNull();
    expect((await post({ jsonrpc: '2.0', method: 'notifications/initialized' })).status).toBe(202);
  });

  it('to cancel, from a client without a label, cancels nothing', async () => {
    const heard: unknown[] = [];
    const stop = await service.deps.bus.subscribe('calls', (notice) => heard.push(notice));
    const cancel = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 3 } };
    expect((await post(cancel)).status).toBe(202);
    expect((await post(cancel, { 'mcp-session-id': 'label' })).status).toBe(202);
    await vi.waitFor(() => expect(heard).toHaveLength(1), SOON);
    expect(heard).toEqual([{ key_id: 'given_2', client: 'label', request_id: 3 }]);
    stop();
  });
});

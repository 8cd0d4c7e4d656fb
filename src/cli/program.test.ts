import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CapturedIo, captureIo, type Surroundings } from '../../tests/support/captured-io.ts';
import {
  AT,
  aCompletedTask,
  anAgent,
  aSubtask,
  aTask,
  type ScriptedOrchestrator,
  startScriptedOrchestrator,
} from '../../tests/support/scripted-orchestrator.ts';
import { run } from './program.ts';

let server: ScriptedOrchestrator;
let folder: string;

beforeEach(async () => {
  server = await startScriptedOrchestrator();
  folder = await mkdtemp(join(tmpdir(), 'muster-cli-'));
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

async function muster(args: string[], surroundings: Surroundings = {}): Promise<{ code: number; io: CapturedIo }> {
  const io = captureIo({ ...surroundings, env: { ORCHESTRATOR_URL: server.url, ...surroundings.env } });
  return { code: await run(args, io), io };
}

describe('muster', () => {
  it('prints the version of the package', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    const { code, io } = await muster(['--version']);
    expect([code, io.out(), io.err()]).toEqual([0, `${version}\n`, '']);
  });

  it('explains itself with every command and with examples', async () => {
    const { code, io } = await muster(['--help']);
    expect(code).toBe(0);
    for (const name of [
      'up',
      'doctor',
      'plan',
      'submit',
      'tasks',
      'show',
      'watch',
      'agents',
      'cancel',
      'retry',
      'logs',
    ])
      expect(io.out()).toMatch(new RegExp(`^ {2}${name} `, 'm'));
    expect(io.out()).toContain('Examples:\n  muster up');
    expect((await muster(['submit', '--help'])).io.out()).toContain(
      'muster submit "Calculate factorial of 10" --watch',
    );
  });

  it.each([
    [['fly'], "unknown command 'fly'"],
    [['tasks', '--stats'], "unknown option '--stats' (Did you mean --status?)"],
    [['show'], "missing required argument 'task'"],
    [['tasks', '--status', 'done'], 'Allowed choices are pending, in_progress'],
    [['tasks', '--limit', '0'], 'It must be a whole number from 1 to 200.'],
    [['logs', '--limit', '1.5'], 'It must be a whole number'],
    [['agents', '--url', 'localhost'], '--url "localhost" is no address'],
  ])('calls %j wrong usage in one line', async (args, said) => {
    const { code, io } = await muster(args);
    expect(code).toBe(2);
    expect(io.err()).toMatch(/^muster: [^\n]+\n$/);
    expect(io.err()).toContain(said);
    expect(io.out()).toBe('');
  });

  it('shows the help and counts as wrong usage when it is told nothing', async () => {
    const { code, io } = await muster([]);
    expect(code).toBe(2);
    expect(io.err()).toContain('Usage: muster');
  });

  it('says in one line where it tried when nobody listens', async () => {
    await server.close();
    const { code, io } = await muster(['agents']);
    expect(code).toBe(1);
    expect(io.err()).toMatch(/^muster: cannot reach Muster at http:[^\n]+muster up[^\n]+\n$/);
    server = await startScriptedOrchestrator();
  });

  it('adds the stack only with --verbose, before or after the command', async () => {
    expect((await muster(['show', 'task_9'])).io.err()).toBe('muster: task_id: no such task\n');
    expect((await muster(['--verbose', 'show', 'task_9'])).io.err()).toContain('ClientError: no such task\n    at ');
    expect((await muster(['show', 'task_9', '--verbose'])).io.err()).toContain('    at ');
  });

  it('makes what the service says harmless', async () => {
    server.next('GET /agents', { status: 500, body: { detail: 'a\x1b[2Jb\nc', code: 'internal' } });
    expect((await muster(['agents'])).io.err()).toBe('muster: ab; c\n');
  });

  it('says each wrong setting in the one line', async () => {
    const { code, io } = await muster(['agents'], {
      env: { ORCHESTRATOR_URL: '', ORCHESTRATOR_PORT: 'x', AGENT_SLOTS: '0' },
    });
    expect(code).toBe(1);
    expect(io.err()).toMatch(/^muster: ORCHESTRATOR_PORT [^\n]*; AGENT_SLOTS [^\n]*\n$/);
  });

  it('asks the address given by --url', async () => {
    const { code, io } = await muster(['agents', '--url', server.url], {
      env: { ORCHESTRATOR_URL: 'http://127.0.0.1:1' },
    });
    expect([code, io.out()]).toEqual([0, 'no agent is registered: "muster up" starts five\n']);
  });
});

describe('muster submit', () => {
  it('hands the task over and says how to watch it', async () => {
    const { code, io } = await muster(['submit', 'Calculate factorial of 10', '--user', 'ada']);
    expect([code, io.out()]).toEqual([0, 'task_1  2 subtask(s), 1 queued\nwatch it with: muster watch task_1\n']);
    expect(server.requests[0]?.body).toEqual({ description: 'Calculate factorial of 10', user_id: 'ada' });
  });

  it('sends what the task may use, and refuses what is no amount', async () => {
    await muster(['submit', 'Calculate factorial of 10', '--budget', '0.50', '--max-turns', '40']);
    expect(server.requests[0]?.body).toMatchObject({ budget_usd: 0.5, max_turns: 40 });
    const { code, io } = await muster(['submit', 'Calculate factorial of 10', '--budget', 'much']);
    expect([code, io.err()]).toEqual([2, expect.stringContaining('It must be a number above 0.')]);
  });

  it('prints the answer as JSON', async () => {
    const { io } = await muster(['submit', 'Calculate factorial of 10', '--json']);
    expect(JSON.parse(io.out())).toMatchObject({ task_id: 'task_1', subtasks_count: 2 });
  });

  it.each([[['submit', '-']], [['submit']]])('reads the description from a pipe with %j', async (args) => {
    await muster(args, { piped: 'Calculate 2 + 2 für mich\n' });
    expect(server.requests[0]?.body).toEqual({ description: 'Calculate 2 + 2 für mich' });
  });

  it('attaches files by their names and sends a plan', async () => {
    await writeFile(join(folder, 'data.csv'), 'x\n1\n');
    await writeFile(join(folder, 'more.txt'), 'more');
    await writeFile(join(folder, 'plan.json'), '{"subtasks":[]}');
    const files = [join(folder, 'data.csv'), join(folder, 'more.txt')];
    const { code } = await muster([
      'submit',
      'Read the files',
      '--file',
      ...files,
      '--plan',
      join(folder, 'plan.json'),
    ]);
    expect(code).toBe(0);
    const body = server.requests[0]?.body as Record<string, { value: string } & { filename: string }[]>;
    expect(body.files?.map((part) => part.filename)).toEqual(['data.csv', 'more.txt']);
    expect(body.plan?.value).toBe('{"subtasks":[]}');
  });

  it('says that there is no description, and how to give one', async () => {
    const { code, io } = await muster(['submit']);
    expect(code).toBe(2);
    expect(io.err()).toContain('no description');
    const swallowed = await muster(['submit', '--file', 'a.csv', 'Analyse this']);
    expect(swallowed.io.err()).toContain('before --file');
    expect((await muster(['submit'], { piped: ' \n' })).code).toBe(2);
  });

  it('calls a file that cannot be read and a plan that is not JSON wrong usage', async () => {
    await writeFile(join(folder, 'plan.json'), '{');
    const missing = await muster(['submit', 'Read the file', '--file', join(folder, 'none')]);
    expect([missing.code, missing.io.err()]).toEqual([
      2,
      `muster: cannot read ${folder}/none: there is no such file\n`,
    ]);
    const directory = await muster(['submit', 'Read the file', '--file', folder]);
    expect(directory.io.err()).toContain('EISDIR');
    const plan = await muster(['submit', 'Run this plan', '--plan', join(folder, 'plan.json')]);
    expect([plan.code, plan.io.err()]).toEqual([2, expect.stringContaining('plan.json is not JSON')]);
    expect(server.requests).toEqual([]);
  });

  it('says what the service refuses, with the field', async () => {
    server.next('POST /tasks', {
      status: 400,
      body: { detail: 'must be longer', code: 'invalid_request', field: 'description' },
    });
    const { code, io } = await muster(['submit', 'short']);
    expect([code, io.err()]).toEqual([1, 'muster: description: must be longer\n']);
  });
});

describe('muster tasks', () => {
  it('lists tasks within the terminal’s width', async () => {
    server.tasks.set('task_1', aCompletedTask());
    const { code, io } = await muster(['tasks'], { terminal: { columns: 72, rows: 24 } });
    expect(code).toBe(0);
    const [head, row] = io.out().split('\n');
    expect(head).toMatch(/^TASK {4}STATUS {5}DONE {2}CREATED {14}USER {10}DESCRIPTION$/);
    expect(row).toMatch(/^task_1 {2}completed {3}2\/2 {2}.* {2}default_user {2}Calculate s…$/);
    expect(row?.length).toBeLessThanOrEqual(72);
  });

  it('passes its filters on and says when there is more', async () => {
    server.next('GET /tasks', {
      status: 200,
      body: { tasks: [{ ...summary(), description: 'First' }], next_cursor: 'c' },
    });
    const { io } = await muster(['tasks', '--status', 'failed', '--user', 'ada', '--text', 'sum', '--limit', '1']);
    expect(server.requests[0]?.url).toBe('/tasks?status=failed&user_id=ada&text=sum&limit=1');
    expect(io.out()).toContain('there are more');
  });

  it('prints JSON, and says when there are none', async () => {
    expect((await muster(['tasks'])).io.out()).toBe('no tasks\n');
    expect(JSON.parse((await muster(['tasks', '--json'])).io.out())).toEqual({ tasks: [], next_cursor: null });
  });
});

describe('muster show', () => {
  it('shows a task, or its JSON with what a terminal could obey escaped', async () => {
    const answer = aTask({ subtasks: [aSubtask({ description: 'a\x9b31mb\x7f and so on' })] });
    server.tasks.set('task_1', answer);
    expect((await muster(['show', 'task_1'])).io.out()).toContain('status    in_progress');
    const { io } = await muster(['show', 'task_1', '--json']);
    expect(io.out()).not.toMatch(/[\x7f-\x9f]/);
    expect(JSON.parse(io.out())).toEqual(answer);
  });
});

describe('muster agents', () => {
  it('lists the crew', async () => {
    server.agents.push(
      anAgent(),
      anAgent({
        agent_id: 'agent_2',
        is_available: false,
        running: [{ subtask_id: 'subtask_7', attempt: 1 }],
        current_task: 'subtask_7',
      }),
    );
    const { io } = await muster(['agents']);
    expect(io.out().split('\n')).toEqual([
      'AGENT    STATE      SLOTS   CPU  MEMORY  DONE       SEEN  NOW        CAPABILITIES',
      'agent_1  available    0/1  12 %     3 %     7  5.0 s ago             data_analysis, code_generation',
      'agent_2  full         1/1  12 %     3 %     7  5.0 s ago  subtask_7  data_analysis, code_generation',
      '',
    ]);
    expect(JSON.parse((await muster(['agents', '--json'])).io.out()).agents).toHaveLength(2);
  });
});

describe('muster cancel and retry', () => {
  it('can give the task a larger budget', async () => {
    await muster(['retry', 'task_1', '--budget', '1', '--max-turns', '80']);
    expect(server.requests[0]?.body).toEqual({ budget_usd: 1, max_turns: 80 });
  });

  it('say how the task stands then', async () => {
    server.tasks.set('task_1', aTask());
    expect((await muster(['cancel', 'task_1'])).io.out()).toBe('task_1 is cancelled\n');
    expect((await muster(['retry', 'task_1'])).io.out()).toBe(
      'task_1 is in progress again\nwatch it with: muster watch task_1\n',
    );
    expect(JSON.parse((await muster(['cancel', 'task_1', '--json'])).io.out())).toMatchObject({ status: 'cancelled' });
    expect(JSON.parse((await muster(['retry', 'task_1', '--json'])).io.out())).toMatchObject({ status: 'in_progress' });
  });

  it('fail when the task is in the wrong state', async () => {
    server.next('POST /tasks/task_1/cancel', {
      status: 409,
      body: { detail: 'task_1 is completed', code: 'wrong_state' },
    });
    const { code, io } = await muster(['cancel', 'task_1']);
    expect([code, io.out(), io.err()]).toEqual([1, '', 'muster: task_1 is completed\n']);
  });
});

describe('muster logs', () => {
  const line = { agent_id: 'agent_1', task_id: 'task_1', subtask_id: 'subtask_1', attempt: 1, metadata: {} };

  it('prints the lines in the order of time, with colours when there are any', async () => {
    server.logs.push(
      { ...line, id: 3, time: AT, level: 'ERROR', message: 'third\nline' },
      { ...line, id: 2, time: AT, level: 'WARN', message: 'second' },
      { ...line, id: 1, time: AT, level: 'INFO', message: 'first' },
    );
    const plain = (await muster(['logs'])).io.out();
    expect(plain).toMatch(/first[\s\S]*second[\s\S]*third line\n$/);
    expect(plain).toContain('agent_1  subtask_1#1');
    const coloured = (await muster(['logs'], { colors: true })).io;
    expect(coloured.out()).toContain(coloured.colors.red('ERROR'));
    expect(coloured.out()).toContain(coloured.colors.yellow('WARN '));
  });

  it('passes its filters on', async () => {
    const { io } = await muster([
      'logs',
      '--task',
      't',
      '--agent',
      'a',
      '--level',
      'WARN',
      '--text',
      'x',
      '--limit',
      '9',
    ]);
    expect(server.requests[0]?.url).toBe('/logs?task_id=t&agent_id=a&level=WARN&text=x&limit=9');
    expect(io.out()).toBe('no log lines\n');
    expect(JSON.parse((await muster(['logs', '--json'])).io.out())).toEqual({ logs: [], next_cursor: null });
  });
});

function summary() {
  const { subtasks: _, result: __, ...rest } = aTask().task;
  return { ...rest, subtasks_total: 1, subtasks_completed: 0, subtasks_running: 0, subtasks_failed: 0, cost_usd: 0 };
}

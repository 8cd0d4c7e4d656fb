// `muster logs --follow`: what was there, what comes, what came late, and how it ends.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { captureIo } from '../../tests/support/captured-io.ts';
import {
  aCompletedTask,
  aLogLine,
  anEvent,
  aTask,
  type ScriptedOrchestrator,
  startScriptedOrchestrator,
} from '../../tests/support/scripted-orchestrator.ts';
import { run } from './program.ts';

let server: ScriptedOrchestrator;
beforeEach(async () => {
  server = await startScriptedOrchestrator();
  server.tasks.set('task_1', aTask());
  server.logs.push(aLogLine({ id: 4, message: 'fourth' }), aLogLine({ id: 2, message: 'second' }));
});
afterEach(() => server.close());

function start(args: string[]) {
  const io = captureIo({ env: { ORCHESTRATOR_URL: server.url } });
  return { code: run(['logs', ...args], io), io };
}

const messagesOf = (text: string) => [...text.matchAll(/(\w+)\n/g)].map(([, word]) => word);
const streams = () => server.requests.filter(({ url }) => url.startsWith('/logs/stream'));

/** What is under way reads the task once more after its last event; its lines were stored before that. */
function end(): void {
  server.tasks.set('task_1', aCompletedTask());
  server.emit(anEvent(1, 'task.completed'));
}

describe('following a task', () => {
  it('prints what is there, then each line as it comes, and ends with the task', async () => {
    const { code, io } = start(['task_1', '--follow', '--level', 'INFO']);
    await server.opened(1, 1);
    server.log(aLogLine({ id: 6, message: 'sixth' }));
    await vi.waitFor(() => expect(io.out()).toContain('sixth'));
    end();
    expect(await code).toBe(0);
    expect(messagesOf(io.out())).toEqual(['second', 'fourth', 'sixth']);
    expect(streams()).toMatchObject([
      { url: '/logs/stream?task_id=task_1&level=INFO', headers: { 'last-event-id': '4' } },
    ]);
    expect([io.err(), io.listening()]).toEqual(['', 0]);
  });

  it('prints at the end what came late, and nothing older than it was asked for', async () => {
    const { code, io } = start(['task_1', '--follow', '--limit', '1']);
    await server.opened(1, 1);
    // No notice told of it.
    server.logs.unshift(aLogLine({ id: 9, message: 'unheard' }));
    end();
    expect(await code).toBe(0);
    expect(messagesOf(io.out())).toEqual(['fourth', 'unheard']);
  });

  it('resumes a cut connection after the last line in order, and repeats none', async () => {
    const { code, io } = start(['--task', 'task_1', '--follow', '--json']);
    await server.opened(1, 1);
    server.log(aLogLine({ id: 7, message: 'seventh' }));
    server.log(aLogLine({ id: 5, message: 'late' }), { late: true });
    await vi.waitFor(() => expect(io.out()).toContain('late'));
    server.cut();
    await server.opened(2, 2);
    end();
    expect(await code).toBe(0);
    const lines = io
      .out()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).message);
    expect(lines).toEqual(['second', 'fourth', 'seventh', 'late']);
    expect(streams()[1]?.headers['last-event-id']).toBe('7');
  });

  it('goes on after a line that was seen before', async () => {
    const { code, io } = start(['task_1', '--follow', '--after', '2']);
    await server.opened(1, 1);
    end();
    expect(await code).toBe(0);
    expect(messagesOf(io.out())).toEqual(['fourth']);
  });

  it('adds what was stored but never told of', async () => {
    const { code, io } = start(['task_1', '--follow']);
    await server.opened(1, 1);
    server.logs.unshift(aLogLine({ id: 9, message: 'untold' }));
    end();
    expect(await code).toBe(0);
    expect(messagesOf(io.out())).toEqual(['second', 'fourth', 'untold']);
  });

  it('says that there is no such task', async () => {
    const { code, io } = start(['task_9', '--follow']);
    expect([await code, io.out(), io.err()]).toEqual([1, '', 'muster: task_id: no such task\n']);
  });
});

describe('following everything', () => {
  it('ends quietly at Ctrl-C', async () => {
    const { code, io } = start(['--follow', '--agent', 'agent_1']);
    await server.opened(0, 1);
    io.interrupt();
    expect(await code).toBe(0);
    expect([messagesOf(io.out()), io.err(), io.listening()]).toEqual([['second', 'fourth'], '', 0]);
  });

  it('ends when the service refuses to go on', async () => {
    const { code, io } = start(['--follow']);
    await server.opened(0, 1);
    server.log(aLogLine({ id: 6, message: 'sixth' }));
    await vi.waitFor(() => expect(io.out()).toContain('sixth'));
    server.next('GET /logs/stream', { status: 401, body: { detail: 'the key was revoked', code: 'unauthorized' } });
    server.cut();
    expect([await code, io.err()]).toEqual([1, 'muster: the key was revoked\n']);
  });
});

it.each([
  [['task_1', '--task', 'task_2'], 'two tasks are named'],
  [['task_1', '--after', '3'], '--after is for --follow'],
  [['--follow', '--after', 'x'], 'It must be the id of a line'],
])('calls %j wrong usage', async (args, said) => {
  const { code, io } = start(args);
  expect([await code, io.err()]).toEqual([2, expect.stringContaining(said)]);
});

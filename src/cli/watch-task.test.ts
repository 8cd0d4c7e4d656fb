import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type CapturedIo, captureIo, type Surroundings } from '../../tests/support/captured-io.ts';
import {
  AT,
  aCompletedTask,
  anEvent,
  aSubtask,
  aTask,
  type ScriptedOrchestrator,
  startScriptedOrchestrator,
} from '../../tests/support/scripted-orchestrator.ts';
import { run } from './program.ts';

let server: ScriptedOrchestrator;

beforeEach(async () => {
  server = await startScriptedOrchestrator();
  server.tasks.set('task_1', aTask({ subtasks: [aSubtask()] }));
});
afterEach(() => server.close());

function start(args: string[], surroundings: Surroundings = {}): { code: Promise<number>; io: CapturedIo } {
  const io = captureIo({ ...surroundings, env: { ORCHESTRATOR_URL: server.url } });
  return { code: run(args, io), io };
}

function becomes(answer: ReturnType<typeof aTask>, event: ReturnType<typeof anEvent>): void {
  server.tasks.set('task_1', answer);
  server.emit(event);
}

const running = aSubtask({ status: 'running', attempt: 1, agent_id: 'agent_1', started_at: AT });

describe('watching without a terminal', () => {
  it('adds a line for each change, then the result, and exits 0', async () => {
    const { code, io } = start(['submit', 'Calculate sum of 1 to 10', '--watch']);
    await vi.waitFor(() => expect(io.out()).toContain('○'));
    becomes(aTask({ subtasks: [running] }), anEvent(1, 'subtask.claimed', 'subtask_1'));
    await vi.waitFor(() => expect(io.out()).toContain('●  Calculate'));
    becomes(aCompletedTask(), anEvent(2, 'task.completed'));
    expect(await code).toBe(0);
    expect(io.out().split('\n')).toEqual([
      '[░░░░░░░░░░░░░░░░░░░░] task_1  in progress  0 of 1 done  5.0 s',
      '  ○  Calculate sum of 1 to 10',
      '  ●  Calculate sum of 1 to 10  agent_1  5.0 s',
      '[████████████████████] task_1  completed  2 of 2 done  2.5 s',
      '  ✓  Calculate sum of 1 to 10  agent_1  2.5 s',
      '  ✓  Double the sum  agent_1  2.5 s',
      '',
      'Calculate sum of 1 to 10',
      'The sum is 55',
      '{"data":{"sum":55}}',
      '',
      'Double the sum',
      'It is 110',
      '',
      'Result',
      'Twice the sum is 110.',
      '',
    ]);
    expect(io.err()).toBe('');
  });

  it('exits 1 and says why when the task failed', async () => {
    const { code, io } = start(['watch', 'task_1']);
    await server.opened(1);
    const subtasks = [{ ...running, status: 'failed' as const, error: 'no such table' }];
    becomes(aTask({ status: 'failed', error: 'no such table', subtasks }), anEvent(1, 'task.failed'));
    expect(await code).toBe(1);
    expect(io.out()).toMatch(/✗ .*no such table/);
    expect(io.err()).toBe('muster: task_1 failed: no such table\n');
  });

  it('exits 1 when the task was cancelled', async () => {
    const { code, io } = start(['watch', 'task_1']);
    await server.opened(1);
    becomes(aTask({ status: 'cancelled' }), anEvent(1, 'task.cancelled'));
    expect([await code, io.err()]).toEqual([1, 'muster: task_1 is cancelled\n']);
  });

  it('sees a retried task through, past its earlier failure', async () => {
    server.emit(anEvent(1, 'task.failed'));
    server.emit(anEvent(2, 'task.retried'));
    const { code, io } = start(['retry', 'task_1', '--watch']);
    await server.opened(1);
    await vi.waitFor(() => expect(io.out()).toContain('in progress'));
    becomes(aCompletedTask(), anEvent(3, 'task.completed'));
    expect(await code).toBe(0);
    expect(io.out()).toContain('Twice the sum is 110.');
  });

  it('says at once that there is no such task', async () => {
    const { code, io } = start(['watch', 'task_9']);
    expect([await code, io.out()]).toEqual([1, '']);
    expect(io.err()).toContain('no such task');
  });

  it('goes on when a look finds the service restarting', async () => {
    const { code, io } = start(['watch', 'task_1']);
    await vi.waitFor(() => expect(io.out()).toContain('○'));
    server.next('GET /tasks/task_1', { status: 503, body: { detail: 'starting', code: 'unavailable' } });
    server.emit(anEvent(1, 'task.planned'));
    await vi.waitFor(() => expect(server.requests.filter((r) => r.url === '/tasks/task_1')).toHaveLength(2));
    becomes(aCompletedTask(), anEvent(2, 'task.completed'));
    expect(await code).toBe(0);
  });

  it('ends when a look is turned down for good', async () => {
    const { code, io } = start(['watch', 'task_1']);
    await vi.waitFor(() => expect(io.out()).toContain('○'));
    server.next('GET /tasks/task_1', { status: 404, body: { detail: 'gone', code: 'not_found' } });
    server.emit(anEvent(1, 'task.planned'));
    expect([await code, io.err()]).toEqual([1, 'muster: gone\n']);
  });
});

describe('watching with --json', () => {
  it('prints the final document and nothing else', async () => {
    const { code, io } = start(['submit', 'Calculate sum of 1 to 10', '--watch', '--json']);
    await server.opened(1);
    becomes(aCompletedTask(), anEvent(1, 'task.completed'));
    expect(await code).toBe(0);
    expect(JSON.parse(io.out())).toEqual(aCompletedTask());
  });

  it('prints the document of a failed task too, and exits 1', async () => {
    const { code, io } = start(['watch', 'task_1', '--json']);
    await server.opened(1);
    becomes(aTask({ status: 'failed', error: 'no' }), anEvent(1, 'task.failed'));
    expect(await code).toBe(1);
    expect(JSON.parse(io.out()).task.status).toBe('failed');
  });
});

describe('watching on a terminal', () => {
  it('redraws in place, over exactly the lines it drew before', async () => {
    const { code, io } = start(['watch', 'task_1'], { terminal: { columns: 80, rows: 24 } });
    await vi.waitFor(() => expect(io.out()).toContain('○'));
    becomes(aCompletedTask(), anEvent(1, 'task.completed'));
    expect(await code).toBe(0);
    const [first = '', ...redrawn] = io.out().split('\x1b[2A');
    expect(first).not.toContain('\x1b[1A');
    expect(redrawn.length).toBeGreaterThanOrEqual(1);
    expect(redrawn.at(-1)).toMatch(/^\r\[█{20}\] task_1 {2}completed/);
    expect(redrawn.at(-1)).toContain('Twice the sum is 110.');
  });

  it('counts the seconds while nothing happens', async () => {
    let looks = 0;
    const now = () => {
      looks += 1;
      return new Date(new Date(AT).getTime() + looks * 60_000);
    };
    const io = captureIo({ terminal: { columns: 80, rows: 24 }, env: { ORCHESTRATOR_URL: server.url } });
    const code = run(['watch', 'task_1'], { ...io, now });
    await vi.waitFor(() => expect(io.out()).toContain('2 min 00 s'), 5_000);
    becomes(aCompletedTask(), anEvent(1, 'task.completed'));
    expect(await code).toBe(0);
  });
});

describe('Ctrl-C while watching', () => {
  it.each([[[]], [['--json']]])('stops watching, not the task, and says so (%j)', async (more) => {
    const { code, io } = start(['watch', 'task_1', ...more]);
    await server.opened(1);
    io.interrupt();
    expect(await code).toBe(1);
    const said = 'stopped watching; task_1 goes on: "muster watch task_1" watches it again';
    const json = JSON.stringify({ error: { code: 'failed', message: said } });
    expect(io.err()).toBe(more.length > 0 ? `${json}\n` : `muster: ${said}\n`);
    expect(io.listening()).toBe(0);
    expect(server.requests.filter((request) => request.method === 'POST')).toEqual([]);
  });
});

import pc from 'picocolors';
import { describe, expect, it } from 'vitest';
import { AT, aSubtask, aTask, LATER } from '../../tests/support/scripted-orchestrator.ts';
import { type Layout, subtaskLine, taskLines } from './task-view.ts';
import { columnsOf } from './text.ts';

const now = new Date('2026-01-02T03:04:10.000Z');
const layout: Layout = { colors: pc.createColors(false), now, width: 100, height: 24 };
const wide: Layout = { ...layout, width: Number.POSITIVE_INFINITY };

const task = aTask({
  subtasks: [
    aSubtask({ status: 'completed', attempt: 1, agent_id: 'agent_1', started_at: AT, finished_at: LATER }),
    aSubtask({ id: 'subtask_2', position: 1, status: 'running', attempt: 2, agent_id: 'agent_5', started_at: AT }),
    aSubtask({
      id: 'subtask_3',
      position: 2,
      status: 'pending',
      description: 'Combine the results',
      waiting: { reason: 'dependencies', message: 'waits for 1 dependency', waiting_for: ['subtask_2'] },
    }),
  ],
}).task;

describe('taskLines', () => {
  it('shows the progress and each subtask with its state, agent, time and reason', () => {
    expect(taskLines(task, layout)).toEqual([
      '[██████░░░░░░░░░░░░░░] task_1  in progress  1 of 3 done  5.0 s',
      '  ✓  Calculate sum of 1 to 10  agent_1  2.5 s',
      '  ●  Calculate sum of 1 to 10  agent_5  5.0 s  attempt 2',
      '  ·  Combine the results                       waits for 1 dependency',
    ]);
  });

  it('says so while the task is being planned', () => {
    expect(taskLines(aTask({ status: 'pending', started_at: null }).task, layout)).toEqual([
      '[░░░░░░░░░░░░░░░░░░░░] task_1  pending  planning  5.0 s',
    ]);
  });

  it('stays within the terminal, dropping the bar when there is no room for it', () => {
    const lines = taskLines(task, { ...layout, width: 40 });
    for (const line of lines) expect(columnsOf(line)).toBeLessThanOrEqual(40);
    expect(lines[0]).toBe('task_1  in progress  1 of 3 done  5.0 s');
  });

  it('shows what matters most when not every subtask fits, in the order of the plan', () => {
    const many = [
      ...Array.from({ length: 30 }, (_, i) => aSubtask({ id: `subtask_${i}`, position: i, status: 'completed' })),
      aSubtask({ position: 30, status: 'pending', description: 'comes later on' }),
      aSubtask({ position: 31, status: 'failed', description: 'went wrong', error: 'no such table' }),
      aSubtask({ position: 32, status: 'running', description: 'happens now' }),
    ];
    const lines = taskLines({ ...task, subtasks: many }, { ...layout, height: 5 });
    expect(lines.slice(1)).toEqual([
      '  ·  comes later on',
      '  ✗  went wrong      no such table',
      '  ●  happens now',
      '  … and 30 more',
    ]);
  });

  it('lets no control character of a description, an error or a reason through', () => {
    const evil = 'x\x1b[2J\x07\ny\x9bz';
    const subtasks = [
      aSubtask({ description: evil }),
      aSubtask({ status: 'failed', error: evil }),
      aSubtask({ status: 'ready', waiting: { reason: 'free_agent', message: evil } }),
    ];
    for (const line of taskLines({ ...task, subtasks }, wide)) expect(line).not.toMatch(/\p{Cc}/u);
  });

  it('says why a subtask is blocked', () => {
    expect(subtaskLine(aSubtask({ status: 'blocked', description: 'Use the sum' }), wide)).toBe(
      '  ⊘  Use the sum  a dependency failed',
    );
  });

  it('colours states when colours are on', () => {
    const colours = pc.createColors(true);
    const [, done = '', running = ''] = taskLines(task, { ...layout, colors: colours });
    expect(done).toContain(colours.green('✓'));
    expect(running).toContain(colours.blue('●'));
    expect(subtaskLine(aSubtask({ status: 'cancelled' }), { ...layout, colors: colours })).toContain(
      colours.yellow('–'),
    );
  });
});

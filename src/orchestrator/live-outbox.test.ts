import { describe, expect, it } from 'vitest';
import { listedTask } from '../../tests/support/listed-task.ts';
import { createManualClock } from '../../tests/support/manual-clock.ts';
import { dataOf } from '../../tests/support/open-stream.ts';
import { BEHIND_MAX, LiveOutbox } from './live-outbox.ts';

const opened = (userId?: string) => {
  const outbox = new LiveOutbox(createManualClock(), { user_id: userId, agents: true });
  expect(dataOf(outbox.take(), 'hello')).toEqual([{ time: '2030-01-01T00:00:00.000Z' }]);
  return outbox;
};

describe('what a watching page has yet to be sent', () => {
  it('is nothing after the first hello', () => {
    expect(opened().take()).toBe('');
  });

  it('is the newest row of each task, once, and the agents that changed', () => {
    const outbox = opened();
    outbox.put([listedTask('task_a'), listedTask('task_b')], ['agent_1']);
    outbox.put([listedTask('task_a', { subtasks_completed: 1 })], ['agent_1', 'agent_2']);
    const text = outbox.take();
    expect(dataOf(text, 'task')).toMatchObject([{ id: 'task_a', subtasks_completed: 1 }, { id: 'task_b' }]);
    expect(dataOf(text, 'agents')).toEqual([{ agent_ids: ['agent_1', 'agent_2'] }]);
    expect(outbox.take()).toBe('');
  });

  it('is of one user when the page asks for one', () => {
    const outbox = opened('ada');
    outbox.put([listedTask('task_a'), listedTask('task_b', { user_id: 'bob' })], []);
    expect(dataOf(outbox.take(), 'task')).toMatchObject([{ id: 'task_a' }]);
  });

  it('is a new hello instead of more than it may hold', () => {
    const outbox = opened();
    for (let nth = 0; nth <= BEHIND_MAX; nth += 1) outbox.put([listedTask(`task_${nth}`)], []);
    const text = outbox.take();
    expect([dataOf(text, 'hello').length, dataOf(text, 'task').length]).toEqual([1, 0]);
    outbox.put([listedTask('task_a')], []);
    expect(dataOf(outbox.take(), 'task')).toHaveLength(1);
  });
});

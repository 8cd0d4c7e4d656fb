import { describe, expect, it } from 'vitest';
import { agent } from '../../tests/support/agents.ts';
import { purse } from '../../tests/support/purses.ts';
import { subtask } from '../../tests/support/subtasks.ts';
import { SUBTASK_STATUSES } from './transitions.ts';
import { underPlanning, WAITING_KINDS, type WaitingView, waitingReason, waitsForSlot } from './waiting.ts';

const now = new Date('2030-01-01T00:00:00.000Z');
const view = (given: Partial<WaitingView> = {}): WaitingView => ({
  agents: [agent({ capabilities: ['data_analysis', 'code_generation'] })],
  completed: new Set(),
  purse: purse(),
  now,
  ...given,
});

describe('why a subtask waits', () => {
  it('names the dependencies that have not completed', () => {
    const waiting = subtask({ status: 'pending', dependencies: ['subtask_a', 'subtask_b', 'subtask_c'] });
    expect(waitingReason(waiting, view({ completed: new Set(['subtask_b']) }))).toEqual({
      reason: 'dependencies',
      message: expect.stringContaining('2'),
      waiting_for: ['subtask_a', 'subtask_c'],
    });
  });

  it('says after how many failures it is tried again, and when', () => {
    const until = '2030-01-01T00:00:02.000Z';
    expect(waitingReason(subtask({ failures: 2, due_at: until }), view())).toEqual({
      reason: 'backing_off',
      message: `failed 2 time(s); tried again at ${until}`,
      until,
    });
  });

  it('does not speak of a failure when an agent merely turned the subtask away', () => {
    const until = '2030-01-01T00:00:02.000Z';
    expect(waitingReason(subtask({ failures: 0, due_at: until }), view())).toEqual({
      reason: 'backing_off',
      message: `no agent took it up; tried again at ${until}`,
      until,
    });
  });

  it('is for a free agent once the retry is due', () => {
    const due = subtask({ failures: 1, due_at: now.toISOString() });
    expect(waitingReason(due, view())).toEqual({
      reason: 'free_agent',
      message: 'waits for a free agent with data_analysis',
    });
  });

  it('says that no registered agent has all the capabilities together', () => {
    const both = subtask({ required_capabilities: ['data_analysis', 'web_scraping'] });
    const agents = [agent({ capabilities: ['data_analysis'] }), agent({ capabilities: ['web_scraping'] })];
    expect(waitingReason(both, view({ agents }))).toEqual({
      reason: 'no_such_agent',
      message: 'no registered agent has data_analysis + web_scraping: waits until such an agent registers',
    });
    expect(waitingReason(both, view({ agents: [] }))?.reason).toBe('no_such_agent');
  });

  it('says that running subtasks hold the budget, unless no agent could run it anyway', () => {
    const task = purse({ budget_usd: 0.5, reserved_usd: 0.49, reservations: 2, open_subtasks: 3 });
    expect(waitingReason(subtask(), view({ purse: task }))).toEqual({
      reason: 'budget',
      message: 'waits for budget that running subtasks hold: $0.01 of $0.50 is left',
    });
    expect(waitingReason(subtask(), view({ purse: task, agents: [] }))?.reason).toBe('no_such_agent');
    expect(waitingReason(subtask(), view({ purse: { ...task, reserved_usd: 0.1 } }))?.reason).toBe('free_agent');
  });

  it('is nothing for a subtask that runs or has ended', () => {
    for (const status of SUBTASK_STATUSES.filter((word) => word !== 'pending' && word !== 'ready'))
      expect(waitingReason(subtask({ status }), view())).toBeNull();
  });

  it('has a reason of its own for each kind', () => {
    expect([...WAITING_KINDS].sort()).toEqual(['backing_off', 'budget', 'dependencies', 'free_agent', 'no_such_agent']);
  });
});

describe('why a task has no subtasks yet', () => {
  const line = { slots: 8, waiting: 1, until: null };

  it.each([
    [line, 'waits for a planning slot: all 8 are taken, nobody else waits'],
    [{ ...line, waiting: 2 }, 'waits for a planning slot: all 8 are taken, 1 other task waits'],
    [{ ...line, slots: 1, waiting: 4 }, 'waits for a planning slot: the only one is taken, 3 other tasks wait'],
  ])('is that it waits for a slot: %o', (given, message) => {
    expect(waitsForSlot(given)).toEqual({ reason: 'planning_slot', message });
  });

  it('is that the model is busy, until when', () => {
    const until = now.toISOString();
    const message = `waits for a planning slot: the model is busy and asked again at ${until}`;
    expect(waitsForSlot({ ...line, until: now })).toEqual({ reason: 'planning_slot', message, until });
  });

  it.each([
    [0, 'planning'],
    [1, 'planning: 1 step so far'],
    [12, 'planning: 12 steps so far'],
  ])('is that its plan is being written: %i steps', (steps, message) => {
    expect(underPlanning(steps)).toEqual({ reason: 'plan', message, steps });
  });
});

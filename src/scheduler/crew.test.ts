import { describe, expect, it } from 'vitest';
import { agent } from '../../tests/support/agents.ts';
import type { RunningSubtask } from '../store/subtasks.ts';
import { Crew } from './crew.ts';

const X = { subtask_id: 'subtask_x', attempt: 1 };
const Y = { subtask_id: 'subtask_y', attempt: 1 };
const row = (held: typeof X, agent_id = 'agent_1'): RunningSubtask => ({
  id: held.subtask_id,
  task_id: 'task_1',
  attempt: held.attempt,
  agent_id,
  agent_instance: 'instance_1',
  running_ms: 0,
  overdue_ms: -1000,
});
const at = (second: number) => new Date(Date.UTC(2030, 0, 1, 0, 0, second)).toISOString();
const seatOf = (crew: Crew) => {
  const { free, running } = crew.seats()[0]!;
  return { free, running };
};

describe('a look at some agents', () => {
  it('takes over what they say, lets those go that left, and leaves the others as they were', () => {
    const crew = new Crew();
    const [one, two, three] = ['agent_1', 'agent_2', 'agent_3'].map((agent_id) => agent({ agent_id, slots: 2 }));
    if (!one || !two || !three) throw new Error('three agents');
    crew.update([one, two, three], 0);
    crew.updateSome(['agent_1', 'agent_2', 'agent_9'], [{ ...one, running: [X], last_heartbeat: at(1) }], 1_000);
    expect(crew.seats().map(({ id, free }) => [id, free])).toEqual([
      ['agent_1', 1],
      ['agent_2', 0],
      ['agent_3', 2],
    ]);
    expect(crew.unheardFor('agent_1', 5_000)).toBe(4_000);
    expect(crew.unheardFor('agent_3', 5_000)).toBe(5_000);
  });
});

describe('the free slots of an agent', () => {
  it('are those that neither a claim nor a heartbeat fills', () => {
    const crew = new Crew();
    crew.update([agent({ slots: 3, running: [X] })], 0);
    expect(seatOf(crew)).toEqual({ free: 2, running: 1 });
    crew.hold('agent_1', Y);
    expect(seatOf(crew)).toEqual({ free: 1, running: 2 });
  });

  it('count an attempt once that is both claimed and in the heartbeat', () => {
    const crew = new Crew();
    crew.update([agent({ slots: 2 })], 0);
    crew.hold('agent_1', X);
    crew.update([agent({ slots: 2, running: [X] })], 0);
    expect(seatOf(crew)).toEqual({ free: 1, running: 1 });
  });

  it('count an attempt until both the claim and the heartbeat have let go', () => {
    const crew = new Crew();
    crew.hold('agent_1', X);
    crew.update([agent({ running: [X], is_available: true })], 0);
    crew.letGo(X);
    expect(seatOf(crew).free).toBe(0);
    crew.update([agent({ running: [] })], 0);
    expect(seatOf(crew).free).toBe(1);
  });

  it('grow with each end that is reported, whatever the last heartbeat says', () => {
    const crew = new Crew();
    crew.update([agent({ running: [X, Y], slots: 2, is_available: false })], 0);
    crew.hold('agent_1', X);
    crew.hold('agent_1', Y);
    crew.free(X);
    expect(seatOf(crew).free).toBe(1);
    crew.reconcile([], 0);
    expect(seatOf(crew).free).toBe(1);
    crew.update([agent({ running: [Y], slots: 2, last_heartbeat: at(1) })], 0);
    expect(seatOf(crew).free).toBe(1);
  });

  it('are none while it says that it takes nothing, however many slots are empty', () => {
    const crew = new Crew();
    crew.update([agent({ slots: 4, running: [X], is_available: false })], 0);
    expect(seatOf(crew)).toEqual({ free: 0, running: 1 });
  });

  it('are never fewer than none', () => {
    const crew = new Crew();
    crew.update([agent({ slots: 1, running: [X, Y] })], 0);
    expect(seatOf(crew)).toEqual({ free: 0, running: 2 });
  });

  it('are none once it has left the registry, and are back when it is', () => {
    const crew = new Crew();
    crew.update([agent()], 0);
    crew.update([], 1);
    expect(seatOf(crew).free).toBe(0);
    expect(crew.find('agent_1')?.agent_id).toBe('agent_1');
    crew.update([agent()], 2);
    expect(seatOf(crew).free).toBe(1);
  });

  it('are none after it turned a subtask down, until its next heartbeat', () => {
    const crew = new Crew();
    crew.update([agent({ last_heartbeat: at(1) })], 0);
    crew.distrust('agent_1');
    expect(seatOf(crew).free).toBe(0);
    crew.update([agent({ last_heartbeat: at(1) })], 1);
    expect(seatOf(crew).free).toBe(0);
    crew.update([agent({ last_heartbeat: at(2) })], 2);
    expect(seatOf(crew).free).toBe(1);
  });

  it('come with its capabilities as a mask', () => {
    const crew = new Crew();
    crew.update([agent({ capabilities: ['data_analysis', 'code_generation'] })], 0);
    expect(crew.seats()).toEqual([{ id: 'agent_1', has: 0b101, free: 1, running: 0 }]);
  });
});

describe('reconciling with the database', () => {
  it('finds claims of an earlier leader, and drops those that are over', () => {
    const crew = new Crew();
    crew.update([agent({ slots: 3 })], 0);
    crew.hold('agent_1', X);
    crew.reconcile([row(Y)], 0);
    expect(seatOf(crew)).toEqual({ free: 2, running: 1 });
    crew.reconcile([], 0);
    expect(seatOf(crew)).toEqual({ free: 3, running: 0 });
  });

  it('believes a notice of an end over rows that were read before it', () => {
    const crew = new Crew();
    crew.update([agent()], 0);
    crew.hold('agent_1', X);
    crew.letGo(X);
    crew.reconcile([row(X)], 0);
    expect(seatOf(crew).free).toBe(1);
    // Still there at the next look, so the notice was wrong.
    crew.reconcile([row(X)], 0);
    expect(seatOf(crew).free).toBe(0);
  });
});

describe('how long an agent has been silent', () => {
  it('is counted from its last new heartbeat, by the clock of the leader', () => {
    const crew = new Crew();
    crew.update([agent({ last_heartbeat: at(1) })], 1_000);
    crew.update([agent({ last_heartbeat: at(1) })], 6_000);
    expect(crew.unheardFor('agent_1', 6_000)).toBe(5_000);
    crew.update([], 9_000);
    expect(crew.unheardFor('agent_1', 9_000)).toBe(8_000);
    crew.update([agent({ last_heartbeat: at(2) })], 10_000);
    expect(crew.unheardFor('agent_1', 10_500)).toBe(500);
  });

  it('is unknown for an agent that was never there, or was gone for so long that it is dropped', () => {
    const crew = new Crew();
    expect(crew.unheardFor('agent_1', 0)).toBeNull();
    crew.update([agent()], 0);
    for (let now = 0; now <= 601_000; now += 1_000) crew.update([], now);
    expect(crew.unheardFor('agent_1', 601_000)).toBeNull();
    expect(crew.seats()).toEqual([]);
  });

  it('starts again after a time in which nobody looked', () => {
    const crew = new Crew();
    crew.update([agent({ running: [X] })], 1_000);
    crew.reconcile([row(X)], 1_000);
    crew.update([agent({ running: [] })], 400_000);
    crew.reconcile([row(X)], 400_000);
    expect(crew.unheardFor('agent_1', 400_000)).toBe(0);
    expect(crew.unheldFor('agent_1', X, 400_000)).toBe(0);
  });
});

describe('how long an agent has not named an attempt', () => {
  it('is counted from the last heartbeat that did', () => {
    const crew = new Crew();
    crew.update([agent({ running: [X] })], 1_000);
    crew.reconcile([row(X)], 1_000);
    crew.update([agent()], 3_000);
    crew.reconcile([row(X)], 3_000);
    expect(crew.unheldFor('agent_1', X, 4_000)).toBe(3_000);
  });

  it('is counted from when it was first seen running, if none ever did', () => {
    const crew = new Crew();
    crew.update([agent()], 1_000);
    crew.reconcile([row(X)], 2_000);
    expect(crew.unheldFor('agent_1', X, 5_000)).toBe(3_000);
    expect(crew.unheldFor('agent_1', Y, 5_000)).toBe(0);
  });

  it('is nothing while the agent is not registered, or is not known at all', () => {
    const crew = new Crew();
    crew.update([agent()], 1_000);
    crew.reconcile([row(X)], 1_000);
    crew.update([], 5_000);
    expect(crew.unheldFor('agent_1', X, 9_000)).toBe(0);
    expect(crew.unheldFor('agent_9', X, 9_000)).toBe(0);
  });
});

it('a new reign of the leader starts with an empty crew', () => {
  const crew = new Crew();
  crew.update([agent({ running: [X] })], 0);
  crew.hold('agent_1', Y);
  crew.clear();
  expect(crew.seats()).toEqual([]);
  crew.update([agent()], 0);
  expect(seatOf(crew)).toEqual({ free: 1, running: 0 });
});

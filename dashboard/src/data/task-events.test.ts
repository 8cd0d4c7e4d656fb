import { describe, expect, it } from 'vitest';
import { type EventType, SUBTASK_TRANSITIONS } from '../../../src/domain/transitions.ts';
import { taskGraph } from '../../../tests/support/task-graph.ts';
import { applyEvents, type SeenEvent } from './task-events.ts';

const AT = '2026-01-01T00:00:09.000Z';

function event(seq: number, type: EventType, about: { nth?: number; [name: string]: unknown } = {}): SeenEvent {
  const { nth, ...data } = about;
  return { seq, type, subtask_id: nth === undefined ? null : `subtask_${nth}`, data, created_at: AT };
}

const graph = taskGraph([[], [0]]);
const claimed = event(11, 'subtask.claimed', { nth: 0, agent_id: 'agent_1', attempt: 1 });
const completed = event(12, 'subtask.completed', { nth: 0, agent_id: 'agent_1', attempt: 1 });
const unblocked = event(13, 'subtask.ready', { nth: 1 });

describe('events of subtasks', () => {
  it('begin an attempt at an agent', () => {
    const { graph: after } = applyEvents(graph, [claimed]);
    expect(after.nodes[0]).toMatchObject({ status: 'running', agent_id: 'agent_1', attempt: 1, started_at: AT });
    expect(after.attempts).toMatchObject([{ position: 0, attempt: 1, outcome: 'running', ended_at: null }]);
  });

  it('end it, and let a dependent follow', () => {
    const { graph: after } = applyEvents(graph, [claimed, completed, unblocked]);
    expect(after.nodes.map((node) => node.status)).toEqual(['completed', 'ready']);
    expect(after.attempts).toMatchObject([{ outcome: 'completed', ended_at: AT }]);
    expect(after.nodes[1]).toMatchObject({ ready_at: AT });
  });

  it('count a failure when the attempt will be tried again, none when it was handed back', () => {
    const failed = event(12, 'subtask.retry_scheduled', { nth: 0, error: 'overloaded', attempt: 1 });
    expect(applyEvents(graph, [claimed, failed]).graph.nodes[0]).toMatchObject({
      status: 'ready',
      failures: 1,
      error: 'overloaded',
      agent_id: null,
    });
    const released = event(12, 'subtask.released', { nth: 0, attempt: 1 });
    const { graph: after } = applyEvents(graph, [claimed, released]);
    expect(after.nodes[0]).toMatchObject({ status: 'ready', failures: 0 });
    expect(after.attempts).toMatchObject([{ outcome: 'released' }]);
  });

  it.each(Object.entries(SUBTASK_TRANSITIONS))('take the status from the transition %s', (_name, transition) => {
    const { graph: after } = applyEvents(graph, [event(11, transition.event, { nth: 0 })]);
    expect(after.nodes[0]?.status).toBe(transition.to);
  });

  it('leave the objects of the other subtasks as they are', () => {
    const { graph: after } = applyEvents(graph, [claimed]);
    expect(after.nodes[1]).toBe(graph.nodes[1]);
    expect(graph.nodes[0]?.status).toBe('ready');
  });
});

describe('events that were seen before', () => {
  it('change nothing when they come again', () => {
    const { graph: after } = applyEvents(graph, [claimed, completed]);
    expect(applyEvents(after, [claimed, completed])).toEqual({ graph: after, stale: false });
  });

  it('change nothing within one batch either', () => {
    const twice = applyEvents(graph, [claimed, claimed, completed, completed]);
    expect(twice.graph).toEqual(applyEvents(graph, [claimed, completed]).graph);
  });
});

describe('a graph has to be read again', () => {
  it('after a gap in the numbers', () => {
    expect(applyEvents(graph, [event(14, 'subtask.ready', { nth: 1 })])).toMatchObject({
      stale: true,
      graph: { last_event: 14 },
    });
  });

  it('when an event names a subtask or a type that is not known', () => {
    expect(applyEvents(graph, [event(11, 'subtask.ready', { nth: 7 })]).stale).toBe(true);
    expect(applyEvents(graph, [event(11, 'subtask.sang' as EventType, { nth: 0 })])).toMatchObject({
      stale: true,
      graph: { last_event: 11 },
    });
  });

  it('when the task itself moved', () => {
    const ended = applyEvents(graph, [event(11, 'task.failed', { error: 'no' })]);
    expect(ended).toMatchObject({ stale: true, graph: { task: { status: 'failed', finished_at: AT } } });
    const again = applyEvents(ended.graph, [event(12, 'task.retried')]);
    expect(again.graph.task).toMatchObject({ status: 'in_progress', finished_at: null });
  });
});

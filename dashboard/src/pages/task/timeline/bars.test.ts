import { describe, expect, it } from 'vitest';
import type { AttemptSpan, GraphNode } from '../../../../../src/protocol/dashboard-api.ts';
import { STARTED_AT, taskGraph } from '../../../../../tests/support/task-graph.ts';
import { marksOf, timelineOf } from './bars.ts';

const start = Date.parse(STARTED_AT);
const at = (seconds: number) => new Date(start + seconds * 1_000).toISOString();

function span(
  position: number,
  attempt: number,
  [ready, started, ended]: [number, number, number | null],
): AttemptSpan {
  return {
    position,
    attempt,
    agent_id: 'agent_1',
    ready_at: at(ready),
    started_at: at(started),
    ended_at: ended === null ? null : at(ended),
    outcome: ended === null ? 'running' : 'failed',
    error_code: null,
  };
}

function rowOf(change: Partial<GraphNode>, attempts: AttemptSpan[], now: number) {
  const graph = taskGraph([[]]);
  const node = { ...graph.nodes[0], ...change } as GraphNode;
  const [row] = timelineOf({ ...graph, nodes: [node], attempts }, start + now * 1_000).rows;
  return row?.bars.map((bar) => [bar.kind, (bar.from - start) / 1_000, (bar.to - start) / 1_000]);
}

describe('the scale', () => {
  it('begins with the first attempt, though a retry began a new run', () => {
    const graph = taskGraph([[]]);
    const task = { ...graph.task, started_at: at(60) };
    const attempts = [span(0, 1, [0, 1, 2]), span(0, 2, [60, 61, null])];
    const { from, to } = timelineOf({ ...graph, task, attempts }, start + 70_000);
    expect([from, to]).toEqual([start, start + 70_000]);
  });
});

describe('the bars of a subtask', () => {
  it('tell waiting, queued and running apart, up to now', () => {
    expect(rowOf({ status: 'running' }, [span(0, 1, [2, 3, null])], 10)).toEqual([
      ['waiting', 0, 2],
      ['queued', 2, 3],
      ['running', 3, 10],
    ]);
  });

  it('show each attempt and the pause before its retry', () => {
    const attempts = [span(0, 1, [0, 1, 2]), span(0, 2, [2, 5, null])];
    expect(rowOf({ status: 'running' }, attempts, 9)).toEqual([
      ['queued', 0, 1],
      ['running', 1, 2],
      ['backing off', 2, 5],
      ['running', 5, 9],
    ]);
  });

  it('show a retry that is still to come', () => {
    const bars = rowOf({ status: 'ready', failures: 1, ready_at: at(2) }, [span(0, 1, [0, 1, 2])], 4);
    expect(bars?.at(-1)).toEqual(['backing off', 2, 4]);
  });

  it('wait until now while dependencies run, and until the end when they failed', () => {
    expect(rowOf({ status: 'pending', ready_at: null }, [], 4)).toEqual([['waiting', 0, 4]]);
    expect(rowOf({ status: 'blocked', ready_at: null, finished_at: at(3) }, [], 9)).toEqual([['waiting', 0, 3]]);
  });
});

it('orders rows by their first attempt and says which dependency was the last', () => {
  const graph = taskGraph([[], [], [0, 1]]);
  const nodes = graph.nodes.map((node) => ({ ...node, finished_at: at(node.position === 0 ? 9 : 5) }));
  const attempts = [span(0, 1, [0, 4, 9]), span(1, 1, [0, 1, 5])];
  const { rows } = timelineOf({ ...graph, nodes, attempts }, start + 10_000);
  expect(rows.map((row) => row.node.position)).toEqual([1, 0, 2]);
  expect(rows[2]?.waitedFor).toBe(0);
});

it('marks the scale at round numbers', () => {
  expect(marksOf(9_500, 6)).toEqual([0, 2_000, 4_000, 6_000, 8_000]);
  expect(marksOf(3_700_000, 6)).toEqual([0, 900_000, 1_800_000, 2_700_000, 3_600_000]);
});

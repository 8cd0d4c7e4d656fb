import { expect, it } from 'vitest';
import type { StatsResponse } from '../../../../src/protocol/dashboard-api.ts';
import { figuresOf, instantsOf } from './series.ts';

const bucket = (nth: number, given: Partial<StatsResponse['buckets'][number]> = {}) => ({
  at: new Date(nth * 60_000).toISOString(),
  tasks_completed: 0,
  tasks_failed: 0,
  subtasks_completed: 0,
  attempts_failed: 0,
  waiting_seconds: { p50: null, p95: null },
  running_seconds: { p50: null, p95: null },
  cost_usd: 0,
  ...given,
});

const stats: StatsResponse = {
  tasks: { pending: 0, in_progress: 1, completed: 3, failed: 1, cancelled: 0 },
  subtasks: { pending: 0, ready: 2, running: 1, completed: 0, failed: 0, blocked: 0, cancelled: 0 },
  queue: [],
  agents: { registered: 5, slots: 5, busy: 1 },
  window: { from: new Date(0).toISOString(), to: new Date(120_000).toISOString(), bucket_seconds: 60 },
  waiting_seconds: { p50: 0.25, p95: 4 },
  running_seconds: { p50: null, p95: null },
  cost_usd: 0.5,
  buckets: [
    bucket(0, { tasks_completed: 2, subtasks_completed: 5, waiting_seconds: { p50: 0.25, p95: 4 } }),
    bucket(1, { tasks_completed: 1, tasks_failed: 1, cost_usd: 0.5 }),
  ],
};

it('draws each bucket at its instant', () => {
  expect(instantsOf(stats)).toEqual([0, 60]);
});

it('says the whole window in one figure each', () => {
  expect(figuresOf(stats).map(({ title, value, more }) => [title, value, more])).toEqual([
    ['Throughput', '3 tasks', '5 subtasks, 1 task failed'],
    ['Waiting', '250 ms', 'median; 95 % within 4.0 s'],
    ['Running', '–', 'median; 95 % within –'],
    ['Spend', '$0.50', 'of all attempts that ended'],
  ]);
});

it('leaves a gap where nothing ended', () => {
  const [, waiting] = figuresOf(stats);
  expect(waiting?.lines.map((line) => line.values)).toEqual([
    [0.25, null],
    [4, null],
  ]);
});

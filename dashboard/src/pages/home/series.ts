// From the figures of an hour, a day or a week to what the overview's small charts draw and say.
import type { StatsResponse } from '../../../../src/protocol/dashboard-api.ts';
import { formatCost, plural } from '../../format/amount.ts';
import { formatDuration } from '../../format/time.ts';

export type Tone = 'green' | 'red' | 'blue' | 'cyan' | 'accent';

export interface Line {
  name: string;
  tone: Tone;
  /** One for each instant; null where there is nothing to say. */
  values: (number | null)[];
}

export interface Figure {
  title: string;
  /** The whole window in one figure. */
  value: string;
  more: string;
  shape: 'bars' | 'lines';
  lines: Line[];
}

/** Instants of the buckets, in seconds. */
export function instantsOf({ buckets }: StatsResponse): number[] {
  return buckets.map((bucket) => Date.parse(bucket.at) / 1_000);
}

export function figuresOf(stats: StatsResponse): Figure[] {
  const { buckets, waiting_seconds: waiting, running_seconds: running } = stats;
  const steps = sum(buckets.map((bucket) => bucket.subtasks_completed));
  const done = sum(buckets.map((bucket) => bucket.tasks_completed));
  const failed = sum(buckets.map((bucket) => bucket.tasks_failed));
  return [
    {
      title: 'Throughput',
      value: plural(done, 'task'),
      more: `${plural(steps, 'subtask')}${failed > 0 ? `, ${plural(failed, 'task')} failed` : ''}`,
      shape: 'bars',
      lines: [
        { name: 'completed', tone: 'green', values: buckets.map((bucket) => bucket.tasks_completed) },
        { name: 'failed', tone: 'red', values: buckets.map((bucket) => bucket.tasks_failed) },
      ],
    },
    spread('Waiting', 'cyan', { of: waiting, over: buckets.map((bucket) => bucket.waiting_seconds) }),
    spread('Running', 'blue', { of: running, over: buckets.map((bucket) => bucket.running_seconds) }),
    {
      title: 'Spend',
      value: formatCost(stats.cost_usd),
      more: 'of all attempts that ended',
      shape: 'bars',
      lines: [{ name: 'dollars', tone: 'accent', values: buckets.map((bucket) => bucket.cost_usd) }],
    },
  ];
}

type Percentiles = StatsResponse['waiting_seconds'];

function spread(title: string, tone: Tone, { of, over }: { of: Percentiles; over: Percentiles[] }): Figure {
  return {
    title,
    value: seconds(of.p50),
    more: `median; 95 % within ${seconds(of.p95)}`,
    shape: 'lines',
    lines: [
      { name: 'median', tone, values: over.map(({ p50 }) => p50) },
      { name: '95 %', tone: 'accent', values: over.map(({ p95 }) => p95) },
    ],
  };
}

function seconds(value: number | null): string {
  return value === null ? '–' : formatDuration(value * 1_000);
}

function sum(values: readonly number[]): number {
  return values.reduce((all, one) => all + one, 0);
}

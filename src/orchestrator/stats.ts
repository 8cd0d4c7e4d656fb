// The overview in numbers: what is open and queued now, and what ended in a window, bucket by bucket.
import { SUBTASK_STATUSES, TASK_STATUSES } from '../domain/transitions.ts';
import type { StatsResponse } from '../protocol/dashboard-api.ts';
import {
  countEndedAttempts,
  countEndedTasks,
  countOpenSubtasks,
  countOpenTasks,
  countReady,
  ENDED_MAX,
  type EndedAttempts,
  type EndedTasks,
  type Window,
} from '../store/activity.ts';
import type { Parts } from './parts.ts';
import { largestFirst } from './queued-sets.ts';

/** About as many buckets as a chart has room for. */
const WINDOWS = {
  '1h': { seconds: 3_600, bucketSeconds: 60 },
  '24h': { seconds: 86_400, bucketSeconds: 1_800 },
  '7d': { seconds: 604_800, bucketSeconds: 7_200 },
} as const;

export type WindowName = keyof typeof WINDOWS;

interface History {
  attempts: EndedAttempts[];
  tasks: EndedTasks[];
}

interface Kept {
  until: number;
  history: Promise<History>;
}

export class Stats {
  private readonly parts: Pick<Parts, 'db' | 'bus' | 'clock'>;
  private readonly kept = new Map<WindowName, Kept>();

  constructor(parts: Pick<Parts, 'db' | 'bus' | 'clock'>) {
    this.parts = parts;
  }

  async read(name: WindowName): Promise<StatsResponse> {
    const { db, bus, clock } = this.parts;
    const to = clock.now();
    const [openTasks, openSubtasks, ready, agents, history] = await Promise.all([
      countOpenTasks(db),
      countOpenSubtasks(db),
      countReady(db),
      bus.listAgents(),
      this.history(name, to),
    ]);
    return {
      tasks: countsOf(TASK_STATUSES, [...openTasks, ...history.tasks]),
      subtasks: countsOf(SUBTASK_STATUSES, openSubtasks),
      queue: largestFirst(ready),
      agents: {
        registered: agents.length,
        slots: agents.reduce((sum, agent) => sum + agent.slots, 0),
        busy: agents.reduce((sum, agent) => sum + agent.running.length, 0),
      },
      ...overTime(history, windowOf(name, to), to),
    };
  }

  /** The past hardly changes: it is read again after a sixtieth of a bucket, however many pages are open. */
  private history(name: WindowName, to: Date): Promise<History> {
    const kept = this.kept.get(name);
    if (kept && to.getTime() < kept.until) return kept.history;
    const window = windowOf(name, to);
    const history = readHistory(this.parts, window);
    this.kept.set(name, { until: to.getTime() + (window.bucketSeconds * 1_000) / 60, history });
    history.catch(() => this.kept.delete(name));
    return history;
  }
}

async function readHistory({ db }: Pick<Parts, 'db'>, window: Window): Promise<History> {
  const [attempts, tasks] = await Promise.all([countEndedAttempts(db, window), countEndedTasks(db, window)]);
  return { attempts, tasks };
}

/** Whole buckets, the last of which has just begun. */
function windowOf(name: WindowName, to: Date): Window {
  const { seconds, bucketSeconds } = WINDOWS[name];
  const first = Math.floor(to.getTime() / 1_000 / bucketSeconds) - seconds / bucketSeconds + 1;
  return { from: instantOf(first * bucketSeconds), bucketSeconds };
}

function overTime({ attempts, tasks }: History, { from: wanted, bucketSeconds }: Window, to: Date) {
  const whole = attempts.find((row) => row.bucket === null);
  const from = coveredFrom({ attempts, tasks }, wanted);
  const byBucket = new Map(attempts.map((row) => [row.bucket, row]));
  const ended = new Map(tasks.map((row) => [`${row.bucket} ${row.status}`, row.count]));
  const numbers = range(bucketOf(from, bucketSeconds), bucketOf(to.toISOString(), bucketSeconds));
  return {
    window: { from, to: to.toISOString(), bucket_seconds: bucketSeconds },
    ...measuresOf(whole),
    buckets: numbers.map((bucket) => ({
      at: instantOf(bucket * bucketSeconds),
      tasks_completed: ended.get(`${bucket} completed`) ?? 0,
      tasks_failed: ended.get(`${bucket} failed`) ?? 0,
      subtasks_completed: byBucket.get(bucket)?.completed ?? 0,
      attempts_failed: byBucket.get(bucket)?.failed ?? 0,
      ...measuresOf(byBucket.get(bucket)),
    })),
  };
}

/** Later than was asked for when there was more than is read: what is before was not counted. */
function coveredFrom({ attempts, tasks }: History, wanted: string): string {
  const whole = attempts.filter((row) => row.bucket === null && row.completed + row.failed >= ENDED_MAX);
  const full = tasks.reduce((sum, row) => sum + row.count, 0) >= ENDED_MAX ? tasks : [];
  const beginnings = [whole, full].map((rows) => rows.map((row) => row.since).sort()[0] ?? wanted);
  return [wanted, ...beginnings].sort().at(-1) ?? wanted;
}

function measuresOf(row: EndedAttempts | undefined) {
  return {
    waiting_seconds: { p50: row?.waiting_p50 ?? null, p95: row?.waiting_p95 ?? null },
    running_seconds: { p50: row?.running_p50 ?? null, p95: row?.running_p95 ?? null },
    cost_usd: row?.cost_usd ?? 0,
  };
}

function countsOf<Status extends string>(
  statuses: readonly Status[],
  rows: readonly { status: Status; count: number }[],
): Record<Status, number> {
  const counts = Object.fromEntries(statuses.map((status) => [status, 0])) as Record<Status, number>;
  for (const row of rows) counts[row.status] += row.count;
  return counts;
}

function bucketOf(instant: string, bucketSeconds: number): number {
  return Math.floor(Date.parse(instant) / 1_000 / bucketSeconds);
}

function instantOf(seconds: number): string {
  return new Date(seconds * 1_000).toISOString();
}

function range(first: number, last: number): number[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, nth) => first + nth);
}

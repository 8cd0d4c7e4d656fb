// Holds the tasks that this process plans, or has in line to be planned: one statement renews them all, so that others leave
// them alone, and finds those that are pending no more, or that another took over while this process stood still. A notice
// that stops a task ends its planning at once.
import type { Bus } from '../bus/bus.ts';
import type { Clock } from '../clock.ts';
import type { Logger } from '../log.ts';
import type { Db } from '../store/db.ts';
import { renewPlanning } from '../store/unplanned-tasks.ts';
import { Subscription } from './notices.ts';

/** A task whose cancel no notice told of is let go within this time. */
const RENEW_MAX_MS = 2_000;

export interface LeaseParts {
  db: Db;
  bus: Bus;
  clock: Clock;
  logger: Logger;
}

export interface PlanningLease {
  /** Aborts when the task stopped being pending, or another process took it over. */
  lost: AbortSignal;
  release(): void;
}

interface HeldTask {
  /** As the last renewal said; null before the first. */
  until: string | null;
  readonly holders: Set<AbortController>;
}

export class PlanningLeases {
  private readonly parts: LeaseParts;
  private readonly planningMs: number;
  private readonly held = new Map<string, HeldTask>();
  private readonly stops: Subscription<'stop'>;
  private cancelTimer: (() => void) | null = null;

  /** `planningMs`: how long a task is left alone by others after it was renewed. */
  constructor(parts: LeaseParts, planningMs: number) {
    this.parts = parts;
    this.planningMs = planningMs;
    this.stops = new Subscription(parts, 'stop', ({ task_id = '', subtask_id }) => {
      const task = this.held.get(task_id);
      // Those that name a subtask are for agents.
      if (task && !subtask_id) this.lose(task_id, task);
    });
  }

  /** Of all that are held. */
  get taskIds(): string[] {
    return [...this.held.keys()];
  }

  holds(taskId: string): boolean {
    return this.held.has(taskId);
  }

  /** Goes on holding a task that the store gave to this process. */
  async hold(taskId: string): Promise<PlanningLease> {
    const lost = new AbortController();
    const task = this.held.get(taskId) ?? { until: null, holders: new Set() };
    this.held.set(taskId, task);
    task.holders.add(lost);
    this.renewSoon();
    await this.stops.begin();
    return {
      lost: lost.signal,
      release: () => {
        task.holders.delete(lost);
        if (task.holders.size === 0) this.drop(taskId, task);
      },
    };
  }

  async close(): Promise<void> {
    this.held.clear();
    this.cancelTimer?.();
    await this.stops.close();
  }

  private lose(taskId: string, task: HeldTask): void {
    this.drop(taskId, task);
    for (const holder of task.holders) holder.abort();
  }

  /** Somebody may hold it anew by now: that is left alone. */
  private drop(taskId: string, task: HeldTask): void {
    if (this.held.get(taskId) === task) this.held.delete(taskId);
  }

  private renewSoon(): void {
    this.cancelTimer ??= this.parts.clock.after(Math.min(this.planningMs / 3, RENEW_MAX_MS), () => void this.renew());
  }

  private async renew(): Promise<void> {
    const asked = [...this.held];
    if (asked.length > 0) await this.renewAll(asked);
    this.cancelTimer = null;
    if (this.held.size > 0) this.renewSoon();
  }

  private async renewAll(asked: readonly [id: string, task: HeldTask][]): Promise<void> {
    const held = asked.map(([id, { until }]) => ({ id, until }));
    // A database that fails now may answer in time for the next renewal.
    const kept = await renewPlanning(this.parts.db, held, this.planningMs).catch(() => null);
    if (!kept) return;
    for (const [id, task] of asked) {
      task.until = kept.get(id) ?? null;
      if (!kept.has(id)) this.lose(id, task);
    }
  }
}

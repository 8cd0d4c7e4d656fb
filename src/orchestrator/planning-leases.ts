// Holds the tasks that this process plans, or has in line to be planned: one statement renews them all, so that others leave
// them alone, and finds those that are pending no more. A notice that stops a task ends its planning at once.
import type { Bus } from '../bus/bus.ts';
import type { Clock } from '../clock.ts';
import type { Logger } from '../log.ts';
import type { Db } from '../store/db.ts';
import { renewPlanning } from '../store/tasks.ts';
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
  /** Aborts when the task stopped being pending. */
  lost: AbortSignal;
  release(): void;
}

interface Held {
  taskId: string;
  lost: AbortController;
}

export class PlanningLeases {
  private readonly parts: LeaseParts;
  private readonly planningMs: number;
  private readonly held = new Set<Held>();
  private readonly stops: Subscription<'stop'>;
  private cancelTimer: (() => void) | null = null;

  /** `planningMs`: how long a task is left alone by others after it was renewed. */
  constructor(parts: LeaseParts, planningMs: number) {
    this.parts = parts;
    this.planningMs = planningMs;
    this.stops = new Subscription(parts, 'stop', (notice) => {
      // Those that name a subtask are for agents.
      if (notice.task_id && !notice.subtask_id) this.lose(notice.task_id);
    });
  }

  /** Goes on holding a task that the store gave to this process. */
  async hold(taskId: string): Promise<PlanningLease> {
    const held = { taskId, lost: new AbortController() };
    this.held.add(held);
    this.renewSoon();
    await this.stops.begin();
    return { lost: held.lost.signal, release: () => void this.held.delete(held) };
  }

  async close(): Promise<void> {
    this.held.clear();
    this.cancelTimer?.();
    await this.stops.close();
  }

  private lose(taskId: string): void {
    for (const one of this.held) if (one.taskId === taskId) one.lost.abort();
  }

  private renewSoon(): void {
    this.cancelTimer ??= this.parts.clock.after(Math.min(this.planningMs / 3, RENEW_MAX_MS), () => void this.renew());
  }

  private async renew(): Promise<void> {
    const ids = [...new Set([...this.held].map(({ taskId }) => taskId))];
    // A database that fails now may answer in time for the next renewal.
    const pending = ids.length === 0 ? [] : await renewPlanning(this.parts.db, ids, this.planningMs).catch(() => ids);
    const kept = new Set(pending);
    for (const id of ids) if (!kept.has(id)) this.lose(id);
    this.cancelTimer = null;
    if (this.held.size > 0) this.renewSoon();
  }
}

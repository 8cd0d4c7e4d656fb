// What the leader hears and reads of ready subtasks, into its queue. Notices name what has just become ready; the database is
// read when the queue runs low of what it does not hold whole, and by the sweep.
import type { Clock } from '../clock.ts';
import { type Capability, maskOf } from '../domain/capability.ts';
import type { ReadyNotice } from '../domain/ready-notice.ts';
import type { ReadySubtask } from '../domain/subtask.ts';
import type { Db } from '../store/db.ts';
import { findReady, findReadyOf, listReady, type ReadyCursor } from '../store/ready-list.ts';
import type { BudgetWaits } from './budget-waits.ts';
import type { ReadyQueue } from './ready-queue.ts';

/** Rows that are read at a time. */
export const REFILL_ROWS = 5_000;
/** Subtasks of notices that wait for the next round; what is more is read from the database. */
const HEARD_MAX = 10_000;
/** Ready subtasks looked up when budget came free: what it does not suffice for is dropped again. */
const FREED_MAX = 200;

export interface IntakeOptions {
  db: Db;
  clock: Clock;
  queue: ReadyQueue;
  waits: BudgetWaits;
}

export class ReadyIntake {
  private readonly options: IntakeOptions;
  /** Ids that notices named as ready, until the next round looks them up. */
  private announced: string[] = [];
  /** Those of which the notices said everything, likewise. */
  private unblocked: ReadySubtask[] = [];
  /** Tasks that waited for budget until an attempt of theirs ended, likewise. */
  private freed: string[] = [];
  /** There were more than the notices named. */
  private missed = false;
  private cursor: ReadyCursor = new Map();

  constructor(options: IntakeOptions) {
    this.options = options;
  }

  hear({ ready = [], unblocked = [], more = false }: ReadyNotice): void {
    const room = Math.max(0, HEARD_MAX - this.announced.length - this.unblocked.length);
    this.missed ||= more || ready.length + unblocked.length > room;
    // Not as arguments of a push: a notice may name more than a call can take.
    this.unblocked = this.unblocked.concat(unblocked.slice(0, room));
    this.announced = this.announced.concat(ready.slice(0, Math.max(0, room - unblocked.length)));
  }

  /** An attempt of this task ended, and it waited for that. */
  hearFreed(taskId: string): void {
    this.freed.push(taskId);
  }

  /** Takes over what was heard. */
  async learn(): Promise<void> {
    const { db } = this.options;
    const [announced, unblocked, freed] = [this.announced, this.unblocked, this.freed];
    const missed = this.missed;
    this.forgetHeard();
    this.add(unblocked);
    if (announced.length > 0) this.add(await findReady(db, announced));
    if (freed.length > 0) this.add(await findReadyOf(db, freed, FREED_MAX));
    if (missed) this.options.queue.lacksSome();
  }

  /** Starts over from what the database says that agents with one of these sets could run. */
  async refill(offered: readonly (readonly Capability[])[]): Promise<void> {
    const { db, clock, queue, waits } = this.options;
    this.forgetHeard();
    const query = { offered, limit: REFILL_ROWS, except: waits.tasks, from: this.cursor };
    const { rows, cut, cursor } = await listReady(db, query);
    this.cursor = cursor;
    queue.replace(rows, clock.now().getTime());
    for (const set of cut) queue.lacks(maskOf(set));
  }

  clear(): void {
    this.forgetHeard();
    this.cursor = new Map();
  }

  private add(rows: readonly ReadySubtask[]): void {
    this.options.queue.add(rows, this.options.clock.now().getTime());
  }

  private forgetHeard(): void {
    this.announced = [];
    this.unblocked = [];
    this.freed = [];
    this.missed = false;
  }
}

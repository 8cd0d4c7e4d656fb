// Tasks that come with their plan, from many requests at once into the database: those that come while others are being
// stored go together. A database that cannot keep up slows its callers down, and never fills the memory.
import { Batcher } from '../batcher.ts';
import { AppError } from '../domain/errors.ts';
import { readyNotice } from '../domain/ready-notice.ts';
import { type CreatedPlanned, createPlanned, type PlannedTask } from '../store/planned-tasks.ts';
import { announce } from './notices.ts';
import type { Parts } from './parts.ts';
import { isUnstorable } from './unstorable.ts';

const BATCH = 50;
/** Tasks that may wait to be stored; more are refused. */
const WAITING_MAX = 1_000;

type IntakeParts = Pick<Parts, 'db' | 'bus' | 'logger' | 'metrics'>;

export class TaskIntake {
  private readonly parts: IntakeParts;
  private readonly batcher: Batcher<PlannedTask, CreatedPlanned>;

  constructor(parts: IntakeParts) {
    this.parts = parts;
    this.batcher = new Batcher({ max: BATCH, blamesItem: isUnstorable, run: (tasks) => this.store(tasks) });
  }

  /** Throws unavailable while too many wait. */
  async add(task: PlannedTask): Promise<CreatedPlanned> {
    this.refuseWithoutRoom(1);
    return this.batcher.add(task);
  }

  /** Throws unavailable when so many more would be too many. */
  refuseWithoutRoom(tasks: number): void {
    if (this.batcher.size + tasks <= WAITING_MAX) return;
    const message = `${this.batcher.size} tasks wait to be stored: the database cannot keep up; try again shortly`;
    throw new AppError('unavailable', message);
  }

  private async store(tasks: readonly PlannedTask[]): Promise<CreatedPlanned[]> {
    const stored = await createPlanned(this.parts.db, tasks);
    const created = stored.filter((one) => one.outcome === 'created');
    if (created.length === 0) return stored;
    this.parts.metrics.taskCreated(created.length);
    await Promise.all([
      announce(this.parts, 'wake', readyNotice({ unblocked: created.flatMap((one) => one.ready) })),
      announce(this.parts, 'events', { task_ids: created.map((one) => one.id) }),
    ]);
    return stored;
  }
}

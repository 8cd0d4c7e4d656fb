// Says of a pending task whether it waits for a planning slot or is being planned, and how far. Each process knows that of
// its own tasks; it tells the others on the bus, now and then, so that any replica can answer. Lost notices cost the reason,
// not the answer.
import { randomUUID } from 'node:crypto';
import type { Bus, Notices } from '../bus/bus.ts';
import type { Clock } from '../clock.ts';
import { type TaskWaiting, underPlanning, waitsForSlot } from '../domain/waiting.ts';
import type { Logger } from '../log.ts';
import { announce, Subscription } from './notices.ts';
import type { PlanningSlots } from './planning-slots.ts';

/** Changes are told this late, together. */
const TELL_MS = 500;
/** What did not change is told again, for whoever came meanwhile. */
const REPEAT_MS = 4_000;
/** What another process told is believed this long. */
const BELIEVE_MS = 10_000;
/** Tasks told of at once; the others have no reason on other replicas until the line is shorter. */
const TOLD_MAX = 200;

export interface BoardParts {
  bus: Bus;
  clock: Clock;
  logger: Logger;
  slots: PlanningSlots;
}

interface Told {
  at: number;
  reasons: Map<string, TaskWaiting>;
}

export class PlanningBoard {
  private readonly parts: BoardParts;
  private readonly name = randomUUID();
  /** Steps written so far, by task. */
  private readonly steps = new Map<string, number>();
  private readonly others = new Map<string, Told>();
  private readonly notices: Subscription<'planning'>;
  private telling: { at: number; cancel: () => void } | null = null;
  private isClosed = false;

  constructor(parts: BoardParts) {
    this.parts = parts;
    this.notices = new Subscription(parts, 'planning', (notice) => this.hear(notice));
    parts.slots.onChange = () => this.tellIn(TELL_MS);
  }

  /** So many steps of the task's plan are written; null: nobody writes at it any more. */
  wrote(taskId: string, steps: number | null): void {
    if (steps === null) this.steps.delete(taskId);
    else this.steps.set(taskId, steps);
    this.tellIn(TELL_MS);
  }

  /** Null when nobody is known to plan it. */
  async find(taskId: string): Promise<TaskWaiting | null> {
    await this.notices.begin();
    const own = this.reasons().get(taskId);
    if (own) return own;
    const now = this.now();
    for (const { at, reasons } of this.others.values()) {
      const reason = now - at < BELIEVE_MS ? reasons.get(taskId) : undefined;
      if (reason) return reason;
    }
    return null;
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.telling?.cancel();
    await this.notices.close();
  }

  private reasons(): Map<string, TaskWaiting> {
    const { slots } = this.parts;
    const { planning, waiting } = slots.list();
    const line = { waiting: slots.waiting, slots: slots.atOnce };
    return new Map<string, TaskWaiting>([
      ...planning.map((id) => [id, underPlanning(this.steps.get(id) ?? 0)] as const),
      ...waiting.map(({ task_id, until }) => [task_id, waitsForSlot({ ...line, until })] as const),
    ]);
  }

  private hear({ from, tasks }: Notices['planning']): void {
    const now = this.now();
    for (const [name, { at }] of this.others) if (now - at >= BELIEVE_MS) this.others.delete(name);
    if (from === this.name) return;
    this.others.set(from, { at: now, reasons: new Map(tasks.map(({ task_id, ...reason }) => [task_id, reason])) });
  }

  private tellIn(ms: number): void {
    if (this.isClosed) return;
    const at = this.now() + ms;
    if (this.telling && this.telling.at <= at) return;
    this.telling?.cancel();
    this.telling = { at, cancel: this.parts.clock.after(ms, () => void this.tell()) };
  }

  private async tell(): Promise<void> {
    this.telling = null;
    const tasks = [...this.reasons()].slice(0, TOLD_MAX).map(([task_id, reason]) => ({ task_id, ...reason }));
    if (tasks.length > 0) this.tellIn(REPEAT_MS);
    await announce(this.parts, 'planning', { from: this.name, tasks });
  }

  private now(): number {
    return this.parts.clock.now().getTime();
  }
}

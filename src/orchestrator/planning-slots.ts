// Who asks the model for a plan now: so many tasks at once, the others wait in a fair line. A slot is free again the moment its
// task is planned, gives it back to wait for a busy model, or is wanted no more. What is done in a slot is planning.ts's.
import type { Clock } from '../clock.ts';
import { type Applicant, type Entry, PlanningLine } from './planning-line.ts';

export class PlanningSlots {
  readonly atOnce: number;
  /** Called after each change. */
  onChange: () => void = () => {};
  private readonly clock: Clock;
  private readonly line = new PlanningLine();
  private readonly taken = new Set<Entry>();
  private pausedUntil = 0;
  private cancelTimer = () => {};

  constructor(clock: Clock, atOnce: number) {
    this.clock = clock;
    this.atOnce = atOnce;
  }

  get waiting(): number {
    return this.line.size;
  }

  get planning(): number {
    return this.taken.size;
  }

  /** The tasks that have a slot, and those in line with the instant before which they get none. */
  list(): { planning: string[]; waiting: { task_id: string; until: Date | null }[] } {
    const now = this.now();
    const waiting = [...this.line].flatMap(({ task_id, notBefore }) => {
      const at = Math.max(this.pausedUntil, notBefore);
      return task_id ? [{ task_id, until: at > now ? new Date(at) : null }] : [];
    });
    return { planning: [...this.taken].flatMap(({ task_id }) => task_id ?? []), waiting };
  }

  /**
   * Resolves, when its turn has come, to what gives the slot back. When the signal aborts it leaves at once: the line, and
   * then this rejects with the signal's reason, or the slot.
   */
  enter(applicant: Applicant, signal: AbortSignal): Promise<() => void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      let hasLeft = false;
      const leave = () => {
        signal.removeEventListener('abort', leave);
        if (hasLeft) return;
        hasLeft = true;
        this.taken.delete(entry);
        this.line.forget(entry);
        // Without effect once it had its slot.
        reject(signal.reason);
        this.admit();
      };
      const entry = this.line.join(applicant, () => resolve(leave));
      signal.addEventListener('abort', leave, { once: true });
      this.admit();
    });
  }

  /** Nobody is let in before: the model limits the account, so each would be refused. */
  pauseUntil(at: Date): void {
    this.pausedUntil = Math.max(this.pausedUntil, at.getTime());
    this.admit();
  }

  private admit(): void {
    const now = this.now();
    this.line.wake(now);
    while (now >= this.pausedUntil && this.taken.size < this.atOnce) {
      const next = this.line.take(now);
      if (!next) break;
      this.taken.add(next);
      next.enter();
    }
    this.cancelTimer();
    const wait = this.msUntilChange(now);
    this.cancelTimer = wait === null ? () => {} : this.clock.after(wait, () => this.admit());
    this.onChange();
  }

  /** Null: nothing changes by time alone. */
  private msUntilChange(now: number): number | null {
    const { soonest } = this.line;
    if (soonest === null || this.taken.size >= this.atOnce) return null;
    return Math.max(this.pausedUntil, soonest) - now;
  }

  private now(): number {
    return this.clock.now().getTime();
  }
}

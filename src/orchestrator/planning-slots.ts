// Who asks the model for a plan now, and who waits: so many tasks at once, the others in a fair line. A slot is free again the
// moment its task is planned, gives it back to wait for a busy model, or is wanted no more. What is done in a slot is planning.ts's.
import type { Clock } from '../clock.ts';
import { Turns } from '../domain/turns.ts';

/** Waiting this long counts as much as any number of turns: nobody is overtaken for ever by users who keep coming. */
const AGE_MS = 600_000;

export interface Applicant {
  /** Null: a plan without a task. */
  task_id: string | null;
  user_id: string;
  /** When it was submitted. */
  since: Date;
  /** The model was busy: it is not to be asked again before. */
  notBefore?: Date | null;
}

interface Entry extends Applicant {
  enter(): void;
}

export class PlanningSlots {
  readonly atOnce: number;
  /** Called after each change. */
  onChange: () => void = () => {};
  private readonly clock: Clock;
  private readonly line = new Set<Entry>();
  private readonly taken = new Set<Entry>();
  private readonly turns = new Turns();
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
    const waiting = [...this.line].flatMap((entry) => {
      const at = Math.max(this.pausedUntil, notBeforeOf(entry));
      return entry.task_id ? [{ task_id: entry.task_id, until: at > now ? new Date(at) : null }] : [];
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
      const leave = () => {
        signal.removeEventListener('abort', leave);
        if (!this.line.delete(entry) && !this.taken.delete(entry)) return;
        // Without effect once it had its slot.
        reject(signal.reason);
        this.admit();
      };
      const entry: Entry = { ...applicant, enter: () => resolve(leave) };
      signal.addEventListener('abort', leave, { once: true });
      this.turns.join(applicant.user_id);
      this.line.add(entry);
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
    if (now >= this.pausedUntil) {
      while (this.taken.size < this.atOnce) {
        const next = this.first(now);
        if (!next) break;
        this.line.delete(next);
        this.taken.add(next);
        this.turns.count(next.user_id);
        next.enter();
      }
    }
    this.turns.forgetAllBut([...this.line, ...this.taken].map((entry) => entry.user_id));
    this.cancelTimer();
    const wait = this.msUntilChange(now);
    this.cancelTimer = wait === null ? () => {} : this.clock.after(wait, () => this.admit());
    this.onChange();
  }

  private first(now: number): Entry | undefined {
    let first: Entry | undefined;
    for (const entry of this.line)
      if (notBeforeOf(entry) <= now && (!first || this.compare(entry, first, now) < 0)) first = entry;
    return first;
  }

  /** Who has waited long; then whose user had fewer turns; then who came first. */
  private compare(a: Entry, b: Entry, now: number): number {
    return (
      ageOf(b, now) - ageOf(a, now) ||
      this.turns.of(a.user_id) - this.turns.of(b.user_id) ||
      a.since.getTime() - b.since.getTime()
    );
  }

  /** Null: nothing changes by time alone. */
  private msUntilChange(now: number): number | null {
    if (this.line.size === 0 || this.taken.size >= this.atOnce) return null;
    const soonest = Math.min(...[...this.line].map(notBeforeOf));
    return Math.max(this.pausedUntil, soonest) - now;
  }

  private now(): number {
    return this.clock.now().getTime();
  }
}

function notBeforeOf(entry: Applicant): number {
  return entry.notBefore?.getTime() ?? 0;
}

function ageOf(entry: Applicant, now: number): number {
  return Math.floor((now - entry.since.getTime()) / AGE_MS);
}

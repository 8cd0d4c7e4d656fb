// Who waits for a planning slot, and who is next: users in turn, of each user the oldest task first. What one user has in line
// costs the others nothing: only users are compared.
import { Heap, OUT, type Placed } from '../domain/heap.ts';
import { Turns } from '../domain/turns.ts';

/** Whoever waits for longer since their last turn goes first, once: nobody is overtaken for ever by users who keep coming. */
const TURN_WITHIN_MS = 600_000;

export interface Applicant {
  /** Null: a plan without a task. */
  task_id: string | null;
  user_id: string;
  /** When it was submitted. */
  since: Date;
  /** The model was busy: it is not to be asked again before. */
  notBefore?: Date | null;
}

export interface Entry extends Placed {
  readonly task_id: string | null;
  /** Milliseconds since 1970, as `since` is; 0: at once. */
  readonly notBefore: number;
  readonly since: number;
  /** Of those of one instant the first goes first. */
  readonly nth: number;
  readonly user: User;
  /** It has a slot. */
  enter(): void;
}

interface User {
  readonly id: string;
  /** Those that may be let in now. */
  readonly ready: Heap<Entry>;
  /** In line or in a slot. */
  entries: number;
  /** When the last turn was, or when the line was joined after that. */
  waitsSince: number;
}

export class PlanningLine {
  private readonly waiting = new Set<Entry>();
  /** Those that wait for their instant. */
  private readonly later = new Heap<Entry>((a, b) => a.notBefore - b.notBefore);
  private readonly users = new Map<string, User>();
  private readonly turns = new Turns();
  private joined = 0;

  get size(): number {
    return this.waiting.size;
  }

  [Symbol.iterator](): Iterator<Entry> {
    return this.waiting.values();
  }

  /** `enter` is called by whoever gives it a slot. */
  join({ task_id, user_id, since, notBefore }: Applicant, enter: () => void): Entry {
    const user = this.users.get(user_id) ?? { id: user_id, ready: new Heap(byAge), entries: 0, waitsSince: 0 };
    this.users.set(user_id, user);
    this.turns.join(user_id);
    user.entries += 1;
    this.joined += 1;
    const times = { notBefore: notBefore?.getTime() ?? 0, since: since.getTime() };
    const entry = { task_id, user, ...times, nth: this.joined, enter, at: OUT };
    this.waiting.add(entry);
    this.later.push(entry);
    return entry;
  }

  /** To be called before anybody is taken: those whose instant has come may be. */
  wake(now: number): void {
    for (let { first } = this.later; first && first.notBefore <= now; first = this.later.first) {
      this.later.remove(first);
      const { user } = first;
      if (user.ready.size === 0) user.waitsSince = now;
      user.ready.push(first);
    }
  }

  /** Takes the next one out of the line, as a turn of its user, who has it until it is forgotten. */
  take(now: number): Entry | undefined {
    let next: User | undefined;
    for (const user of this.users.values())
      if (user.ready.size > 0 && (!next || this.compare(user, next, now) < 0)) next = user;
    const entry = next?.ready.first;
    if (!next || !entry) return undefined;
    next.ready.remove(entry);
    this.waiting.delete(entry);
    this.turns.count(next.id);
    next.waitsSince = now;
    return entry;
  }

  /** It wants to be planned no more, or has been: it is gone from the line if it is there. */
  forget(entry: Entry): void {
    const { user } = entry;
    if (this.waiting.delete(entry)) (this.later.has(entry) ? this.later : user.ready).remove(entry);
    user.entries -= 1;
    if (user.entries > 0) return;
    this.users.delete(user.id);
    this.turns.forget(user.id);
  }

  /** The instant from which somebody may be taken, at least 0; null: nobody waits. */
  get soonest(): number | null {
    if (this.waiting.size > this.later.size) return 0;
    return this.later.first?.notBefore ?? null;
  }

  /** Whose turn is overdue; then who had fewer turns; then whose oldest task came first. */
  private compare(a: User, b: User, now: number): number {
    return (
      overdueMs(b, now) - overdueMs(a, now) ||
      this.turns.of(a.id) - this.turns.of(b.id) ||
      (a.ready.first && b.ready.first ? byAge(a.ready.first, b.ready.first) : 0)
    );
  }
}

function byAge(a: Entry, b: Entry): number {
  return a.since - b.since || a.nth - b.nth;
}

function overdueMs(user: User, now: number): number {
  return Math.max(0, now - user.waitsSince - TURN_WITHIN_MS);
}

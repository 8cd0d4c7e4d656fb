// The leader's bounded view of ready subtasks, in the order in which they come next: priority, then whose user had fewer turns,
// then longest remaining path, then age. A crowd that nobody can take, or of one user, never hides anybody else's, and costs
// nothing. It knows of which sets the database has more, and says when it runs low of one.
import TinyQueue from 'tinyqueue';
import { type CapabilityMask, maskOf } from '../domain/capability.ts';
import type { Line } from '../domain/match.ts';
import type { ReadySubtask } from '../domain/subtask.ts';
import { Turns } from '../domain/turns.ts';
import { type Candidate, ReadyUser } from './ready-user.ts';
import { Shelves } from './shelves.ts';

/** Far more than is read at a time: notices bring what they name. */
export const QUEUE_MAX = 100_000;

/** What is left of a set when more of it is wanted, as a part of what there was. */
const LOW = 0.25;

export class ReadyQueue {
  private users = new Map<string, ReadyUser>();
  private shelves = new Shelves();
  private delayed = new TinyQueue<Candidate>([], (a, b) => a.dueAt - b.dueAt);
  private readonly known = new Set<string>();
  private readonly turns = new Turns();
  /** How many are due of each set. */
  private readonly counts = new Map<CapabilityMask, number>();
  /** Sets of which there are more, and the count below which they are wanted. */
  private readonly lacking = new Map<CapabilityMask, number>();
  /** The same when it is not known of which sets: the size below which they are wanted. */
  private lackingAny = 0;

  get size(): number {
    return this.known.size;
  }

  /** Starts over from these rows: whatever is no longer ready makes room. `now` is the leader's clock in milliseconds. */
  replace(rows: readonly ReadySubtask[], now: number): void {
    this.empty();
    this.turns.forgetAllBut(rows.map((row) => row.user_id));
    this.add(rows, now);
  }

  /** Adds those that are not in it yet, as long as there is room. */
  add(rows: readonly ReadySubtask[], now: number): void {
    for (const row of rows) {
      if (this.known.has(row.id)) continue;
      if (this.known.size >= QUEUE_MAX) {
        this.lacks(maskOf(row.required_capabilities));
        continue;
      }
      this.known.add(row.id);
      // Field by field: objects that are made by spreading are several times as slow to compare.
      const candidate: Candidate = {
        id: row.id,
        task_id: row.task_id,
        user_id: row.user_id,
        needs: maskOf(row.required_capabilities),
        priority: row.priority,
        rank: row.rank,
        readyAt: Date.parse(row.ready_at),
        dueAt: now + row.due_in_ms,
      };
      if (row.due_in_ms > 0) this.delayed.push(candidate);
      else this.put(candidate);
    }
  }

  /** The database has more of this set. */
  lacks(needs: CapabilityMask): void {
    this.lacking.set(needs, Math.ceil((this.counts.get(needs) ?? 0) * LOW));
  }

  /** The database has more of some sets. */
  lacksSome(): void {
    this.lackingAny = Math.ceil(this.size * LOW);
  }

  /** True when little is left of what the database has more of: it is time to start over from there. */
  get runsLow(): boolean {
    if (this.size < this.lackingAny) return true;
    for (const [needs, low] of this.lacking) if ((this.counts.get(needs) ?? 0) < low) return true;
    return false;
  }

  /**
   * Lets `work` take out of the line of those that are due: each taken one is a turn of its user, so the next may be
   * another's. Those of the tasks `except` are dropped when they come first: they wait for what will bring them in again.
   */
  serve<T>(now: number, except: { has(taskId: string): boolean }, work: (line: Line<Candidate>) => T): T {
    this.promoteDue(now);
    try {
      return work({
        first: () => this.first(except),
        take: () => this.take(),
        pass: () => this.pass(),
      });
    } finally {
      this.shelves.openAll();
    }
  }

  /** For a subtask that was taken and not claimed after all. */
  giveBackTurn(userId: string): void {
    this.turns.giveBack(userId);
    const user = this.users.get(userId);
    if (!user) return;
    user.turns = this.turns.of(userId);
    this.shelves.refile(user);
  }

  /** When the next one is due that is not due yet, in milliseconds of the leader's clock; null when there is none. */
  nextDueAt(now: number): number | null {
    this.promoteDue(now);
    return this.delayed.peek()?.dueAt ?? null;
  }

  clear(): void {
    this.empty();
    this.turns.forgetAllBut([]);
  }

  private empty(): void {
    this.users = new Map();
    this.shelves = new Shelves();
    this.delayed = new TinyQueue<Candidate>([], (a, b) => a.dueAt - b.dueAt);
    this.known.clear();
    this.counts.clear();
    this.lacking.clear();
    this.lackingAny = 0;
  }

  private promoteDue(now: number): void {
    for (let next = this.delayed.peek(); next && next.dueAt <= now; next = this.delayed.peek()) {
      this.delayed.pop();
      this.put(next);
    }
  }

  private first(except: { has(taskId: string): boolean }): Candidate | undefined {
    for (;;) {
      const user = this.shelves.first();
      if (!user?.best || !except.has(user.best.task_id)) return user?.best;
      this.drop(user, user.best);
    }
  }

  private take(): void {
    const user = this.shelves.first();
    if (!user?.best) return;
    this.turns.count(user.best.user_id);
    user.turns = this.turns.of(user.best.user_id);
    this.drop(user, user.best);
  }

  private pass(): void {
    const best = this.shelves.first()?.best;
    if (best) this.shelves.close(best.needs);
  }

  private drop(user: ReadyUser, best: Candidate): void {
    this.known.delete(best.id);
    this.count(best.needs, -1);
    user.dropBest();
    this.shelves.refile(user);
  }

  private put(candidate: Candidate): void {
    this.turns.join(candidate.user_id);
    const user = this.users.get(candidate.user_id) ?? new ReadyUser(this.turns.of(candidate.user_id));
    this.users.set(candidate.user_id, user);
    user.add(candidate);
    this.shelves.refile(user);
    this.count(candidate.needs, 1);
  }

  private count(needs: CapabilityMask, change: 1 | -1): void {
    this.counts.set(needs, (this.counts.get(needs) ?? 0) + change);
  }
}

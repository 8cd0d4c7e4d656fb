// The leader's bounded view of ready subtasks: for each set of capabilities and each user a heap, so that a crowd of subtasks
// that nobody can take never hides one that somebody can, and a crowd of one user's none of another's. It knows of which sets
// the database has more, and says when it runs low of one.
import TinyQueue from 'tinyqueue';
import { type CapabilityMask, maskOf } from '../domain/capability.ts';
import type { ReadySubtask } from '../domain/subtask.ts';
import { Turns } from '../domain/turns.ts';

/** Far more than is read at a time: notices bring what they name. */
export const QUEUE_MAX = 100_000;

export interface Candidate {
  id: string;
  task_id: string;
  user_id: string;
  needs: CapabilityMask;
  priority: number;
  rank: number;
  ready_at: string;
  /** Milliseconds of the leader's clock from which it may be claimed. */
  dueAt: number;
}

/** What is left of a set when more of it is wanted, as a part of what there was. */
const LOW = 0.25;

type Heap = TinyQueue<Candidate>;

export class ReadyQueue {
  /** By set, then by user; a user without any has no heap. */
  private readonly heaps = new Map<CapabilityMask, Map<string, Heap>>();
  private readonly delayed = new TinyQueue<Candidate>([], (a, b) => a.dueAt - b.dueAt);
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
    this.add(rows, now);
    this.turns.forgetAllBut(rows.map((row) => row.user_id));
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
      const { id, task_id, user_id, priority, rank, ready_at } = row;
      const candidate = {
        ...{ id, task_id, user_id, priority, rank, ready_at },
        needs: maskOf(row.required_capabilities),
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
   * Takes out the `limit` most urgent due subtasks of each set, in the order in which they are due: priority, then whose user
   * had fewer turns, then longest remaining path, then age. Whatever is not used must be given back. Those of the tasks
   * `except` are dropped: they wait for what will bring them in again.
   */
  take(limit: number, now: number, except: { has(taskId: string): boolean } = new Set()): Candidate[] {
    this.promoteDue(now);
    const taken = [...this.heaps.values()].flatMap((heaps) => this.takeFrom(heaps, limit, except));
    return this.turns.inOrder(taken, byUrgency);
  }

  giveBack(candidates: readonly Candidate[]): void {
    for (const candidate of candidates) {
      if (this.known.has(candidate.id)) continue;
      this.known.add(candidate.id);
      this.turns.giveBack(candidate.user_id);
      this.put(candidate);
    }
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
    this.heaps.clear();
    this.known.clear();
    this.counts.clear();
    this.lacking.clear();
    this.lackingAny = 0;
    while (this.delayed.length > 0) this.delayed.pop();
  }

  private promoteDue(now: number): void {
    for (let next = this.delayed.peek(); next && next.dueAt <= now; next = this.delayed.peek()) {
      this.delayed.pop();
      this.put(next);
    }
  }

  /** Each time from the user whose most urgent one is next; users of one priority take turns. */
  private takeFrom(heaps: Map<string, Heap>, limit: number, except: { has(taskId: string): boolean }): Candidate[] {
    const taken: Candidate[] = [];
    const users = this.usersIn(heaps);
    for (let user = users.pop(); user && taken.length < limit; user = users.pop()) {
      const { heap, first, turn } = user;
      heap.pop();
      this.known.delete(first.id);
      this.count(first.needs, -1);
      const counts = !except.has(first.task_id);
      if (counts) taken.push(first);
      const next = heap.peek();
      if (next) users.push({ heap, first: next, turn: counts ? turn + 1 : turn });
      else heaps.delete(first.user_id);
    }
    return taken;
  }

  private usersIn(heaps: Map<string, Heap>) {
    return new TinyQueue(
      [...heaps].flatMap(([user, heap]) => {
        const first = heap.peek();
        return first ? [{ heap, first, turn: this.turns.of(user) }] : [];
      }),
      (a, b) => b.first.priority - a.first.priority || a.turn - b.turn || byUrgency(a.first, b.first),
    );
  }

  private count(needs: CapabilityMask, change: 1 | -1): void {
    this.counts.set(needs, (this.counts.get(needs) ?? 0) + change);
  }

  private put(candidate: Candidate): void {
    this.turns.join(candidate.user_id);
    const heaps = this.heaps.get(candidate.needs) ?? new Map<string, Heap>();
    this.heaps.set(candidate.needs, heaps);
    const heap = heaps.get(candidate.user_id) ?? new TinyQueue<Candidate>([], byUrgency);
    heaps.set(candidate.user_id, heap);
    heap.push(candidate);
    this.count(candidate.needs, 1);
  }
}

/** The order of the ready index: priority, longest remaining path, age. */
function byUrgency(a: Candidate, b: Candidate): number {
  return b.priority - a.priority || b.rank - a.rank || compare(a.ready_at, b.ready_at) || compare(a.id, b.id);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

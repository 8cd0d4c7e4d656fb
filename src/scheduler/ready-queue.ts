// The leader's bounded view of ready subtasks: one heap for each set of capabilities, so that a crowd of subtasks that
// nobody can take never hides one that somebody can. What does not fit is found again by the sweep.
import TinyQueue from 'tinyqueue';
import { type CapabilityMask, maskOf } from '../domain/capability.ts';
import type { ReadySubtask } from '../domain/subtask.ts';

export const QUEUE_MAX = 10_000;

export interface Candidate {
  id: string;
  task_id: string;
  needs: CapabilityMask;
  priority: number;
  rank: number;
  ready_at: string;
  /** Milliseconds of the leader's clock from which it may be claimed. */
  dueAt: number;
}

export class ReadyQueue {
  private readonly heaps = new Map<CapabilityMask, TinyQueue<Candidate>>();
  private readonly delayed = new TinyQueue<Candidate>([], (a, b) => a.dueAt - b.dueAt);
  private readonly known = new Set<string>();

  get size(): number {
    return this.known.size;
  }

  /** Starts over from these rows: whatever is no longer ready makes room. `now` is the leader's clock in milliseconds. */
  replace(rows: readonly ReadySubtask[], now: number): void {
    this.clear();
    this.add(rows, now);
  }

  /** Adds those that are not in it yet, as long as there is room. */
  add(rows: readonly ReadySubtask[], now: number): void {
    for (const row of rows) {
      if (this.known.has(row.id) || this.known.size >= QUEUE_MAX) continue;
      this.known.add(row.id);
      const { id, task_id, priority, rank, ready_at } = row;
      const candidate = {
        id,
        task_id,
        priority,
        rank,
        ready_at,
        needs: maskOf(row.required_capabilities),
        dueAt: now + row.due_in_ms,
      };
      if (row.due_in_ms > 0) this.delayed.push(candidate);
      else this.heap(candidate.needs).push(candidate);
    }
  }

  /**
   * Takes out the `limit` most urgent due subtasks of each set, most urgent first. Whatever is not used must be given
   * back. Those of the tasks `except` are dropped: they wait for what will bring them in again.
   */
  take(limit: number, now: number, except: { has(taskId: string): boolean } = new Set()): Candidate[] {
    this.promoteDue(now);
    const taken = [...this.heaps.values()].flatMap((heap) => this.takeFrom(heap, limit, except));
    return taken.sort(byUrgency);
  }

  giveBack(candidates: readonly Candidate[]): void {
    for (const candidate of candidates) {
      if (this.known.has(candidate.id)) continue;
      this.known.add(candidate.id);
      this.heap(candidate.needs).push(candidate);
    }
  }

  /** When the next one is due that is not due yet, in milliseconds of the leader's clock; null when there is none. */
  nextDueAt(now: number): number | null {
    this.promoteDue(now);
    return this.delayed.peek()?.dueAt ?? null;
  }

  clear(): void {
    this.heaps.clear();
    this.known.clear();
    while (this.delayed.length > 0) this.delayed.pop();
  }

  private promoteDue(now: number): void {
    for (let next = this.delayed.peek(); next && next.dueAt <= now; next = this.delayed.peek()) {
      this.delayed.pop();
      this.heap(next.needs).push(next);
    }
  }

  private takeFrom(heap: TinyQueue<Candidate>, limit: number, except: { has(taskId: string): boolean }): Candidate[] {
    const taken: Candidate[] = [];
    while (taken.length < limit) {
      const candidate = heap.pop();
      if (!candidate) break;
      this.known.delete(candidate.id);
      if (!except.has(candidate.task_id)) taken.push(candidate);
    }
    return taken;
  }

  private heap(needs: CapabilityMask): TinyQueue<Candidate> {
    const heap = this.heaps.get(needs) ?? new TinyQueue<Candidate>([], byUrgency);
    this.heaps.set(needs, heap);
    return heap;
  }
}

/** The order of the ready index: priority, longest remaining path, age. */
function byUrgency(a: Candidate, b: Candidate): number {
  return b.priority - a.priority || b.rank - a.rank || compare(a.ready_at, b.ready_at) || compare(a.id, b.id);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

// The ready subtasks of one user, in a heap for each set of capabilities. Its place among the users is that of its most urgent
// one, so when that is placed one entry is moved, however many sets the user has.
import TinyQueue from 'tinyqueue';
import type { CapabilityMask } from '../domain/capability.ts';
import { Heap, OUT, type Placed } from '../domain/heap.ts';

export interface Candidate {
  id: string;
  task_id: string;
  user_id: string;
  needs: CapabilityMask;
  priority: number;
  rank: number;
  /** Since when it is ready, in milliseconds since 1970 by the database's clock. */
  readyAt: number;
  /** Milliseconds of the leader's clock from which it may be claimed. */
  dueAt: number;
}

/** Those of one set; never empty while it is kept. */
interface Row extends Placed {
  needs: CapabilityMask;
  candidates: TinyQueue<Candidate>;
  first: Candidate;
}

/** Users who are in the same place, in their order. */
export interface Shelf extends Placed {
  /** The set that is all they need, or null for those who need several. */
  of: CapabilityMask | null;
  users: Heap<ReadyUser>;
}

type Sets = Pick<ReadonlySet<CapabilityMask>, 'has'>;

export class ReadyUser implements Placed {
  at = OUT;
  shelf: Shelf | null = null;
  /** Had so far. */
  turns: number;
  /** The most urgent one, but for those of the sets that were closed when it was looked for. */
  best: Candidate | undefined;
  private readonly rows = new Map<CapabilityMask, Row>();
  private readonly byBest = new Heap<Row>((a, b) => byUrgency(a.first, b.first));

  constructor(turns: number) {
    this.turns = turns;
  }

  /** The set of all of them; null when there are several, or none. */
  get onlySet(): CapabilityMask | null {
    if (this.rows.size !== 1) return null;
    return this.byBest.first?.needs ?? null;
  }

  add(candidate: Candidate): void {
    const known = this.rows.get(candidate.needs);
    if (known) {
      known.candidates.push(candidate);
      known.first = known.candidates.peek() ?? candidate;
      this.byBest.moved(known);
      return;
    }
    const candidates = new TinyQueue([candidate], byUrgency);
    const row = { at: OUT, needs: candidate.needs, candidates, first: candidate };
    this.rows.set(candidate.needs, row);
    this.byBest.push(row);
  }

  dropBest(): void {
    const row = this.best && this.rows.get(this.best.needs);
    if (!row) return;
    row.candidates.pop();
    const next = row.candidates.peek();
    if (next) {
      row.first = next;
      this.byBest.moved(row);
    } else {
      this.byBest.remove(row);
      this.rows.delete(row.needs);
    }
  }

  /** Finds the best one of the sets that are not closed. */
  look(closed: Sets): void {
    let row = this.byBest.first;
    if (row && closed.has(row.needs)) row = this.bestOpen(closed);
    this.best = row?.first;
  }

  private bestOpen(closed: Sets): Row | undefined {
    let best: Row | undefined;
    for (const row of this.rows.values())
      if (!closed.has(row.needs) && byUrgency(row.first, best?.first) < 0) best = row;
    return best;
  }
}

/** Priority, longest remaining path, age. */
export function byUrgency(a: Candidate | undefined, b: Candidate | undefined): number {
  if (!a || !b) return Number(!a) - Number(!b);
  return b.priority - a.priority || b.rank - a.rank || a.readyAt - b.readyAt || compare(a.id, b.id);
}

/** Priority, then who had fewer turns, then urgency. */
export function byTurn(a: ReadyUser | undefined, b: ReadyUser | undefined): number {
  if (!a?.best || !b?.best) return byUrgency(a?.best, b?.best);
  return b.best.priority - a.best.priority || a.turns - b.turns || byUrgency(a.best, b.best);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

// Which ready subtask goes to which agent. Pure. Optimal in this sense: subtasks are taken in their given order, and one
// is left out only when no reassignment of the earlier ones could make room for it, so a generalist is never spent on
// what a specialist could do. This is the greedy algorithm on a transversal matroid (Edmonds 1971), with augmenting
// paths over *sets* of capabilities: there are at most 63 of them, however many subtasks and agents there are.
import { type CapabilityMask, countOf, covers } from './capability.ts';

export interface Seeker {
  id: string;
  needs: CapabilityMask;
}

export interface Seat {
  id: string;
  has: CapabilityMask;
  /** Subtasks it may still take, and those it runs. */
  free: number;
  running: number;
}

export interface Assignment {
  subtaskId: string;
  agentId: string;
}

/**
 * Assigns as many of `seekers` (most important first) to `seats` as can be; the answer keeps their order. Among agents
 * that fit, one with the fewest spare capabilities is preferred, then the least loaded, then the first given.
 */
export function match(seekers: readonly Seeker[], seats: readonly Seat[]): Assignment[] {
  const room = new Room(seats);
  const hopeless = new Set<CapabilityMask>();
  const placed: Seeker[] = [];
  for (const seeker of seekers) {
    if (room.isFull) break;
    // Once a set cannot be placed it never can: later augmentations only take more room.
    if (hopeless.has(seeker.needs)) continue;
    if (room.augment(seeker.needs)) placed.push(seeker);
    else hopeless.add(seeker.needs);
  }
  return placed.flatMap((seeker) => room.seat(seeker));
}

/** One free slot of an agent. */
interface Chair {
  agentId: string;
  /** Share of the agent's slots that are taken before this one. */
  load: number;
  /** Place of the agent among those given. */
  place: number;
}

/** The chairs of all agents with the same capabilities, in the order in which they are filled. */
interface Bench {
  has: CapabilityMask;
  chairs: Chair[];
  taken: number;
  /** How many subtasks of each needed set are placed here. */
  sitting: Map<CapabilityMask, number>;
}

/** A set looking for a chair: the newcomer's, or one that would leave its bench to a set that looked before it. */
interface Search {
  needs: CapabilityMask;
  leaves: { bench: Bench; to: Search } | null;
}

/** Places sets first, by count; who of them sits on which chair is settled when everyone has a place. */
class Room {
  private readonly benches: readonly Bench[];
  private readonly fitting = new Map<CapabilityMask, Bench[]>();
  private left: number;

  constructor(seats: readonly Seat[]) {
    this.benches = benchesOf(seats);
    this.left = this.benches.reduce((sum, bench) => sum + bench.chairs.length, 0);
  }

  get isFull(): boolean {
    return this.left === 0;
  }

  /** Places one more subtask of this set, moving placed ones to other benches where that makes room. */
  augment(needs: CapabilityMask): boolean {
    const searches: Search[] = [{ needs, leaves: null }];
    const seen = new Set([needs]);
    for (const search of searches) {
      const benches = this.benchesFor(search.needs);
      const open = mostWelcome(benches);
      if (open) {
        this.place(search, open);
        return true;
      }
      for (const bench of benches) {
        const others = [...bench.sitting.keys()].filter((other) => !seen.has(other));
        for (const other of others) {
          seen.add(other);
          searches.push({ needs: other, leaves: { bench, to: search } });
        }
      }
    }
    return false;
  }

  /** Gives a placed subtask the next chair of a bench that has a place for its set. */
  seat(seeker: Seeker): Assignment[] {
    const benches = this.benchesFor(seeker.needs).filter((bench) => bench.sitting.has(seeker.needs));
    return benches.slice(0, 1).flatMap((bench) => {
      count(bench, seeker.needs, -1);
      return bench.chairs.splice(0, 1).map((chair) => ({ subtaskId: seeker.id, agentId: chair.agentId }));
    });
  }

  private benchesFor(needs: CapabilityMask): Bench[] {
    const known = this.fitting.get(needs);
    if (known) return known;
    const benches = this.benches.filter((bench) => covers(bench.has, needs));
    this.fitting.set(needs, benches);
    return benches;
  }

  private place(last: Search, open: Bench): void {
    open.taken += 1;
    this.left -= 1;
    let bench = open;
    for (let search = last; ; search = search.leaves.to) {
      count(bench, search.needs, 1);
      if (!search.leaves) return;
      bench = search.leaves.bench;
      count(bench, search.needs, -1);
    }
  }
}

/** Those with the fewest capabilities first: among benches that all fit, they spare the least. */
function benchesOf(seats: readonly Seat[]): Bench[] {
  const benches = new Map<CapabilityMask, Bench>();
  for (const [place, seat] of seats.entries()) {
    const bench: Bench = benches.get(seat.has) ?? { has: seat.has, chairs: [], taken: 0, sitting: new Map() };
    benches.set(seat.has, bench);
    for (let nth = 0; nth < seat.free; nth += 1)
      bench.chairs.push({ agentId: seat.id, load: (seat.running + nth) / (seat.running + seat.free), place });
  }
  for (const bench of benches.values()) bench.chairs.sort(byWelcome);
  return [...benches.values()].sort((a, b) => countOf(a.has) - countOf(b.has));
}

function mostWelcome(benches: readonly Bench[]): Bench | undefined {
  const open = benches.flatMap((bench) =>
    bench.chairs.slice(bench.taken, bench.taken + 1).map((chair) => ({ bench, chair })),
  );
  const [best] = open.sort((a, b) => countOf(a.bench.has) - countOf(b.bench.has) || byWelcome(a.chair, b.chair));
  return best?.bench;
}

function byWelcome(a: Chair, b: Chair): number {
  return a.load - b.load || a.place - b.place;
}

function count(bench: Bench, needs: CapabilityMask, change: 1 | -1): void {
  const sum = (bench.sitting.get(needs) ?? 0) + change;
  if (sum > 0) bench.sitting.set(needs, sum);
  else bench.sitting.delete(needs);
}

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

/** Seekers in their order, looked at one by one: whoever keeps them need not give out more than are placed. */
export interface Line<S extends Seeker> {
  /** The most important one that was not taken and whose set was not passed over. */
  first(): S | undefined;
  /** The first one has a place. */
  take(): void;
  /** The first one cannot have a place, and so none that needs the same. */
  pass(): void;
}

export interface Placement<S extends Seeker> {
  seeker: S;
  agentId: string;
}

export interface Assignment {
  subtaskId: string;
  agentId: string;
}

/**
 * Assigns as many of the line to `seats` as can be; the answer keeps its order. Among agents that fit, one with the fewest
 * spare capabilities is preferred, then the least loaded, then the first given.
 */
export function matchLine<S extends Seeker>(line: Line<S>, seats: readonly Seat[]): Placement<S>[] {
  const room = new Room(seats);
  const placed: S[] = [];
  while (!room.isFull) {
    const seeker = line.first();
    if (!seeker) break;
    // Once a set cannot be placed it never can: later augmentations only take more room.
    if (!room.augment(seeker.needs)) line.pass();
    else {
      placed.push(seeker);
      line.take();
    }
  }
  return placed.flatMap((seeker) => room.seat(seeker));
}

/** The same for seekers that are all given, most important first. */
export function match(seekers: readonly Seeker[], seats: readonly Seat[]): Assignment[] {
  const passed = new Set<CapabilityMask>();
  let next = 0;
  const isPassed = (seeker: Seeker | undefined) => seeker !== undefined && passed.has(seeker.needs);
  const line: Line<Seeker> = {
    first() {
      while (isPassed(seekers[next])) next += 1;
      return seekers[next];
    },
    take() {
      next += 1;
    },
    pass() {
      for (const seeker of seekers.slice(next, next + 1)) passed.add(seeker.needs);
    },
  };
  return matchLine(line, seats).map(({ seeker, agentId }) => ({ subtaskId: seeker.id, agentId }));
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
  /** How many capabilities that are. */
  width: number;
  chairs: Chair[];
  /** Of those that are free, the one that is filled next. */
  next: Chair;
  /** Chairs that are promised to a set, and those that were given to a subtask. */
  taken: number;
  given: number;
  /** How many subtasks of each needed set are placed here. */
  sitting: Map<CapabilityMask, number>;
}

/** The benches that fit a set, narrowest first; and those of them with a free chair. */
interface Fitting {
  all: readonly Bench[];
  open: Bench[];
}

/** A set looking for a chair: the newcomer's, or one that would leave its bench to a set that looked before it. */
interface Search {
  needs: CapabilityMask;
  leaves: { bench: Bench; to: Search } | null;
}

/** Places sets first, by count; who of them sits on which chair is settled when everyone has a place. */
class Room {
  private readonly benches: readonly Bench[];
  private readonly fitting = new Map<CapabilityMask, Fitting>();
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
    const seen = new Set<CapabilityMask | Bench>([needs]);
    for (const search of searches) {
      const { all, open } = this.benchesFor(search.needs);
      const bench = mostWelcome(open);
      if (bench) {
        this.place(search, bench);
        return true;
      }
      for (const full of all) searches.push(...leaving(full, search, seen));
    }
    return false;
  }

  /** Gives a placed subtask the next chair of a bench that has a place for its set. */
  seat<S extends Seeker>(seeker: S): Placement<S>[] {
    const benches = this.benchesFor(seeker.needs).all.filter((bench) => bench.sitting.has(seeker.needs));
    return benches.slice(0, 1).flatMap((bench) => {
      count(bench, seeker.needs, -1);
      bench.given += 1;
      return bench.chairs.slice(bench.given - 1, bench.given).map(({ agentId }) => ({ seeker, agentId }));
    });
  }

  private benchesFor(needs: CapabilityMask): Fitting {
    const known = this.fitting.get(needs);
    if (known) return known;
    const all = this.benches.filter((bench) => covers(bench.has, needs));
    const fitting = { all, open: all.filter(isOpen) };
    this.fitting.set(needs, fitting);
    return fitting;
  }

  private place(last: Search, open: Bench): void {
    open.taken += 1;
    this.left -= 1;
    open.next = open.chairs[open.taken] ?? open.next;
    if (!isOpen(open)) this.close(open);
    let bench = open;
    for (let search = last; ; search = search.leaves.to) {
      count(bench, search.needs, 1);
      if (!search.leaves) return;
      bench = search.leaves.bench;
      count(bench, search.needs, -1);
    }
  }

  /** It stays full: nobody has to look at it again. */
  private close(bench: Bench): void {
    for (const fitting of this.fitting.values()) fitting.open = fitting.open.filter((one) => one !== bench);
  }
}

/** The sets that sit on a full bench, each as a search for another place; a bench is asked once, and so is a set. */
function leaving(bench: Bench, to: Search, seen: Set<CapabilityMask | Bench>): Search[] {
  if (seen.has(bench)) return [];
  seen.add(bench);
  const others = [...bench.sitting.keys()].filter((other) => !seen.has(other));
  for (const other of others) seen.add(other);
  return others.map((needs) => ({ needs, leaves: { bench, to } }));
}

/** Those with the fewest capabilities first: among benches that all fit, they spare the least. */
function benchesOf(seats: readonly Seat[]): Bench[] {
  const chairs = new Map<CapabilityMask, Chair[]>();
  for (const [place, { id: agentId, has, free, running }] of seats.entries()) {
    const known = chairs.get(has) ?? [];
    chairs.set(has, known);
    for (let nth = 0; nth < free; nth += 1) known.push({ agentId, load: (running + nth) / (running + free), place });
  }
  const benches = [...chairs].flatMap(([has, all]) => benchOf(has, all.sort(byWelcome)));
  return benches.sort((a, b) => a.width - b.width);
}

/** None without a chair. */
function benchOf(has: CapabilityMask, chairs: Chair[]): Bench[] {
  const sitting = new Map<CapabilityMask, number>();
  return chairs.slice(0, 1).map((next) => ({ has, width: countOf(has), chairs, next, taken: 0, given: 0, sitting }));
}

function mostWelcome(open: readonly Bench[]): Bench | undefined {
  return open.reduce<Bench | undefined>((best, bench) => (best && isNotBehind(best, bench) ? best : bench), undefined);
}

function isNotBehind(a: Bench, b: Bench): boolean {
  return a.width < b.width || (a.width === b.width && byWelcome(a.next, b.next) <= 0);
}

function isOpen(bench: Bench): boolean {
  return bench.taken < bench.chairs.length;
}

function byWelcome(a: Chair, b: Chair): number {
  return a.load - b.load || a.place - b.place;
}

function count(bench: Bench, needs: CapabilityMask, change: 1 | -1): void {
  const sum = (bench.sitting.get(needs) ?? 0) + change;
  if (sum > 0) bench.sitting.set(needs, sum);
  else bench.sitting.delete(needs);
}

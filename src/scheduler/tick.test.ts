// A round without its database: the queue and the matching together, compared with the plainest thing that could do the same,
// and counted at the size that they are made for. Nothing is timed: a comparison is the same on a busy machine.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CAPABILITIES, type Capability, covers, maskOf } from '../domain/capability.ts';
import { matchLine, type Seat } from '../domain/match.ts';
import type { ReadySubtask } from '../domain/subtask.ts';
import { ReadyQueue } from './ready-queue.ts';

const NONE = new Set<string>();
const tick = (queue: ReadyQueue, seats: readonly Seat[], except: ReadonlySet<string> = NONE) =>
  queue.serve(0, except, (line) => matchLine(line, seats));
const setOf = (mask: number): Capability[] => CAPABILITIES.filter((_, bit) => mask & (1 << bit));

/** Keeps rows in a list and tries everything. */
class Naive {
  rows: ReadySubtask[] = [];
  private readonly turns = new Map<string, number>();

  add(row: ReadySubtask): void {
    this.rows.push(row);
    if (this.turns.has(row.user_id)) return;
    this.turns.set(row.user_id, this.turns.size === 0 ? 0 : Math.min(...this.turns.values()));
  }

  /** Ids of those that are placed, one by one: the next in order for whom there is a place. */
  tick(seats: readonly Seat[], except: ReadonlySet<string>): string[] {
    const placed: ReadySubtask[] = [];
    for (;;) {
      const next = this.rows
        .filter((row) => !except.has(row.task_id))
        .toSorted((a, b) => this.compare(a, b))
        .find((row) => allFit([...placed, row], seats));
      if (!next) return placed.map((row) => row.id);
      placed.push(next);
      this.rows.splice(this.rows.indexOf(next), 1);
      this.turns.set(next.user_id, this.turnsOf(next.user_id) + 1);
    }
  }

  private turnsOf(user: string): number {
    return this.turns.get(user) ?? 0;
  }

  private compare(a: ReadySubtask, b: ReadySubtask): number {
    return (
      b.priority - a.priority ||
      this.turnsOf(a.user_id) - this.turnsOf(b.user_id) ||
      b.rank - a.rank ||
      Number(a.ready_at > b.ready_at) - Number(a.ready_at < b.ready_at) ||
      Number(a.id > b.id) - Number(a.id < b.id)
    );
  }
}

/** Whether all of these can have a slot at once, by trying every assignment. */
function allFit([first, ...rest]: readonly ReadySubtask[], seats: readonly Seat[]): boolean {
  if (!first) return true;
  return seats.some((seat) => {
    if (seat.free < 1 || !covers(seat.has, maskOf(first.required_capabilities))) return false;
    return allFit(
      rest,
      seats.map((one) => (one === seat ? { ...one, free: one.free - 1 } : one)),
    );
  });
}

const anySet = fc.oneof(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 63 }));
const fewSets = fc.integer({ min: 1, max: 3 });
const rowsOf = (mask: fc.Arbitrary<number>) =>
  fc.array(
    fc.record({
      user_id: fc.constantFrom('ada', 'bob', 'cyd', 'dan'),
      task_id: fc.constantFrom('task_1', 'task_2', 'task_3'),
      required_capabilities: mask.map(setOf),
      priority: fc.integer({ min: 0, max: 2 }),
      rank: fc.constantFrom(0.5, 30, 60),
      ready_at: fc.constantFrom('2030-01-01T00:00:00.000Z', '2030-01-01T00:00:01.000Z'),
    }),
    { maxLength: 14 },
  );
const seatsOf = (mask: fc.Arbitrary<number>) =>
  fc
    .array(fc.record({ has: mask, free: fc.integer({ min: 0, max: 2 }), running: fc.nat(2) }), { maxLength: 3 })
    .map((all) => all.map((one, nth): Seat => ({ id: `a${nth}`, ...one })));
const busyRounds = fc.array(
  fc.record({ rows: rowsOf(anySet), seats: seatsOf(anySet), waits: fc.subarray(['task_1', 'task_2']) }),
  { minLength: 1, maxLength: 4 },
);
/** Nothing comes or waits after the start: each round has to find by itself what the one before left out. */
const quietRounds = fc
  .tuple(rowsOf(fewSets), fc.array(seatsOf(fewSets), { minLength: 2, maxLength: 4 }))
  .map(([rows, all]) => all.map((seats, nth) => ({ rows: nth === 0 ? rows : [], seats, waits: [] })));

it.each([
  ['while more comes and tasks wait', busyRounds],
  ['when nothing comes any more', quietRounds],
])('places what the plainest matcher would place, in the same order, round after round, %s', (_, rounds) => {
  fc.assert(
    fc.property(rounds, (given) => {
      const queue = new ReadyQueue();
      const naive = new Naive();
      for (const [round, { rows, seats, waits }] of given.entries()) {
        for (const [nth, one] of rows.entries()) {
          const row = { ...one, id: `s${round}_${nth}`, due_in_ms: 0 };
          queue.add([row], 0);
          naive.add(row);
        }
        const except = new Set<string>(waits);
        const placed = tick(queue, seats, except).map(({ seeker }) => seeker.id);
        expect(placed).toEqual(naive.tick(seats, except));
        // What waits was dropped by the queue as far as it was met: it is brought in again when the wait is over.
        queue.add(naive.rows, 0);
      }
    }),
    { numRuns: 500 },
  );
});

describe('at 100,000 ready subtasks and 1,000 agents', () => {
  let looks = 0;
  /** A number that counts how often it is looked at: any comparison of two subtasks reads the priority of both. */
  const counted = (value: number) =>
    ({
      valueOf() {
        looks += 1;
        return value;
      },
    }) as unknown as number;

  interface Crowd {
    users: number;
    /** Sets of the nth subtask of a user. */
    needs?: (nth: number, user: number) => number;
  }
  function crowded({ users, needs = (nth, user) => 1 + ((nth * 5 + user) % 63) }: Crowd): ReadyQueue {
    const queue = new ReadyQueue();
    const rows = Array.from({ length: 100_000 }, (_, nth): ReadySubtask => {
      const user = nth % users;
      return {
        id: `s${nth}`,
        task_id: `task_${user}`,
        user_id: `user_${user}`,
        required_capabilities: setOf(needs(Math.floor(nth / users), user)),
        priority: counted(5 + ((nth * 31) % 3)),
        rank: (nth * 7_919) % 600,
        ready_at: '2030-01-01T00:00:00.000Z',
        due_in_ms: 0,
      };
    });
    queue.add(rows, 0);
    looks = 0;
    return queue;
  }
  const agents = (free: number, has: (nth: number) => number = (nth) => 1 + ((nth * 31) % 63)): Seat[] =>
    Array.from({ length: 1_000 }, (_, nth) => ({
      id: `a${nth}`,
      has: has(nth),
      free: nth < free ? 1 : 0,
      running: nth < free ? 0 : 1,
    }));

  const single = (_: number, user: number) => 1 + (user % 63);
  it.each<[string, Crowd, Seat[]]>([
    ['of one user, 10 agents free', { users: 1 }, agents(10)],
    ['of one user, all free', { users: 1 }, agents(1_000)],
    ['of 1,000 users, 10 free', { users: 1_000 }, agents(10, () => 63)],
    ['of 1,000 users, all free', { users: 1_000 }, agents(1_000)],
    ['of 100,000 users with one each, all free', { users: 100_000, needs: single }, agents(1_000)],
  ])('%s: fills every slot, and looks at subtasks in proportion to that', (_, crowd, seats) => {
    const placed = tick(crowded(crowd), seats).length;
    expect(placed).toBe(seats.filter((seat) => seat.free > 0).length);
    // Each of the 63 sets is passed over once at most.
    expect(looks).toBeLessThan(LOOKS_A_PLACE * (placed + 63));
  });

  it('of 100,000 users for whose sets nobody is free: looks at a shelf for each set, not at them', () => {
    const queue = crowded({ users: 100_000, needs: single });
    expect(
      tick(
        queue,
        agents(10, () => 1),
      ).length,
    ).toBe(10);
    expect(looks).toBeLessThan(LOOKS_A_PLACE * (10 + 63));
  });

  it('of users with several sets, of which nobody is free for the most urgent: looks at each user once, not at its crowd', () => {
    const queue = crowded({ users: 1_000, needs: (nth) => (nth % 2 === 0 ? 1 : 2) });
    expect(
      tick(
        queue,
        agents(10, () => 2),
      ).length,
    ).toBe(10);
    expect(looks).toBeLessThan(3 * (1_000 + 10));
  });

  it('does nothing when nobody is free', () => {
    expect(tick(crowded({ users: 1_000 }), agents(0))).toEqual([]);
    expect(looks).toBe(0);
  });
});

/** Reads of a priority for each subtask that is placed: comparisons in heaps of users, of sets and of subtasks. */
const LOOKS_A_PLACE = 150;

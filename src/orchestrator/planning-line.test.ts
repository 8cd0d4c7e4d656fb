import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Entry, PlanningLine } from './planning-line.ts';

const MINUTE = 60_000;
const nobody = () => undefined;

/** Minutes since the test began. */
const at = (minute: number) => new Date(minute * MINUTE);

describe('the planning line', () => {
  it('knows the next instant at which somebody may be taken', () => {
    const line = new PlanningLine();
    expect(line.soonest).toBeNull();
    const later = line.join({ task_id: 'later', user_id: 'ann', since: at(0), notBefore: at(3) }, nobody);
    line.wake(0);
    expect(line.take(0)).toBeUndefined();
    expect(line.soonest).toBe(3 * MINUTE);
    const now = line.join({ task_id: 'now', user_id: 'ann', since: at(0) }, nobody);
    line.wake(0);
    expect(line.soonest).toBe(0);
    line.forget(now);
    expect(line.soonest).toBe(3 * MINUTE);
    line.wake(3 * MINUTE);
    expect(line.soonest).toBe(0);
    expect(line.take(3 * MINUTE)).toBe(later);
  });

  it('lets users who are few compare like users who have thousands in it', () => {
    const line = new PlanningLine();
    for (let nth = 0; nth < 5_000; nth += 1) line.join({ task_id: `a${nth}`, user_id: 'ann', since: at(0) }, nobody);
    line.wake(MINUTE);
    expect(line.take(MINUTE)?.task_id).toBe('a0');
    for (const user_id of ['ben', 'cid']) line.join({ task_id: user_id, user_id, since: at(1) }, nobody);
    line.wake(MINUTE);
    const next = [1, 2, 3, 4].map(() => line.take(MINUTE)?.task_id);
    expect(next).toEqual(['a1', 'ben', 'cid', 'a2']);
  });

  it('gives of each user the oldest that may be taken, and somebody whenever there is one, whatever comes and goes', () => {
    const step = fc.record({
      move: fc.constantFrom<Move[]>('join', 'join', 'backOff', 'take', 'forget', 'wait'),
      user: fc.constantFrom('ann', 'ben', 'cid'),
      number: fc.nat(15),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const world: World = { line: new PlanningLine(), waiting: [], taken: [], now: 20 * MINUTE };
        for (const { move, ...given } of steps) {
          MOVES[move](world, given);
          world.line.wake(world.now);
          expect(new Set(world.line)).toEqual(new Set(world.waiting));
        }
        while (world.waiting.length > 0) {
          MOVES.take(world, { user: 'any', number: 0 });
          world.now += MINUTE;
          world.line.wake(world.now);
        }
      }),
    );
  });
});

interface World {
  line: PlanningLine;
  waiting: Entry[];
  taken: Entry[];
  now: number;
}

type Given = { user: string; number: number };
type Move = 'join' | 'backOff' | 'take' | 'forget' | 'wait';

const MOVES: Record<Move, (world: World, given: Given) => void> = {
  join({ line, waiting, now }, { user, number }) {
    const since = new Date(now - number * MINUTE);
    waiting.push(line.join({ task_id: 'any', user_id: user, since }, nobody));
  },
  backOff({ line, waiting, now }, { user, number }) {
    const notBefore = new Date(now + number * MINUTE);
    waiting.push(line.join({ task_id: 'any', user_id: user, since: new Date(now), notBefore }, nobody));
  },
  take(world) {
    const { line, waiting, taken, now } = world;
    const next = line.take(now);
    const due = waiting.filter((entry) => entry.notBefore <= now);
    expect(next === undefined).toBe(due.length === 0);
    if (!next) return;
    expect(due).toContain(next);
    for (const other of due.filter((entry) => entry.user === next.user)) {
      expect(other.since).toBeGreaterThanOrEqual(next.since);
      if (other.since === next.since) expect(other.nth).toBeGreaterThanOrEqual(next.nth);
    }
    waiting.splice(waiting.indexOf(next), 1);
    taken.push(next);
  },
  forget({ line, waiting, taken }, { number }) {
    const all = [...waiting, ...taken];
    const entry = all[number % Math.max(1, all.length)];
    if (!entry) return;
    line.forget(entry);
    for (const list of [waiting, taken]) if (list.includes(entry)) list.splice(list.indexOf(entry), 1);
  },
  wait(world, { number }) {
    world.now += number * MINUTE;
  },
};

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_CREW } from './agent.ts';
import { type Capability, countOf, covers, maskOf } from './capability.ts';
import { match, type Seat, type Seeker } from './match.ts';

const seeker = (id: string, ...needs: Capability[]): Seeker => ({ id, needs: maskOf(needs) });
const seat = (id: string, has: Capability[], load: Partial<Pick<Seat, 'free' | 'running'>> = {}): Seat => ({
  id,
  has: maskOf(has),
  free: 1,
  running: 0,
  ...load,
});
const pairs = (seekers: Seeker[], seats: Seat[]) =>
  Object.fromEntries(match(seekers, seats).map(({ subtaskId, agentId }) => [subtaskId, agentId]));

/** Whether all of these can have a slot at once, by trying every assignment. */
function allFit(needs: readonly number[], seats: readonly Seat[]): boolean {
  const [first, ...rest] = needs;
  if (first === undefined) return true;
  return seats.some((taken) => {
    if (taken.free < 1 || !covers(taken.has, first)) return false;
    return allFit(
      rest,
      seats.map((one) => (one === taken ? { ...one, free: one.free - 1 } : one)),
    );
  });
}

/** The subtasks that should be placed: each in turn, when it fits together with those chosen before it. */
function bestSet(seekers: readonly Seeker[], seats: readonly Seat[]): string[] {
  const chosen: Seeker[] = [];
  for (const one of seekers)
    if (
      allFit(
        [...chosen, one].map((other) => other.needs),
        seats,
      )
    )
      chosen.push(one);
  return chosen.map((one) => one.id);
}

const needs = fc.oneof(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 63 }));
const someSeekers = fc
  .array(needs, { maxLength: 7 })
  .map((all) => all.map((mask, nth) => ({ id: `s${nth}`, needs: mask })));
const someSeats = fc
  .array(fc.record({ has: needs, free: fc.integer({ min: -1, max: 2 }), running: fc.integer({ min: 0, max: 2 }) }), {
    maxLength: 5,
  })
  .map((all) => all.map((one, nth): Seat => ({ id: `a${nth}`, ...one })));

describe('matching', () => {
  it('assigns nothing when there is nobody to assign, or nobody to assign to', () => {
    expect(match([], [seat('a', ['web_scraping'])])).toEqual([]);
    expect(match([seeker('s', 'web_scraping')], [])).toEqual([]);
  });

  it('does not spend a generalist on what a specialist can do', () => {
    const seats = [seat('both', ['data_analysis', 'web_scraping']), seat('one', ['data_analysis'])];
    expect(pairs([seeker('s', 'data_analysis')], seats)).toEqual({ s: 'one' });
  });

  it('moves an earlier subtask to another agent when that makes room for a later one', () => {
    const seats = [
      seat('left', ['data_analysis', 'code_generation']),
      seat('right', ['data_analysis', 'database_operations']),
    ];
    const seekers = [seeker('first', 'data_analysis'), seeker('second', 'code_generation')];
    expect(pairs(seekers, seats)).toEqual({ first: 'right', second: 'left' });
  });

  it('follows a chain of such moves through the default crew', () => {
    const seats = DEFAULT_CREW.map((member) => seat(member.agent_id, member.capabilities));
    const seekers = [
      seeker('a', 'data_analysis'),
      seeker('b', 'code_generation'),
      seeker('c', 'api_integration'),
      seeker('d', 'database_operations'),
      seeker('e', 'web_scraping'),
    ];
    expect(Object.keys(pairs(seekers, seats))).toHaveLength(5);
  });

  it('leaves out the less important one when only one of two fits', () => {
    const seekers = [seeker('urgent', 'web_scraping'), seeker('later', 'web_scraping')];
    expect(pairs(seekers, [seat('a', ['web_scraping'])])).toEqual({ urgent: 'a' });
  });

  it('goes on past a subtask that no agent can run', () => {
    const seekers = [
      seeker('lost', 'api_integration'),
      seeker('lost too', 'api_integration'),
      seeker('s', 'web_scraping'),
    ];
    expect(pairs(seekers, [seat('a', ['web_scraping'], { free: 2 })])).toEqual({ s: 'a' });
  });

  it('fills every slot of an agent and no more', () => {
    const seekers = Array.from({ length: 5 }, (_, nth) => seeker(`s${nth}`, 'web_scraping'));
    expect(Object.keys(pairs(seekers, [seat('a', ['web_scraping'], { free: 3 })]))).toEqual(['s0', 's1', 's2']);
    expect(
      pairs(seekers, [seat('a', ['web_scraping'], { free: 0 }), seat('b', ['web_scraping'], { free: -1 })]),
    ).toEqual({});
  });
});

describe('among agents that fit, matching prefers', () => {
  it('the one with the fewest spare capabilities, however loaded', () => {
    const seats = [
      seat('idle generalist', ['data_analysis', 'web_scraping'], { free: 4 }),
      seat('busy specialist', ['data_analysis'], { free: 1, running: 3 }),
    ];
    expect(pairs([seeker('s', 'data_analysis')], seats)).toEqual({ s: 'busy specialist' });
  });

  it('then the least loaded, be its capabilities the same', () => {
    const seats = [
      seat('half', ['data_analysis'], { free: 2, running: 2 }),
      seat('quarter', ['data_analysis'], { free: 3, running: 1 }),
    ];
    expect(pairs([seeker('s', 'data_analysis')], seats)).toEqual({ s: 'quarter' });
  });

  it('then the least loaded, be its capabilities others but as many', () => {
    const seats = [
      seat('half', ['data_analysis', 'web_scraping'], { free: 2, running: 2 }),
      seat('idle', ['data_analysis', 'database_operations'], { free: 4 }),
    ];
    expect(pairs([seeker('s', 'data_analysis')], seats)).toEqual({ s: 'idle' });
    expect(pairs([seeker('s', 'data_analysis')], [...seats].reverse())).toEqual({ s: 'idle' });
  });

  it('then the first given', () => {
    const seats = [
      seat('first', ['data_analysis', 'database_operations']),
      seat('second', ['data_analysis', 'web_scraping']),
      seat('third', ['data_analysis', 'web_scraping']),
    ];
    expect(pairs([seeker('s', 'data_analysis')], seats)).toEqual({ s: 'first' });
    expect(pairs([seeker('s', 'data_analysis')], [...seats].reverse())).toEqual({ s: 'third' });
  });

  it('to spread equal work evenly over agents with several slots', () => {
    const seats = [
      seat('a', ['data_analysis', 'web_scraping'], { free: 4 }),
      seat('b', ['data_analysis', 'database_operations'], { free: 4 }),
      seat('c', ['data_analysis', 'database_operations'], { free: 4 }),
    ];
    const seekers = Array.from({ length: 6 }, (_, nth) => seeker(`s${nth}`, 'data_analysis'));
    const agents = match(seekers, seats).map((one) => one.agentId);
    expect(agents.toSorted()).toEqual(['a', 'a', 'b', 'b', 'c', 'c']);
  });
});

describe('whatever the subtasks and agents', () => {
  it('a subtask is left out only when no assignment of the chosen ones before it leaves room', () => {
    fc.assert(
      fc.property(someSeekers, someSeats, (seekers, seats) => {
        expect(match(seekers, seats).map((one) => one.subtaskId)).toEqual(bestSet(seekers, seats));
      }),
      { numRuns: 2_000 },
    );
  });

  it('no agent gets more than its free slots or a subtask beyond its capabilities, and no subtask is placed twice', () => {
    fc.assert(
      fc.property(someSeekers, someSeats, (seekers, seats) => {
        const assigned = match(seekers, seats);
        expect(new Set(assigned.map((one) => one.subtaskId)).size).toBe(assigned.length);
        for (const { id, has, free } of seats) {
          const mine = assigned.filter((one) => one.agentId === id);
          expect(mine.length).toBeLessThanOrEqual(Math.max(0, free));
          for (const { subtaskId } of mine)
            expect(covers(has, seekers.find((one) => one.id === subtaskId)!.needs)).toBe(true);
        }
      }),
    );
  });

  it('a lone subtask gets the tightest, then least loaded, then first agent', () => {
    fc.assert(
      fc.property(needs, someSeats, (mask, seats) => {
        const load = (one: Seat) => one.running / (one.running + one.free);
        const [best] = seats
          .filter((one) => one.free > 0 && covers(one.has, mask))
          .sort((a, b) => countOf(a.has) - countOf(b.has) || load(a) - load(b));
        expect(match([{ id: 's', needs: mask }], seats)).toEqual(best ? [{ subtaskId: 's', agentId: best.id }] : []);
      }),
      { numRuns: 1_000 },
    );
  });

  it('100,000 subtasks meet 1,000 agents', () => {
    const seekers = Array.from({ length: 100_000 }, (_, nth) => ({ id: `s${nth}`, needs: 1 + ((nth * 7_919) % 63) }));
    const seats = Array.from({ length: 1_000 }, (_, nth) => ({
      id: `a${nth}`,
      has: 1 + ((nth * 31) % 63),
      free: 3,
      running: nth % 3,
    }));
    const assigned = match(seekers, seats);
    expect(new Set(assigned.map((one) => one.subtaskId)).size).toBe(assigned.length);
    expect(assigned.length).toBeGreaterThan(2_900);
    expect(assigned.length).toBeLessThanOrEqual(3_000);
  });
});

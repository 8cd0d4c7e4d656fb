import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { purse } from '../../tests/support/purses.ts';
import type { AttemptReport, ReportedUsage } from './attempt.ts';
import {
  ATTEMPT_TURNS_MAX,
  allot,
  chargeOf,
  dollars,
  isLimited,
  isSpent,
  leftInWords,
  mayHaveMore,
  plus,
  spentInWords,
} from './budget.ts';

const fresh = (count: number) => Array.from({ length: count }, () => ({ overruns: 0 }));

describe('the shares of a budget', () => {
  it('are equal parts of what is left, for the subtasks that have none yet', () => {
    const task = purse({ budget_usd: 1, spent_usd: 0.2, reserved_usd: 0.2, reservations: 1, open_subtasks: 4 });
    expect(allot(task, fresh(3))).toEqual(Array(3).fill({ usd: 0.2, turns: 0 }));
  });

  it('have a part for what still waits for its dependencies', () => {
    expect(allot(purse({ max_turns: 100, open_subtasks: 4 }), fresh(1))).toEqual([{ usd: 0, turns: 25 }]);
  });

  it('are not too small to be of use: whoever comes too late waits until a running one ends', () => {
    const many = purse({ budget_usd: 0.12, open_subtasks: 10 });
    expect(allot(many, fresh(4))).toEqual([{ usd: 0.05, turns: 0 }, { usd: 0.05, turns: 0 }, null, null]);
    const turns = purse({ max_turns: 18, open_subtasks: 10 });
    expect(allot(turns, fresh(2))).toEqual([{ usd: 0, turns: 10 }, null]);
  });

  it('are whatever there is when nothing runs', () => {
    expect(allot(purse({ budget_usd: 0.001 }), fresh(1))).toEqual([{ usd: 0.001, turns: 0 }]);
    expect(allot(purse({ max_turns: 2 }), fresh(1))).toEqual([{ usd: 0, turns: 2 }]);
  });

  it('double for each attempt that used up its share, as far as there is that much', () => {
    const task = purse({ budget_usd: 1, open_subtasks: 10 });
    expect(allot(task, [{ overruns: 1 }, { overruns: 0 }])).toEqual([
      { usd: 0.2, turns: 0 },
      { usd: expect.closeTo(0.8 / 9, 5), turns: 0 },
    ]);
    expect(allot(purse({ budget_usd: 1, open_subtasks: 1 }), [{ overruns: 30 }])).toEqual([{ usd: 1, turns: 0 }]);
  });

  it('never give an attempt more turns than any may take', () => {
    expect(allot(purse({ max_turns: 5_000 }), fresh(1))).toEqual([{ usd: 0, turns: ATTEMPT_TURNS_MAX }]);
  });

  it('are none when one of the two limits is reached', () => {
    const task = purse({ budget_usd: 1, max_turns: 10, spent_turns: 10 });
    expect(allot(task, fresh(1))).toEqual([null]);
    expect(allot(purse({ budget_usd: 1, spent_usd: 1.2 }), fresh(1))).toEqual([null]);
  });

  const amounts = fc.integer({ min: 1, max: 10_000_000 }).map((micros) => micros / 1e6);
  const purses = fc
    .record({
      budget_usd: fc.option(amounts),
      max_turns: fc.option(fc.integer({ min: 1, max: 2_000 })),
      open_subtasks: fc.integer({ min: 1, max: 40 }),
      spentParts: fc.integer({ min: 0, max: 12 }),
    })
    .map(({ spentParts, ...limits }) =>
      purse({
        ...limits,
        spent_usd: Math.round((limits.budget_usd ?? 0) * spentParts * 1e5) / 1e6,
        spent_turns: Math.floor(((limits.max_turns ?? 0) * spentParts) / 10),
      }),
    );
  const claims = fc.array(fc.record({ overruns: fc.integer({ min: 0, max: 5 }) }), { minLength: 1, maxLength: 40 });

  it('never add up to more than is left, and one is given whenever nothing runs and something is left', () => {
    fc.assert(
      fc.property(purses, claims, (task, wanted) => {
        const shares = allot(task, wanted);
        const given = shares.filter((share) => share !== null).reduce(plus, { usd: 0, turns: 0 });
        if (task.budget_usd !== null)
          expect(given.usd).toBeLessThanOrEqual(Math.max(0, task.budget_usd - task.spent_usd) + 1e-9);
        if (task.max_turns !== null)
          expect(given.turns).toBeLessThanOrEqual(Math.max(0, task.max_turns - task.spent_turns));
        expect(shares[0] === null).toBe(isSpent(task));
      }),
    );
  });

  it('are a positive amount exactly of what is limited', () => {
    fc.assert(
      fc.property(purses, claims, (task, wanted) => {
        for (const share of allot(task, wanted)) {
          if (!share) continue;
          expect(share.usd > 0).toBe(task.budget_usd !== null);
          expect(share.turns > 0).toBe(task.max_turns !== null);
        }
      }),
    );
  });
});

const usage: ReportedUsage = {
  execution_time: 1,
  input_tokens: 1,
  output_tokens: 1,
  cost_usd: 0.0123456789,
  turns: 3,
  unknown: [],
};
const failed = (error_code: 'crashed' | 'budget_exceeded' | 'max_turns'): AttemptReport['outcome'] => ({
  status: 'failed',
  error: 'why',
  error_code,
});
const held = { usd: 0.1, turns: 10 };

describe('what the end of an attempt is counted with', () => {
  it('is what it used, rounded up to a millionth of a dollar', () => {
    expect(chargeOf(held, { usage, outcome: failed('crashed') })).toEqual({ usd: 0.012346, turns: 3 });
    const handedBack = { status: 'handed_back', reason: 'shut down' } as const;
    expect(chargeOf(held, { usage: { ...usage, cost_usd: 0.07 }, outcome: handedBack })).toEqual({
      usd: 0.07,
      turns: 3,
    });
  });

  it('is all that it held when nobody can say, and when it says that this is used up', () => {
    const lost = { ...usage, unknown: ['cost_usd' as const, 'turns' as const] };
    expect(chargeOf(held, { usage: lost, outcome: failed('crashed') })).toEqual(held);
    expect(chargeOf(held, { usage, outcome: failed('budget_exceeded') })).toEqual({ usd: 0.1, turns: 3 });
    expect(chargeOf(held, { usage, outcome: failed('max_turns') })).toEqual({ usd: 0.012346, turns: 10 });
  });

  it('is more than it held when it used more', () => {
    const over = { ...usage, cost_usd: 0.2, turns: 11 };
    expect(chargeOf(held, { usage: over, outcome: failed('budget_exceeded') })).toEqual({ usd: 0.2, turns: 11 });
  });
});

describe('an attempt whose share was used up', () => {
  const task = { budget_usd: 1, max_turns: 500, spent_usd: 0.5, spent_turns: 100 };

  it('is followed by one with a larger share while the task has something left', () => {
    expect(mayHaveMore(task, held, 'budget_exceeded')).toBe(true);
    expect(mayHaveMore(task, held, 'max_turns')).toBe(true);
    expect(mayHaveMore({ ...task, spent_usd: 1 }, held, 'budget_exceeded')).toBe(false);
  });

  it('is not when it had no share, or all the turns that any attempt may take, or failed otherwise', () => {
    expect(mayHaveMore(task, { usd: 0, turns: 10 }, 'budget_exceeded')).toBe(false);
    expect(mayHaveMore(task, { usd: 0.1, turns: 0 }, 'max_turns')).toBe(false);
    expect(mayHaveMore(task, { usd: 0.1, turns: ATTEMPT_TURNS_MAX }, 'max_turns')).toBe(false);
    expect(mayHaveMore(task, held, 'crashed')).toBe(false);
  });
});

describe('a budget in words', () => {
  it('says what is left of it', () => {
    const task = purse({ budget_usd: 0.5, spent_usd: 0.3, reserved_usd: 0.18, reservations: 1 });
    expect(leftInWords(task)).toBe('$0.02 of $0.50 is left');
    expect(leftInWords({ ...task, spent_usd: 1, max_turns: 40, spent_turns: 10, reserved_turns: 5 })).toBe(
      '$0.00 of $0.50 and 25 of 40 turns is left',
    );
    expect(leftInWords(purse({ max_turns: 40, spent_turns: 38 }))).toBe('2 of 40 turns is left');
  });

  it('says how much was spent of how much, and how to go on', () => {
    const money = spentInWords('task_1', { budget_usd: 0.5, max_turns: 40, spent_usd: 0.512345, spent_turns: 3 });
    expect(money).toContain('$0.512345 of $0.50');
    expect(money).toContain('muster retry task_1 --budget …');
    expect(money).toContain('POST /tasks/task_1/retry with {"budget_usd": …}');
    expect(money).not.toContain('turns');
    const turns = spentInWords('task_1', { budget_usd: null, max_turns: 40, spent_usd: 7, spent_turns: 40 });
    expect(turns).toContain('40 of 40 turns');
    expect(turns).toContain('--max-turns …');
    expect(turns).toContain('{"max_turns": …}');
    expect(turns).not.toContain('$');
  });

  it.each([
    [0.5, '$0.50'],
    [12, '$12.00'],
    [0.125, '$0.125'],
    [0.000001, '$0.000001'],
  ])('writes %d as %s', (usd, text) => {
    expect(dollars(usd)).toBe(text);
  });

  it('is a limit in either of the two ways', () => {
    expect(isLimited(purse())).toBe(false);
    expect(isLimited(purse({ budget_usd: 1 }))).toBe(true);
    expect(isLimited(purse({ max_turns: 1 }))).toBe(true);
  });
});

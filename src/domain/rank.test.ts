import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { acyclicPlan, graph, step } from '../../tests/support/plans.ts';
import type { PlanStep } from './plan.ts';
import { ASSUMED_DURATION, upwardRanks } from './rank.ts';

/** The longest path from a step to the end, by walking every path. */
function longestFrom(steps: readonly PlanStep[], index: number): number {
  const dependents = [...steps.keys()].filter((other) => steps[other]!.dependencies.includes(index));
  const ahead = dependents.map((dependent) => longestFrom(steps, dependent));
  return (steps[index]!.estimated_duration ?? ASSUMED_DURATION) + Math.max(0, ...ahead);
}

describe('the upward rank', () => {
  it('of a lone step is its own duration, assumed when nobody guessed', () => {
    expect(upwardRanks([step({ estimated_duration: 12 })])).toEqual([12]);
    expect(upwardRanks([step()])).toEqual([ASSUMED_DURATION]);
    expect(upwardRanks([])).toEqual([]);
  });

  it('puts the longer branch of a diamond first', () => {
    const { subtasks } = graph([], [0], [0], [1, 2]);
    const timed = subtasks.map((one, index) => ({ ...one, estimated_duration: [10, 5, 60, 1][index] ?? null }));
    expect(upwardRanks(timed)).toEqual([71, 6, 61, 1]);
  });

  it('is the longest path to the end, whatever the graph', () => {
    fc.assert(
      fc.property(acyclicPlan(9), ({ subtasks }) => {
        expect(upwardRanks(subtasks)).toEqual(subtasks.map((_, index) => longestFrom(subtasks, index)));
      }),
    );
  });

  it('is greater for a step than for every step that waits for it', () => {
    fc.assert(
      fc.property(acyclicPlan(40), ({ subtasks }) => {
        const ranks = upwardRanks(subtasks);
        for (const [index, { dependencies }] of subtasks.entries())
          for (const dependency of dependencies) expect(ranks[dependency]!).toBeGreaterThan(ranks[index]!);
      }),
    );
  });

  it('copes with a chain and a fan of 5,000 steps', () => {
    const chain = Array.from({ length: 5_000 }, (_, index) =>
      step({ dependencies: index ? [index - 1] : [], estimated_duration: 1 }),
    );
    expect(upwardRanks(chain).slice(0, 2)).toEqual([5_000, 4_999]);
    const fan = Array.from({ length: 5_000 }, (_, index) =>
      step({ dependencies: index ? [0] : [], estimated_duration: 1 }),
    );
    expect(upwardRanks(fan).slice(0, 2)).toEqual([2, 1]);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { acyclicPlan, graph, step } from '../../tests/support/plans.ts';
import { criticalPath, secondsLeft } from './longest-path.ts';
import type { PlanStep } from './plan.ts';
import { ASSUMED_DURATION, upwardRanks } from './rank.ts';
import { isSubtaskEnded, SUBTASK_STATUSES, type SubtaskStatus } from './transitions.ts';

function ranked(steps: readonly PlanStep[]) {
  const ranks = upwardRanks(steps);
  return steps.map(({ dependencies }, index) => ({ dependencies, rank: ranks[index]! }));
}

const timed = (durations: (number | null)[], ...dependencies: number[][]) =>
  graph(...dependencies).subtasks.map((one, index) => ({ ...one, estimated_duration: durations[index]! }));

describe('the critical path', () => {
  it('goes through the longer branch of a diamond', () => {
    expect(criticalPath(ranked(timed([10, 5, 60, 1], [], [0], [0], [1, 2])))).toEqual([0, 2, 3]);
  });

  it('is the first of equal ones, and nothing where there is nothing', () => {
    expect(criticalPath(ranked(timed([5, 5], [], [])))).toEqual([0]);
    expect(criticalPath([])).toEqual([]);
  });

  it('is as long as the whole plan takes, and each of its steps waits for the one before', () => {
    fc.assert(
      fc.property(acyclicPlan(40), ({ subtasks }) => {
        const path = criticalPath(ranked(subtasks));
        const seconds = path.map((index) => subtasks[index]!.estimated_duration ?? ASSUMED_DURATION);
        expect(seconds.reduce((sum, one) => sum + one, 0)).toBe(Math.max(...upwardRanks(subtasks)));
        for (const [nth, index] of path.entries())
          if (nth > 0) expect(subtasks[index]!.dependencies).toContain(path[nth - 1]);
      }),
    );
  });

  it('copes with a chain of 5,000 steps', () => {
    const chain = Array.from({ length: 5_000 }, (_, index) => step({ dependencies: index ? [index - 1] : [] }));
    expect(criticalPath(ranked(chain))).toHaveLength(5_000);
  });
});

type Standing = PlanStep & { status: SubtaskStatus; running_seconds: number };

/** The longest path over what is left, by walking every path. */
function walked(steps: readonly Standing[], index: number): number {
  const one = steps[index]!;
  const whole = one.estimated_duration ?? ASSUMED_DURATION;
  const own = one.status === 'running' ? Math.max(0, whole - one.running_seconds) : whole;
  const dependents = [...steps.keys()].filter((other) => steps[other]!.dependencies.includes(index));
  return (isSubtaskEnded(one.status) ? 0 : own) + Math.max(0, ...dependents.map((other) => walked(steps, other)));
}

describe('the seconds left', () => {
  const standing = (steps: PlanStep[], statuses: SubtaskStatus[], running_seconds = 0): Standing[] =>
    steps.map((one, index) => ({ ...one, status: statuses[index]!, running_seconds }));
  const diamond = timed([10, 5, 60, 1], [], [0], [0], [1, 2]);

  it('are the whole plan before it starts, and shrink while a step of the longest path runs', () => {
    expect(secondsLeft(standing(diamond, ['ready', 'pending', 'pending', 'pending']))).toBe(71);
    expect(secondsLeft(standing(diamond, ['running', 'pending', 'pending', 'pending'], 4))).toBe(67);
    expect(secondsLeft(standing(diamond, ['completed', 'completed', 'running', 'pending'], 4))).toBe(57);
  });

  it('count no less than nothing for a step that is late, and nothing for what has ended', () => {
    expect(secondsLeft(standing(diamond, ['completed', 'completed', 'running', 'pending'], 500))).toBe(1);
    expect(secondsLeft(standing(diamond, ['completed', 'failed', 'completed', 'blocked']))).toBe(0);
    expect(secondsLeft([])).toBe(0);
  });

  it('are not known when nobody guessed the duration of anything that is left', () => {
    expect(secondsLeft(standing(timed([10, null], [], [0]), ['completed', 'ready']))).toBeNull();
    expect(secondsLeft(standing(timed([10, null], [], [0]), ['ready', 'pending']))).toBe(10 + ASSUMED_DURATION);
  });

  it('are the longest path over what is left, whatever the graph', () => {
    const anyStanding = acyclicPlan(8).chain(({ subtasks }) =>
      fc.tuple(
        ...subtasks.map((one) =>
          fc.record({ status: fc.constantFrom(...SUBTASK_STATUSES), running_seconds: fc.nat(100_000) }).map((how) => ({
            ...one,
            ...how,
            estimated_duration: one.estimated_duration ?? 7,
          })),
        ),
      ),
    );
    fc.assert(
      fc.property(anyStanding, (steps) => {
        expect(secondsLeft(steps)).toBe(Math.max(0, ...steps.map((_, index) => walked(steps, index))));
      }),
    );
  });
});

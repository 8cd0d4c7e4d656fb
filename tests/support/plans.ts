// Plans for tests: a builder for a handful of named steps, and arbitraries of valid graphs for properties.
import fc from 'fast-check';
import { CAPABILITIES } from '../../src/domain/capability.ts';
import type { Plan, PlanStep } from '../../src/domain/plan.ts';

/** A valid step; what a test is about is given. */
export function step(given: Partial<PlanStep> = {}): PlanStep {
  return {
    description: 'Do one step of the work',
    required_capabilities: ['data_analysis'],
    dependencies: [],
    priority: 5,
    estimated_duration: null,
    input_data: {},
    ...given,
  };
}

/** A plan with one step for each list of dependencies: `graph([], [0], [0], [1, 2])` is a diamond. */
export function graph(...dependencies: number[][]): Plan {
  return { subtasks: dependencies.map((indices) => step({ dependencies: indices })) };
}

const looseStep = fc.record({
  description: fc
    .string({ unit: 'binary', maxLength: 60 })
    .map((words) => `Do this: ${words.replaceAll('\u0000', '')}.`),
  required_capabilities: fc.subarray([...CAPABILITIES], { minLength: 1 }),
  priority: fc.integer({ min: 0, max: 10 }),
  estimated_duration: fc.option(fc.integer({ min: 1, max: 100_000 })),
  input_data: fc.dictionary(fc.string({ maxLength: 8 }), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 }),
  picks: fc.array(fc.nat(), { maxLength: 4 }),
});

/** Any plan without a cycle; its steps stand in any order, so dependencies point forwards as well as backwards. */
export function acyclicPlan(maxSubtasks = 12): fc.Arbitrary<Plan> {
  return fc
    .array(looseStep, { minLength: 1, maxLength: maxSubtasks })
    .chain((steps) =>
      fc.tuple(
        fc.constant(steps),
        fc.shuffledSubarray([...steps.keys()], { minLength: steps.length, maxLength: steps.length }),
      ),
    )
    .map(([steps, places]) => {
      const subtasks: PlanStep[] = [];
      for (const [age, { picks, ...rest }] of steps.entries()) {
        const older = age === 0 ? [] : [...new Set(picks.map((pick) => places[pick % age] ?? 0))];
        subtasks[places[age] ?? 0] = { ...rest, dependencies: older };
      }
      return { subtasks };
    });
}

// Upward rank: how much work still lies ahead of a step, so that the longest path is never kept waiting.
import { graphOf, type PlanStep, topologicalOrder } from './plan.ts';

/** Seconds assumed for a step whose duration nobody guessed. */
export const ASSUMED_DURATION = 30;

/**
 * For each step of an acyclic plan, the seconds of the longest path from its start to the end of the plan: the upward
 * rank of HEFT (Topcuoglu, Hariri, Wu 2002) with communication costs of zero.
 */
export function upwardRanks(steps: readonly Pick<PlanStep, 'dependencies' | 'estimated_duration'>[]): number[] {
  const ranked = steps.map((step) => ({ ...step, rank: step.estimated_duration ?? ASSUMED_DURATION }));
  for (const { step, dependents } of topologicalOrder(graphOf(ranked)).reverse())
    step.rank += Math.max(0, ...dependents.map((dependent) => dependent.step.rank));
  return ranked.map((step) => step.rank);
}

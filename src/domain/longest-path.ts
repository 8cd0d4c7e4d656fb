// The longest way through a task's graph: which subtasks decide when the task ends, and how many seconds are left on it.
import { graphOf, type PlanNode, type PlanStep } from './plan.ts';
import { ASSUMED_DURATION, upwardRanks } from './rank.ts';
import { isSubtaskEnded, type SubtaskStatus } from './transitions.ts';

interface RankedStep {
  /** Indices into the same array. */
  dependencies: number[];
  /** As upwardRanks gives it. */
  rank: number;
}

/** The indices along the longest path by estimated duration, in order; of equal paths the one that is first in the plan. */
export function criticalPath(steps: readonly RankedStep[]): number[] {
  const path: number[] = [];
  let node = longest(graphOf(steps));
  while (node) {
    path.push(node.index);
    node = longest(node.dependents);
  }
  return path;
}

function longest(nodes: readonly PlanNode<RankedStep>[]): PlanNode<RankedStep> | undefined {
  const [first, ...others] = nodes;
  return others.reduce((best, node) => (best && node.step.rank > best.step.rank ? node : best), first);
}

interface OpenStep extends Pick<PlanStep, 'dependencies' | 'estimated_duration'> {
  status: SubtaskStatus;
  /** Seconds since it started; counts only while it runs. */
  running_seconds: number;
}

/**
 * Seconds until the last step ends, if each takes as long as estimated and none waits for an agent; 0 once all have ended.
 * Null: nobody guessed the duration of any step that is left.
 */
export function secondsLeft(steps: readonly OpenStep[]): number | null {
  const open = steps.filter((step) => !isSubtaskEnded(step.status));
  if (open.length > 0 && open.every((step) => step.estimated_duration === null)) return null;
  const left = steps.map((step) => ({ dependencies: step.dependencies, estimated_duration: durationLeft(step) }));
  return Math.max(0, ...upwardRanks(left));
}

function durationLeft({ status, estimated_duration, running_seconds }: OpenStep): number {
  if (isSubtaskEnded(status)) return 0;
  const whole = estimated_duration ?? ASSUMED_DURATION;
  return status === 'running' ? Math.max(0, whole - running_seconds) : whole;
}

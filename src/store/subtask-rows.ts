// A plan as the rows that are stored of it.
import { inOrder } from '../domain/capability.ts';
import type { Plan } from '../domain/plan.ts';
import { upwardRanks } from '../domain/rank.ts';
import { newId } from './ids.ts';

export type SubtaskRow = ReturnType<typeof rowsOf>[number];

/** With ids of their own, to which the dependencies are turned, and each set of capabilities in the one order that it has. */
export function rowsOf(plan: Plan) {
  const ids = plan.subtasks.map(() => newId('subtask'));
  const ranks = upwardRanks(plan.subtasks);
  return plan.subtasks.map((step, position) => ({
    ...step,
    required_capabilities: inOrder(step.required_capabilities),
    id: ids[position] ?? newId('subtask'),
    position,
    rank: ranks[position] ?? 0,
    dependencies: step.dependencies.flatMap((index) => ids[index] ?? []),
    waiting_for: step.dependencies.length,
  }));
}

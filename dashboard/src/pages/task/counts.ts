// How many subtasks of a task are in each status.
import { SUBTASK_STATUSES, type SubtaskStatus } from '../../../../src/domain/transitions.ts';
import type { GraphNode } from '../../../../src/protocol/dashboard-api.ts';

export type Counts = Record<SubtaskStatus, number>;

export function countsOf(nodes: readonly Pick<GraphNode, 'status'>[]): Counts {
  const counts = Object.fromEntries(SUBTASK_STATUSES.map((status) => [status, 0])) as Counts;
  for (const { status } of nodes) counts[status] += 1;
  return counts;
}

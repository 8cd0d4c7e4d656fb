// From where on a graph is seen from afar: only colours are left of its subtasks.
import type { ReactFlowState } from '@xyflow/react';

/** Below this zoom the words of a subtask cannot be read. */
export const FAR_ZOOM = 0.5;

export function isSeenFromAfar({ transform }: Pick<ReactFlowState, 'transform'>): boolean {
  return transform[2] < FAR_ZOOM;
}

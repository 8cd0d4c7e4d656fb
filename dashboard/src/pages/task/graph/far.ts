// From where on a graph is seen from afar: only colours and numbers are left of its subtasks, then colours alone.
import type { ReactFlowState } from '@xyflow/react';

/** Below this zoom the words of a subtask cannot be read. */
export const FAR_ZOOM = 0.5;

/** Below this zoom not even its number can. */
const FARTHER_ZOOM = 0.2;

export type Reach = 'words' | 'number' | 'colour';

export function reachOf({ transform: [, , zoom] }: Pick<ReactFlowState, 'transform'>): Reach {
  if (zoom >= FAR_ZOOM) return 'words';
  return zoom >= FARTHER_ZOOM ? 'number' : 'colour';
}

export function isSeenFromAfar({ transform }: Pick<ReactFlowState, 'transform'>): boolean {
  return transform[2] < FAR_ZOOM;
}

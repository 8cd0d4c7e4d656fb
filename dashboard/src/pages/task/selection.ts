// The one selected subtask that graph, timeline, table and side panel share. It stands in the address.
import type { GraphNode } from '../../../../src/protocol/dashboard-api.ts';

export interface Selection {
  node: GraphNode | null;
  /** Its position, or null. */
  position: number | null;
  select: (subtaskId: string) => void;
  clear: () => void;
}

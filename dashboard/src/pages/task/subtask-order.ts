// Which subtasks are shown, and in which order, as the address says.
import { SUBTASK_STATUSES } from '../../../../src/domain/transitions.ts';
import type { GraphNode } from '../../../../src/protocol/dashboard-api.ts';
import type { Sort, TaskSearch } from './search.ts';

/** Whether a subtask passes the filters of the address. */
export function matcherOf(nodes: readonly GraphNode[], { status, text }: TaskSearch): (position: number) => boolean {
  const words = text?.trim().toLowerCase() ?? '';
  if (!status && words === '') return () => true;
  return (position) => {
    const node = nodes[position];
    if (!node || (status && node.status !== status)) return false;
    return node.title.toLowerCase().includes(words) || `#${node.position}` === words;
  };
}

const VALUES: Record<Sort, (node: GraphNode, now: number) => number> = {
  position: (node) => node.position,
  status: (node) => SUBTASK_STATUSES.indexOf(node.status),
  duration: (node, now) => durationMs(node, now) ?? -1,
  cost: (node) => node.cost_usd,
  attempt: (node) => node.attempt,
};

/** Milliseconds from its start to its end or to now; null when it has not started. */
export function durationMs(node: GraphNode, now: number): number | null {
  if (!node.started_at) return null;
  return Math.max(0, (node.finished_at ? Date.parse(node.finished_at) : now) - Date.parse(node.started_at));
}

export function sorted(
  nodes: readonly GraphNode[],
  { sort = 'position', descending = false }: TaskSearch,
): GraphNode[] {
  const now = Date.now();
  const sign = descending ? -1 : 1;
  return nodes.toSorted((a, b) => sign * (VALUES[sort](a, now) - VALUES[sort](b, now)) || a.position - b.position);
}

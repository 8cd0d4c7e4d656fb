// The nodes that xyflow is given. A subtask that did not change keeps its object, so that only what changed is drawn again.
import { useRef } from 'react';
import type { TaskGraphResponse } from '../../../../../src/protocol/dashboard-api.ts';
import { NODE, type Point } from './layout.ts';
import type { FlowNode } from './subtask-node.tsx';

interface Wanted {
  graph: TaskGraphResponse;
  points: readonly Point[];
  selected: number | null;
  matches: (position: number) => boolean;
}

export function useFlowNodes({ graph, points, selected, matches }: Wanted): FlowNode[] {
  const before = useRef<readonly FlowNode[]>([]);
  const critical = new Set(graph.critical_path);
  const nodes = graph.nodes.map((node, nth): FlowNode => {
    const data = {
      node,
      isSelected: node.position === selected,
      isDim: !matches(node.position),
      isCritical: critical.has(node.position),
    };
    const position = points[nth] ?? { x: 0, y: 0 };
    const last = before.current[nth];
    if (last && last.position === position && isSame(last.data, data)) return last;
    return { id: node.id, type: 'subtask', position, data, width: NODE.width, height: NODE.height };
  });
  before.current = nodes;
  return nodes;
}

function isSame(a: FlowNode['data'], b: FlowNode['data']): boolean {
  return a.node === b.node && a.isSelected === b.isSelected && a.isDim === b.isDim && a.isCritical === b.isCritical;
}

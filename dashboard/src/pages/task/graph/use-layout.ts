// The layout of a graph as a hook: small graphs at once, large ones by a worker. Only the edges matter, and a plan's edges
// do not change, so it is made once for a task.
import { useEffect, useMemo, useState } from 'react';
import type { GraphNode } from '../../../../../src/protocol/dashboard-api.ts';
import { layOut, type Point } from './layout.ts';

/** Up to this many subtasks the layout takes less than a frame. */
const AT_ONCE = 150;

/** Null while it is being made. */
export function useLayout(nodes: readonly GraphNode[]): readonly Point[] | null {
  const key = nodes.map((node) => node.dependencies.join(',')).join(';');
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key says all of the nodes that a layout depends on.
  const dependencies = useMemo(() => nodes.map((node) => node.dependencies), [key]);
  const small = useMemo(() => (dependencies.length <= AT_ONCE ? layOut(dependencies) : null), [dependencies]);
  const [made, setMade] = useState<{ of: readonly number[][]; points: Point[] } | null>(null);
  useEffect(() => {
    if (dependencies.length <= AT_ONCE) return;
    const worker = new Worker(new URL('./layout-worker.ts', import.meta.url), { type: 'module' });
    worker.addEventListener('message', (event: MessageEvent<Point[]>) =>
      setMade({ of: dependencies, points: event.data }),
    );
    worker.postMessage(dependencies);
    return () => worker.terminate();
  }, [dependencies]);
  return small ?? (made?.of === dependencies ? made.points : null);
}

// The edges of a graph as SVG paths: one path for all edges of a kind, so that thousands cost as little as one.
import { NODE, type Point } from './layout.ts';

export interface CurveSet {
  plain: string;
  /** Along the critical path. */
  critical: string;
  /** To and from the selected subtask. */
  near: string;
}

interface Drawing {
  points: readonly Point[];
  dependencies: readonly (readonly number[])[];
  criticalPath: readonly number[];
  selected: number | null;
}

export function curvesOf({ points, dependencies, criticalPath, selected }: Drawing): CurveSet {
  const critical = new Set(criticalPath.slice(1).map((to, nth) => `${criticalPath[nth]}>${to}`));
  const curves: CurveSet = { plain: '', critical: '', near: '' };
  for (const [to, list] of dependencies.entries()) {
    for (const from of list) {
      const kind = kindOf(from, to);
      curves[kind] += curve(points[from], points[to]);
    }
  }
  return curves;

  function kindOf(from: number, to: number): keyof CurveSet {
    if (from === selected || to === selected) return 'near';
    return critical.has(`${from}>${to}`) ? 'critical' : 'plain';
  }
}

function curve(from: Point | undefined, to: Point | undefined): string {
  if (!from || !to) return '';
  const x1 = from.x + NODE.width;
  const y1 = from.y + NODE.height / 2;
  const y2 = to.y + NODE.height / 2;
  const bend = Math.max(24, (to.x - x1) / 2);
  return `M${x1} ${y1}C${x1 + bend} ${y1} ${to.x - bend} ${y2} ${to.x} ${y2}`;
}

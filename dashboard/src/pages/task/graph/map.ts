// The arithmetic of the map of a large graph: its scale, and each state's subtasks as one path.
import type { SubtaskStatus } from '../../../../../src/domain/transitions.ts';
import type { GraphNode } from '../../../../../src/protocol/dashboard-api.ts';
import { NODE, type Point } from './layout.ts';

/** The map fits into this, in pixels. */
const MOST = { width: 200, height: 150 };
/** Around the graph, in pixels of the map. */
const MARGIN = 4;

export interface MapScale {
  /** Pixels of the map for one of the graph. */
  scale: number;
  /** The graph's left and top. */
  x: number;
  y: number;
  width: number;
  height: number;
}

export function mapScaleOf(points: readonly Point[]): MapScale {
  const [left, right] = extent(points.map(({ x }) => x));
  const [top, bottom] = extent(points.map(({ y }) => y));
  const [width, height] = [right - left + NODE.width, bottom - top + NODE.height];
  const scale = Math.min((MOST.width - 2 * MARGIN) / width, (MOST.height - 2 * MARGIN) / height);
  const size = { width: width * scale + 2 * MARGIN, height: height * scale + 2 * MARGIN };
  return { scale, x: left - MARGIN / scale, y: top - MARGIN / scale, ...size };
}

function extent(values: readonly number[]): [number, number] {
  let [least, most] = [values[0] ?? 0, values[0] ?? 0];
  for (const value of values) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return [least, most];
}

/** In the graph's own pixels. */
export function pathsOf(
  nodes: readonly Pick<GraphNode, 'status'>[],
  points: readonly Point[],
): Map<SubtaskStatus, string> {
  const boxes = new Map<SubtaskStatus, string[]>();
  nodes.forEach(({ status }, nth) => {
    const point = points[nth];
    if (!point) return;
    const box = `M${Math.round(point.x)} ${Math.round(point.y)}h${NODE.width}v${NODE.height}h-${NODE.width}z`;
    const known = boxes.get(status);
    if (known) known.push(box);
    else boxes.set(status, [box]);
  });
  return new Map([...boxes].map(([status, parts]) => [status, parts.join('')]));
}

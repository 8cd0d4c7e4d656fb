// Where each subtask of a graph stands, and the curves between them. Columns run from left to right along dependencies;
// a column of hundreds is folded into several, so that a wide plan stays wider than high. Reasons: docs/decisions/0016.
import { columnsOf, type Edge, type Neighbours, neighboursOf, orderLayers } from './layers.ts';

export const NODE = { width: 216, height: 60 } as const;
const GAP = { x: 72, y: 20, folded: 20 } as const;

/** A folded graph comes as close to this as it can. */
const WIDTH_BY_HEIGHT = 1.9;
/** Columns up to this are never folded. */
const ROWS_MIN = 14;
const ALIGNMENTS = 6;

export interface Point {
  x: number;
  y: number;
}

/** Top left corners, by index. */
export function layOut(dependencies: readonly (readonly number[])[]): Point[] {
  const edges = dependencies.flatMap((list, to) => list.map((from): Edge => ({ from, to })));
  const neighbours = neighboursOf(dependencies.length, edges);
  const layers = orderLayers(columnsOf(neighbours), neighbours);
  const longest = Math.max(0, ...layers.map((layer) => layer.length));
  const rows = longest <= ROWS_MIN ? longest : rowsFor(layers);
  return longest <= rows ? aligned(layers, neighbours) : folded(layers, rows);
}

/** How high a column may be for the whole to have about the shape of a screen. */
function rowsFor(layers: readonly (readonly number[])[]): number {
  let best = { rows: ROWS_MIN, distance: Number.POSITIVE_INFINITY };
  const longest = Math.max(...layers.map((layer) => layer.length));
  for (let rows = ROWS_MIN; rows <= longest; rows += 1) {
    const columns = layers.reduce((sum, layer) => sum + Math.ceil(layer.length / rows), 0);
    const shape = (columns * (NODE.width + GAP.folded)) / (rows * (NODE.height + GAP.y));
    const distance = Math.abs(Math.log(shape / WIDTH_BY_HEIGHT));
    if (distance < best.distance) best = { rows, distance };
  }
  return best.rows;
}

function folded(layers: readonly (readonly number[])[], rows: number): Point[] {
  const points: Point[] = [];
  let x = 0;
  for (const layer of layers) {
    const columns = Math.ceil(layer.length / rows);
    const height = Math.ceil(layer.length / columns);
    for (const [nth, node] of layer.entries()) {
      const row = (nth % height) - (height - 1) / 2;
      points[node] = { x: x + Math.floor(nth / height) * (NODE.width + GAP.folded), y: row * (NODE.height + GAP.y) };
    }
    x += columns * (NODE.width + GAP.folded) - GAP.folded + GAP.x;
  }
  return points;
}

/** Each node as close to the middle of its neighbours as order and distance allow. */
function aligned(layers: readonly (readonly number[])[], { before, after }: Neighbours): Point[] {
  const step = NODE.height + GAP.y;
  const y = before.map(() => 0);
  for (const layer of layers) {
    for (const [nth, node] of layer.entries()) y[node] = (nth - (layer.length - 1) / 2) * step;
  }
  const backward = layers.toReversed();
  for (let pass = 0; pass < ALIGNMENTS; pass += 2) {
    for (const layer of layers) alignLayer({ layer, sides: before, y }, step);
    for (const layer of backward) alignLayer({ layer, sides: after, y }, step);
  }
  return pointsOf(layers, y);
}

function pointsOf(layers: readonly (readonly number[])[], y: readonly number[]): Point[] {
  const points: Point[] = [];
  for (const [column, layer] of layers.entries()) {
    for (const node of layer) points[node] = { x: column * (NODE.width + GAP.x), y: Math.round(y[node] ?? 0) };
  }
  return points;
}

interface Aligning {
  layer: readonly number[];
  sides: readonly (readonly number[])[];
  y: number[];
}

function alignLayer({ layer, sides, y }: Aligning, step: number): void {
  const wanted = layer.map((node, nth) => meanOf(sides[node] ?? [], y) ?? y[node] ?? nth * step);
  for (const [nth, value] of spread(wanted, step).entries()) {
    const node = layer[nth];
    if (node !== undefined) y[node] = value;
  }
}

function meanOf(nodes: readonly number[], y: readonly number[]): number | null {
  if (nodes.length === 0) return null;
  return nodes.reduce((sum, node) => sum + (y[node] ?? 0), 0) / nodes.length;
}

/**
 * The values in their order and at least `step` apart that are closest to the wanted ones by least squares: isotonic
 * regression by pooling adjacent violators (Barlow 1972).
 */
export function spread(wanted: readonly number[], step: number): number[] {
  const pools: { sum: number; count: number }[] = [];
  for (const [nth, value] of wanted.entries()) {
    let pool = { sum: value - nth * step, count: 1 };
    for (let last = pools.at(-1); last && last.sum / last.count >= pool.sum / pool.count; last = pools.at(-1)) {
      pool = { sum: pool.sum + last.sum, count: pool.count + last.count };
      pools.pop();
    }
    pools.push(pool);
  }
  return pools
    .flatMap(({ sum, count }) => Array.from({ length: count }, () => sum / count))
    .map((value, nth) => value + nth * step);
}

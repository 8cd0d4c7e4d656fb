// The first half of a layered layout (Sugiyama, Tagawa and Toda 1981): in which column each subtask stands, and in which
// order within it, so that few edges cross. Where exactly, decides layout.ts.

export interface Edge {
  from: number;
  to: number;
}

/** Edges as lists of neighbours, by index. */
export interface Neighbours {
  before: number[][];
  after: number[][];
}

const SWEEPS = 8;

export function neighboursOf(count: number, edges: readonly Edge[]): Neighbours {
  const before: number[][] = Array.from({ length: count }, () => []);
  const after: number[][] = Array.from({ length: count }, () => []);
  for (const { from, to } of edges) {
    before[to]?.push(from);
    after[from]?.push(to);
  }
  return { before, after };
}

/** Column of each node: one behind the last of its dependencies. What has none stands just before its first dependent. */
export function columnsOf(neighbours: Neighbours): number[] {
  const columns = neighbours.before.map(() => 0);
  for (const node of topological(neighbours)) {
    const before = neighbours.before[node] ?? [];
    columns[node] = Math.max(-1, ...before.map((other) => columns[other] ?? 0)) + 1;
  }
  for (const [node, after] of neighbours.after.entries()) {
    const slides = after.length > 0 && neighbours.before[node]?.length === 0;
    if (slides) columns[node] = Math.min(...after.map((next) => columns[next] ?? 0)) - 1;
  }
  return columns;
}

/** Kahn 1962. Plans have no cycles; nodes of one would be left out. */
function topological({ before, after }: Neighbours): number[] {
  const missing = before.map((list) => list.length);
  const order = missing.flatMap((count, node) => (count === 0 ? [node] : []));
  for (const node of order) {
    for (const next of after[node] ?? []) {
      missing[next] = (missing[next] ?? 0) - 1;
      if (missing[next] === 0) order.push(next);
    }
  }
  return order;
}

/** Nodes of each column, ordered by sweeps over the barycentres of their neighbours. */
export function orderLayers(columns: readonly number[], neighbours: Neighbours): number[][] {
  const layers: number[][] = Array.from({ length: Math.max(-1, ...columns) + 1 }, () => []);
  for (const [node, column] of columns.entries()) layers[column]?.push(node);
  const place = columns.map(() => 0);
  for (const layer of layers) number(layer, place);
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    const forward = sweep % 2 === 0;
    const sides = forward ? neighbours.before : neighbours.after;
    for (const layer of forward ? layers : layers.toReversed()) sortLayer(layer, sides, place);
  }
  return layers;
}

function sortLayer(layer: number[], sides: readonly (readonly number[])[], place: number[]): void {
  const weight = new Map(layer.map((node) => [node, barycentre(sides[node] ?? [], place) ?? place[node] ?? 0]));
  layer.sort((a, b) => (weight.get(a) ?? 0) - (weight.get(b) ?? 0) || a - b);
  number(layer, place);
}

/** Places run from 0 to 1 in every layer, so that short and long ones can be compared. */
function number(layer: readonly number[], place: number[]): void {
  for (const [nth, node] of layer.entries()) place[node] = (nth + 0.5) / layer.length;
}

function barycentre(nodes: readonly number[], place: readonly number[]): number | null {
  if (nodes.length === 0) return null;
  return nodes.reduce((sum, node) => sum + (place[node] ?? 0), 0) / nodes.length;
}

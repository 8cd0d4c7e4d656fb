// Where an arrow key leads in the graph: left and right along dependencies, up and down within a column.
import type { Point } from './layout.ts';

export type Direction = 'left' | 'right' | 'up' | 'down';

export interface Standing {
  points: readonly Point[];
  /** Positions each subtask depends on. */
  dependencies: readonly (readonly number[])[];
}

/** The position that is reached, or the same one at an edge of the graph. */
export function step(standing: Standing, from: number, direction: Direction): number {
  const here = standing.points[from];
  if (!here) return from;
  const candidates = candidatesOf(standing, from, direction);
  const distance = (position: number) => Math.abs((standing.points[position]?.y ?? 0) - here.y);
  return candidates.reduce((best, next) => (best === from || distance(next) < distance(best) ? next : best), from);
}

function candidatesOf({ points, dependencies }: Standing, from: number, direction: Direction): number[] {
  if (direction === 'left') return [...(dependencies[from] ?? [])];
  if (direction === 'right') return dependencies.flatMap((list, position) => (list.includes(from) ? [position] : []));
  const here = points[from];
  const sign = direction === 'up' ? -1 : 1;
  return points.flatMap((point, position) => (point.x === here?.x && sign * (point.y - here.y) > 0 ? [position] : []));
}

// Random graphs to run: chains, diamonds, wide and layered ones, whose subtasks take up to some hundred milliseconds, and some
// of which fail now and then, or for good.
import { DEFAULT_CREW } from '../../src/domain/agent.ts';
import type { Random } from './random.ts';

export interface GraphStep {
  description: string;
  required_capabilities: string[];
  dependencies: number[];
  priority: number;
  estimated_duration: number;
  input_data: Record<string, unknown>;
}

export interface Graph {
  shape: Shape;
  steps: GraphStep[];
}

/** Each gives, for each step, the steps that it waits for. */
const SHAPES = {
  chain: (random: Random) => Array.from({ length: random.between(2, 7) }, (_, nth) => (nth === 0 ? [] : [nth - 1])),
  wide(random: Random) {
    const width = random.between(3, 20);
    const sources = Array.from({ length: width }, (_, nth) => nth);
    return [...sources.map((): number[] => []), sources];
  },
  diamond(random: Random) {
    const width = random.between(2, 8);
    const middle = Array.from({ length: width }, (_, nth) => nth + 1);
    return [[], ...middle.map(() => [0]), middle];
  },
  layered(random: Random) {
    const layers = Array.from({ length: random.between(2, 4) }, () => random.between(1, 6));
    let before: number[] = [];
    let next = 0;
    return layers.flatMap((width) => {
      const steps = Array.from({ length: width }, () => before.filter(() => random.chance(0.5)));
      before = steps.map(() => next++);
      return steps;
    });
  },
  single: () => [[]],
} satisfies Record<string, (random: Random) => number[][]>;

type Shape = keyof typeof SHAPES;

export function makeGraph(random: Random): Graph {
  const shape = random.pick(Object.keys(SHAPES) as Shape[]);
  // Most graphs can complete: one step that fails for good ends the whole task.
  const mayFail = random.chance(0.1);
  const steps = SHAPES[shape](random).map((dependencies, nth) => ({
    description: `Step ${nth} of a ${shape} graph`,
    required_capabilities: capabilities(random),
    dependencies,
    priority: random.between(0, 10),
    estimated_duration: random.between(1, 30),
    input_data: { mark: random.between(0, 1_000_000), ...duration(random), ...failure(random, mayFail) },
  }));
  return { shape, steps };
}

/** What at least one agent of the crew can do. */
function capabilities(random: Random): string[] {
  const { capabilities: all } = random.pick(DEFAULT_CREW);
  return random.chance(0.3) ? [...all] : [random.pick(all)];
}

function duration(random: Random): { duration_ms: number } {
  // A few take long enough to be caught in the middle, and to run when a superseded attempt reports late.
  return { duration_ms: random.chance(0.08) ? random.between(1_000, 4_000) : random.between(0, 400) };
}

function failure(random: Random, mayFail: boolean): { fail?: unknown } {
  if (random.chance(0.05)) return { fail: { message: 'fails now and then', times: random.between(1, 2) } };
  if (mayFail && random.chance(0.2))
    return { fail: random.chance(0.5) ? 'fails for good' : { message: 'fails every time', times: 1_000 } };
  return {};
}

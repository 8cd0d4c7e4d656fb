// W1 diamonds, W2 chain, W3 wide: on every engine in turn, and that as often as there are repetitions.
import { chain, countSteps, diamonds, wide } from '../graphs.mjs';
import { BROAD, NARROW, onFreshPlace } from '../measure.mjs';
import { hops, mostAtOnce, percentile } from '../statistics.mjs';

/** @typedef {(graphs: import('../graphs.mjs').Graph[]) => Promise<import('../engines.mjs').Run>} RunGraphs */
/** @typedef {Record<string, number>} Figures By their names, such as `w1`. */

const WARM_UP = 20;

/** @typedef {{ sizes: import('../options.mjs').Sizes, workloads: import('../options.mjs').Workload[] }} Wanted */

/** W1 and W2. @param {import('../engines.mjs').Engine} engine @param {Wanted} wanted @returns {Promise<Figures>} */
export function measureNarrow(engine, { sizes, workloads }) {
  return onFreshPlace(engine, NARROW, async (run) => {
    await run(diamonds(WARM_UP));
    const w1 = workloads.includes('W1') ? await measureDiamonds(run, sizes) : {};
    const w2 = workloads.includes('W2') ? await measureChains(run, sizes) : {};
    return { ...w1, ...w2 };
  });
}

/** W3. @param {import('../engines.mjs').Engine} engine @param {Wanted} wanted @returns {Promise<Figures>} */
export function measureBroad(engine, { sizes }) {
  return onFreshPlace(engine, BROAD, async (run) => {
    await run(diamonds(WARM_UP));
    return measureWide(run, sizes);
  });
}

/** Steps per second. @param {RunGraphs} run @param {import('../options.mjs').Sizes} sizes */
export async function measureDiamonds(run, sizes) {
  const graphs = diamonds(sizes.diamonds);
  const { ms } = await run(graphs);
  return { w1: (countSteps(graphs) / ms) * 1_000 };
}

/** Milliseconds a hop. @param {RunGraphs} run @param {import('../options.mjs').Sizes} sizes */
export async function measureChains(run, sizes) {
  /** @type {number[]} */
  const all = [];
  for (let nth = 0; nth < sizes.chains; nth += 1) all.push(...hops(await run([chain(sizes.chainLength)])));
  return { w2_p50: percentile(all, 50), w2_p95: percentile(all, 95) };
}

/** @param {RunGraphs} run @param {import('../options.mjs').Sizes} sizes */
async function measureWide(run, sizes) {
  const many = await run([wide(sizes.wide, 0)]);
  const long = await run([wide(sizes.atOnce, sizes.atOnceMs)]);
  return { w3: (sizes.wide / many.ms) * 1_000, w3_long_ms: long.ms, w3_at_once: mostAtOnce(long.spans) };
}

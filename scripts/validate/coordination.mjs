// What scheduling costs, with agents that only simulate: how soon a dependent starts, and how many run at once.
import { completed, mostAtOnce, percentile } from './client.mjs';
import { startUp, temporaryFolder } from './processes.mjs';
import { freshPlace } from './servers.mjs';

const CHAIN = 20;
const CHAINS = 5;
const HOP_MS = 4;
/** Long enough for the last to start before the first ends. */
const LONG_MS = 5_000;
const AGENTS = 5;

/** @returns {Promise<import('./run.mjs').Figure[]>} */
export async function measureCoordination() {
  return [await hop(), await wide(100), await wide(1_000)];
}

async function hop() {
  return onSimulated(1, async (url, words) => {
    const hops = [];
    for (let nth = 0; nth < CHAINS; nth += 1) hops.push(...hopsOf(await completed(url, chain())));
    const [p50, p95] = [percentile(hops, 0.5), percentile(hops, 0.95)];
    return {
      what: `Start of a step to start of the next, in chains of ${CHAIN} steps that take no time, ${words}`,
      value: `p50 ${p50} ms, p95 ${p95} ms (${hops.length} hops)`,
      target: `p50 under ${HOP_MS} ms`,
      ok: p50 < HOP_MS,
      timed: true,
    };
  });
}

/** @param {import('./client.mjs').Span[]} spans */
function hopsOf(spans) {
  const starts = spans
    .toSorted((one, other) => one.position - other.position)
    .map((span) => Date.parse(span.started_at));
  return starts.slice(1).map((at, nth) => at - (starts[nth] ?? at));
}

/** @param {number} count */
async function wide(count) {
  return onSimulated(count / AGENTS, async (url, words) => {
    const most = mostAtOnce(await completed(url, fan(count)));
    return {
      what: `Subtasks of a task of ${count} that ran at once, on ${AGENTS} simulated agents of ${count / AGENTS} slots, ${words}`,
      value: String(most),
      target: String(count),
      ok: most === count,
      // The last may start after the first has ended.
      timed: true,
    };
  });
}

/**
 * @template T
 * @param {number} slots
 * @param {(url: string, words: string) => Promise<T>} measure
 */
async function onSimulated(slots, measure) {
  const [folder, place] = [temporaryFolder(), await freshPlace()];
  const settings = { ...place.settings, AGENT_RUNTIME: 'simulate', AGENT_SLOTS: String(slots) };
  const muster = await startUp(folder.path, settings);
  try {
    return await measure(muster.url, place.words);
  } finally {
    await muster.stop();
    await place.drop();
    folder.remove();
  }
}

function chain() {
  const subtasks = Array.from({ length: CHAIN }, (_, nth) => ({
    description: `Step number ${nth} of the chain`,
    required_capabilities: ['data_analysis'],
    dependencies: nth === 0 ? [] : [nth - 1],
  }));
  return { description: 'A chain of simulated steps', plan: { subtasks } };
}

/** As many for each agent as it has slots: each needs all that one agent of the default crew has. @param {number} count */
function fan(count) {
  const subtasks = Array.from({ length: count }, (_, nth) => ({
    description: `Step number ${nth}, beside all others`,
    required_capabilities: CREW[nth % CREW.length] ?? [],
    input_data: { duration_ms: LONG_MS },
  }));
  return { description: 'Simulated steps side by side', plan: { subtasks } };
}

/** The capabilities of the default crew's agents. */
export const CREW = [
  ['data_analysis', 'code_generation'],
  ['web_scraping', 'api_integration'],
  ['file_processing', 'database_operations'],
  ['code_generation', 'api_integration'],
  ['data_analysis', 'database_operations'],
];

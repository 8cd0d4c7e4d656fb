// The benchmark: every chosen engine through every chosen workload, one repetition after the other so that the machine's moods
// fall on all alike; then the tables, and with --json one JSON object as the last line.
import { loadEngine } from './engines.mjs';
import { cleanUpWhenInterrupted } from './interruption.mjs';
import { describeMachine } from './machine.mjs';
import { readOptions, USAGE } from './options.mjs';
import { jsonOf, tablesOf, writeDocs } from './report.mjs';
import { measureApi } from './workloads/api.mjs';
import { measureHistory } from './workloads/history.mjs';
import { measureMakespans } from './workloads/makespan.mjs';
import { measureBroad, measureNarrow } from './workloads/peers.mjs';

/**
 * @typedef {object} Results
 * @property {Awaited<ReturnType<typeof describeMachine>>} machine
 * @property {import('./options.mjs').Sizes} sizes
 * @property {import('./engines.mjs').Engine[]} engines
 * @property {Record<string, import('./workloads/peers.mjs').Figures[]>} peers By the key of the engine, one for each time that it was measured.
 * @property {Awaited<ReturnType<typeof measureHistory>> | null} history
 * @property {import('./workloads/makespan.mjs').Makespans[]} makespans
 * @property {import('./workloads/api.mjs').ApiFigures[]} api
 * @property {{ what: string, why: string }[]} failures
 */

/** @typedef {ReturnType<typeof readOptions>} Options */

async function main() {
  const options = readOptions(process.argv.slice(2));
  const results = await measureAll(options);
  for (const table of tablesOf(results)) console.log(`\n${table}`);
  for (const { what, why } of results.failures) console.error(`\nFAILED ${what}: ${why}`);
  if (options.docs) writeDocs(results);
  if (options.json) console.log(JSON.stringify(jsonOf(results)));
  process.exitCode = results.failures.length > 0 ? 1 : 0;
}

/** @param {Options} options @returns {Promise<Results>} */
async function measureAll(options) {
  const { sizes, workloads } = options;
  const engines = await Promise.all(options.engines.map(loadEngine));
  /** @type {Results} */
  const results = {
    machine: await describeMachine(),
    sizes,
    engines,
    peers: {},
    history: null,
    makespans: [],
    api: [],
    failures: [],
  };
  await measurePeers(options, results);
  const attempt = (/** @type {import('./options.mjs').Workload} */ name, /** @type {() => Promise<void>} */ work) =>
    workloads.includes(name) ? trying(results, name, work) : undefined;
  await attempt('W4', async () => {
    results.history = await measureHistory(await loadEngine('muster'), sizes);
  });
  await attempt('W5', async () => {
    results.makespans = await measureMakespans(sizes);
  });
  await attempt('W6', async () => {
    results.api = await measureApi(sizes);
  });
  return results;
}

/** @param {Options} options @param {Results} results */
async function measurePeers({ sizes, workloads }, results) {
  const engines = results.engines.filter((engine) => engine.missing === undefined);
  const parts = [
    { title: 'W1 and W2', wanted: workloads.includes('W1') || workloads.includes('W2'), measure: measureNarrow },
    { title: 'W3', wanted: workloads.includes('W3'), measure: measureBroad },
  ].filter((part) => part.wanted);
  for (let nth = 1; nth <= sizes.repetitions; nth += 1)
    for (const engine of engines)
      for (const { title, measure } of parts)
        await trying(results, `${title}, ${engine.title}, repetition ${nth}`, async () => {
          const figures = await measure(engine, { sizes, workloads });
          results.peers[engine.key] = [...(results.peers[engine.key] ?? []), figures];
        });
}

/** One that fails is told of in the end, and keeps nobody else from being measured. */
async function trying(
  /** @type {Results} */ results,
  /** @type {string} */ what,
  /** @type {() => Promise<void>} */ work,
) {
  const startedAt = Date.now();
  try {
    await work();
    console.error(`${what}: ${((Date.now() - startedAt) / 1_000).toFixed(1)} s`);
  } catch (error) {
    console.error(`${what}: FAILED`);
    results.failures.push({ what, why: error instanceof Error ? error.message : String(error) });
  }
}

/** SQLSTATE admin_shutdown: a connection that an engine left open, cut off with its database when its run was over. */
const CUT_OFF = '57P01';

process.on('uncaughtException', (error) => {
  if (/** @type {NodeJS.ErrnoException} */ (error).code === CUT_OFF) return;
  console.error(error);
  process.exit(2);
});
cleanUpWhenInterrupted();

try {
  await main();
} catch (error) {
  console.error(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
  process.exitCode = 2;
}
process.exit();

// W5: random layered graphs with durations on the default crew. Muster's makespan, as measured, against what no scheduler can
// beat, and against other policies computed in virtual time, which have no overhead at all.
import { DEFAULT_CREW } from '../../dist/domain/agent.js';
import { layeredGraph, lowerBound } from '../layered.mjs';
import { startDefaultCrew } from '../muster-processes.mjs';
import { firstFit, ranked, simulate, unranked } from '../policies.mjs';
import { freshPlace } from '../servers.mjs';

/** @typedef {{ muster: number, ranked: number, unranked: number, firstFit: number }} Makespans As multiples of the bound. */

/** @param {import('../options.mjs').Sizes} sizes @returns {Promise<Makespans[]>} */
export async function measureMakespans(sizes) {
  const place = await freshPlace();
  try {
    const muster = await startDefaultCrew(place);
    try {
      /** @type {Makespans[]} */
      const makespans = [];
      for (let seed = 1; seed <= sizes.makespanGraphs; seed += 1) makespans.push(await compare(muster.client, seed));
      return makespans;
    } finally {
      await muster.stop();
    }
  } finally {
    await place.drop();
  }
}

/** @param {import('../../dist/protocol/client.js').Client} client @param {number} seed @returns {Promise<Makespans>} */
async function compare(client, seed) {
  const steps = layeredGraph(seed);
  const bound = lowerBound(steps, DEFAULT_CREW);
  return {
    muster: (await runOnMuster(client, steps)) / bound,
    ranked: simulate(steps, DEFAULT_CREW, ranked) / bound,
    unranked: simulate(steps, DEFAULT_CREW, unranked) / bound,
    firstFit: simulate(steps, DEFAULT_CREW, firstFit) / bound,
  };
}

/** @param {import('../../dist/protocol/client.js').Client} client @param {import('../layered.mjs').TimedStep[]} steps */
async function runOnMuster(client, steps) {
  const subtasks = steps.map(({ capabilities, dependencies, durationMs, estimate }, nth) => ({
    description: `Step ${nth} of a layered graph`,
    required_capabilities: capabilities,
    dependencies,
    estimated_duration: estimate,
    input_data: { duration_ms: durationMs },
  }));
  const { task_id } = await client.submit({ description: 'Run a layered graph', plan: { subtasks } });
  const { task } = await client.wait(task_id);
  if (task.status !== 'completed') throw new Error(`the layered graph ended ${task.status}: ${task.error}`);
  return Date.parse(task.finished_at ?? '') - Date.parse(task.started_at ?? '');
}

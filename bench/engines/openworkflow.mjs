// openworkflow: durable workflows in PostgreSQL, every step a child workflow, so that any process may run it.
import { OpenWorkflow } from 'openworkflow';
import { BackendPostgres } from 'openworkflow/postgres';
import { now } from '../tally.mjs';
import { startWorkers } from '../worker-processes.mjs';

/** Its own limit. */
const STEPS_MAX = 1_000;

/** @type {import('../engines.mjs').Engine} */
export const engine = {
  key: 'openworkflow',
  title: 'openworkflow',
  package: 'openworkflow',
  settings:
    'two worker processes with half the slots each (concurrency); a workflow for each task, a child workflow for each step; polling as it comes; a workflow may have 1,000 steps, so the widest task is several workflows',
  durability: 'PostgreSQL: fsync and synchronous_commit on',
  async open(scene) {
    const backend = await BackendPostgres.connect(scene.place.postgresUrl);
    const client = new OpenWorkflow({ backend });
    const workers = await startWorkers('openworkflow.mjs', scene);
    return {
      async run(graphs) {
        const startedAt = now();
        const running = graphs.map(async (graph) => {
          const handles = await Promise.all(partsOf(graph).map((part) => client.runWorkflow({ name: 'task' }, part)));
          const outputs = await Promise.all(handles.map((handle) => handle.result()));
          return /** @type {number[]} */ (outputs.flat());
        });
        const outputs = await Promise.all(running);
        return { ms: now() - startedAt, outputs, spans: await workers.spans() };
      },
      async close() {
        await workers.stop();
        await backend.stop();
      },
    };
  },
};

/** A wider graph is split; one whose steps wait for each other cannot be. @param {import('../graphs.mjs').Graph} graph */
function partsOf(graph) {
  if (graph.steps.length <= STEPS_MAX || graph.steps.some((step) => step.dependencies.length > 0)) return [graph];
  const count = Math.ceil(graph.steps.length / STEPS_MAX);
  return Array.from({ length: count }, (_, nth) => ({
    ...graph,
    steps: graph.steps.slice(nth * STEPS_MAX, (nth + 1) * STEPS_MAX),
  }));
}

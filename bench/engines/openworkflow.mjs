// openworkflow: durable workflows in PostgreSQL, every step a child workflow, so that any process may run it.
import { OpenWorkflow } from 'openworkflow';
import { BackendPostgres } from 'openworkflow/postgres';
import { now } from '../tally.mjs';
import { startWorkers } from '../worker-processes.mjs';

/** @type {import('../engines.mjs').Engine} */
export const engine = {
  key: 'openworkflow',
  title: 'openworkflow',
  package: 'openworkflow',
  settings:
    'two worker processes with half the slots each (concurrency); a workflow for each task, a child workflow for each step; polling as it comes',
  durability: 'PostgreSQL: fsync and synchronous_commit on',
  async open(scene) {
    const backend = await BackendPostgres.connect(scene.place.postgresUrl);
    const client = new OpenWorkflow({ backend });
    const workers = await startWorkers('openworkflow.mjs', scene);
    return {
      async run(graphs) {
        const startedAt = now();
        const handles = await Promise.all(graphs.map((graph) => client.runWorkflow({ name: 'task' }, graph)));
        const outputs = await Promise.all(handles.map((handle) => handle.result()));
        return { ms: now() - startedAt, outputs: /** @type {number[][]} */ (outputs), spans: await workers.spans() };
      },
      async close() {
        await workers.stop();
        await backend.stop();
      },
    };
  },
};

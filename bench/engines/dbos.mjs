// DBOS: durable workflows in PostgreSQL, every step a workflow of its own on a queue, so that any process may run it.
import { DBOSClient } from '@dbos-inc/dbos-sdk';
import { now } from '../tally.mjs';
import { startWorkers } from '../worker-processes.mjs';

/** @type {import('../engines.mjs').Engine} */
export const engine = {
  key: 'dbos',
  title: 'DBOS',
  package: '@dbos-inc/dbos-sdk',
  settings:
    'two worker processes; a workflow for each task and, so that any process may run it, for each step, both on queues polled every 10 ms (default 1 s), results awaited at the same interval; submitted through DBOSClient.enqueue',
  durability: 'PostgreSQL: fsync and synchronous_commit on',
  async open(scene) {
    const workers = await startWorkers('dbos.mjs', scene);
    const client = await DBOSClient.create({
      systemDatabaseUrl: scene.place.postgresUrl,
      applicationName: 'bench',
      logger: SILENT,
    });
    return {
      async run(graphs) {
        const startedAt = now();
        const handles = await Promise.all(
          graphs.map((graph) => client.enqueue({ queueName: 'tasks', workflowName: 'task' }, graph)),
        );
        const outputs = await Promise.all(handles.map((handle) => handle.getResult({ pollingIntervalMs: 10 })));
        return { ms: now() - startedAt, outputs: /** @type {number[][]} */ (outputs), spans: await workers.spans() };
      },
      async close() {
        await workers.stop();
        await client.destroy();
      },
    };
  },
};

/** What goes wrong rejects, and is reported as any engine's failure is. */
const SILENT = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

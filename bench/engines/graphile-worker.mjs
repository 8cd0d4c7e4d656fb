// graphile-worker: jobs in PostgreSQL, woken by LISTEN/NOTIFY. Its workers are processes of their own.
import { makeWorkerUtils } from 'graphile-worker';
import { openGlued } from '../glued-session.mjs';
import { startWorkers } from '../worker-processes.mjs';

/** @type {import('../engines.mjs').Engine} */
export const engine = {
  key: 'graphile_worker',
  title: 'graphile-worker',
  package: 'graphile-worker',
  settings:
    'two worker processes with half the slots each (concurrentJobs); roots by add_jobs, the others by add_job in the transaction of the join; join by a table counted down',
  durability: 'PostgreSQL: fsync and synchronous_commit on',
  open: (scene) =>
    openGlued(scene, async () => {
      const utils = await makeWorkerUtils({ connectionString: scene.place.postgresUrl });
      await utils.migrate();
      const workers = await startWorkers('graphile-worker.mjs', scene);
      return {
        enqueue: async (ready) =>
          void (await utils.addJobs(ready.map((step) => ({ identifier: 'step', payload: step })))),
        spans: workers.spans,
        async close() {
          await workers.stop();
          await utils.release();
        },
      };
    }),
};

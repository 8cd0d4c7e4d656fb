// pg-boss: jobs in PostgreSQL, fetched in batches by polling. Its workers are processes of their own.
import PgBoss from 'pg-boss';
import { openGlued } from '../glued-session.mjs';
import { startWorkers } from '../worker-processes.mjs';

/** @type {import('../engines.mjs').Engine} */
export const engine = {
  key: 'pg_boss',
  title: 'pg-boss',
  package: 'pg-boss',
  settings:
    'two worker processes, batchSize of half the slots each, polling every 0.5 s (its minimum) and notified of what they or the submitter enqueue; roots by insert, the others by send in the transaction of the join; join by a table counted down. Version 10: later ones need Node 22',
  durability: 'PostgreSQL: fsync and synchronous_commit on',
  open: (scene) =>
    openGlued(scene, async () => {
      const boss = new PgBoss({ connectionString: scene.place.postgresUrl, supervise: false, schedule: false });
      // Its connections break when the database is dropped.
      boss.on('error', () => undefined);
      await boss.start();
      await boss.createQueue('steps');
      const workers = await startWorkers('pg-boss.mjs', scene);
      return {
        async enqueue(ready) {
          await boss.insert(ready.map((step) => ({ name: 'steps', data: step })));
          workers.tell('wake');
        },
        spans: workers.spans,
        async close() {
          await workers.stop();
          await boss.stop({ graceful: false });
        },
      };
    }),
};

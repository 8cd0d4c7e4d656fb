// A session on a queue that is joined by glue.mjs: the graphs are stored, their first steps enqueued, the rows watched.
import { setTimeout as pause } from 'node:timers/promises';
import { allDone, connectGlue, createGlue, readOutputs, storeGraphs } from './glue.mjs';
import { now } from './tally.mjs';

const LOOK_MS = 5;

/**
 * @typedef {object} Queue
 * @property {(ready: import('./glue.mjs').StepName[]) => Promise<void>} enqueue
 * @property {() => Promise<import('./tally.mjs').Span[]>} spans
 * @property {() => Promise<void>} close
 */

/**
 * @param {import('./engines.mjs').Scene} scene
 * @param {() => Promise<Queue>} openQueue Called once the tables are there.
 * @returns {Promise<import('./engines.mjs').Session>}
 */
export async function openGlued(scene, openQueue) {
  const pool = connectGlue(scene.place.postgresUrl);
  await createGlue(pool);
  const queue = await openQueue();
  let submitted = 0;
  return {
    async run(graphs) {
      const first = submitted;
      submitted += graphs.length;
      const startedAt = now();
      await queue.enqueue(await storeGraphs(pool, graphs, first));
      while (!(await allDone(pool))) await pause(LOOK_MS);
      const ms = now() - startedAt;
      return { ms, outputs: await readOutputs(pool, first), spans: await queue.spans() };
    },
    async close() {
      await queue.close();
      await pool.end();
    },
  };
}

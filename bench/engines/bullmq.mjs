// BullMQ: jobs and their trees of dependencies (flows) in Redis. Its workers are processes of their own.
import { setTimeout as pause } from 'node:timers/promises';
import { FlowProducer, Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { flowsOf, QUEUE } from '../bullmq-flows.mjs';
import { countSteps } from '../graphs.mjs';
import { now } from '../tally.mjs';
import { startWorkers } from '../worker-processes.mjs';

const LOOK_MS = 2;

/** @type {import('../engines.mjs').Engine} */
export const engine = {
  key: 'bullmq',
  title: 'BullMQ',
  package: 'bullmq',
  settings:
    'two worker processes with half the slots each (concurrency); a chain is one flow; of a diamond A is a job that adds the flow of B, C and D; all flows added by FlowProducer.addBulk',
  durability:
    "Redis, as the server is set: see the machine's line. With appendonly off, a crash of Redis loses what it held",
  async open(scene) {
    const connection = new Redis(scene.place.redisUrl, { maxRetriesPerRequest: null });
    const queue = new Queue(QUEUE, { connection });
    const flows = new FlowProducer({ connection });
    const workers = await startWorkers('bullmq.mjs', scene);
    let submitted = 0;
    let steps = 0;
    return {
      async run(graphs) {
        const first = submitted;
        submitted += graphs.length;
        steps += countSteps(graphs);
        const startedAt = now();
        await flows.addBulk(graphs.flatMap((graph, nth) => flowsOf(graph, first + nth)));
        while ((await queue.getCompletedCount()) < steps) await refuseFailed(queue);
        const ms = now() - startedAt;
        return { ms, outputs: await readOutputs(queue, { graphs, first }), spans: await workers.spans() };
      },
      async close() {
        await workers.stop();
        await flows.close();
        await queue.close();
        connection.disconnect();
      },
    };
  },
};

/** @param {Queue} queue */
async function refuseFailed(queue) {
  const [failed] = await queue.getFailed(0, 0);
  if (failed) throw new Error(`a job failed: ${failed.failedReason}`);
  await pause(LOOK_MS);
}

/** @param {Queue} queue @param {{ graphs: import('../graphs.mjs').Graph[], first: number }} run */
async function readOutputs(queue, { graphs, first }) {
  /** @type {number[][]} */
  const outputs = graphs.map(() => []);
  for (const { data, returnvalue } of await queue.getCompleted(0, -1)) {
    const ofTask = outputs[data.task - first];
    if (ofTask) ofTask[data.nth] = returnvalue;
  }
  return outputs;
}

// One worker process of BullMQ.
import { FlowProducer, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { give, QUEUE } from '../bullmq-flows.mjs';
import { answerQuestions, execute } from '../tally.mjs';

const { REDIS_URL = '', SLOTS = '1' } = process.env;
const connection = new Redis(REDIS_URL, { maxRetriesPerRequest: null });
const flows = new FlowProducer({ connection });

const worker = new Worker(
  QUEUE,
  async (job) => {
    const { given, next } = /** @type {import('../bullmq-flows.mjs').JobData} */ (job.data);
    const brought = Object.values(await job.getChildrenValues());
    const output = await execute(job.data, [...given, ...brought]);
    if (next) await flows.add(give(next, output));
    return output;
  },
  { connection, concurrency: Number(SLOTS) },
);
await worker.waitUntilReady();
answerQuestions();
process.once('SIGTERM', async () => {
  await worker.close();
  await flows.close();
  process.exit(0);
});
console.log('worker is up');

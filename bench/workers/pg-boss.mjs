// One worker process of pg-boss.
import PgBoss from 'pg-boss';
import { connectGlue, finishStep, loadStep } from '../glue.mjs';
import { answerQuestions, execute } from '../tally.mjs';

const { POSTGRES_URL = '', SLOTS = '1' } = process.env;
const pool = connectGlue(POSTGRES_URL);
const boss = new PgBoss({ connectionString: POSTGRES_URL, supervise: false, schedule: false, migrate: false });
await boss.start();

/** @param {import('../glue.mjs').StepName} step */
async function perform(step) {
  const { value, duration_ms, inputs } = await loadStep(pool, step);
  const output = await execute({ value, durationMs: duration_ms }, inputs);
  const something = await finishStep(pool, { ...step, output }, async (client, ready) => {
    const db = { executeSql: (/** @type {string} */ text, /** @type {any[]} */ values) => client.query(text, values) };
    for (const next of ready) await boss.send('steps', next, { db });
  });
  if (something) boss.notifyWorker(workerId);
}

const workerId = await boss.work(
  'steps',
  { batchSize: Number(SLOTS), pollingIntervalSeconds: 0.5 },
  async (/** @type {PgBoss.Job<any>[]} */ jobs) => void (await Promise.all(jobs.map((job) => perform(job.data)))),
);
answerQuestions();
process.on('message', (message) => {
  if (message === 'wake') boss.notifyWorker(workerId);
});
process.once('SIGTERM', async () => {
  await boss.stop({ graceful: false });
  process.exit(0);
});
console.log('worker is up');

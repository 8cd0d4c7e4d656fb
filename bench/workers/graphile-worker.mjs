// One worker process of graphile-worker.
import { Logger, run } from 'graphile-worker';
import { connectGlue, finishStep, loadStep } from '../glue.mjs';
import { answerQuestions, execute } from '../tally.mjs';

const { POSTGRES_URL = '', SLOTS = '1' } = process.env;
const pool = connectGlue(POSTGRES_URL);

/** @param {import('../glue.mjs').StepName} step */
async function perform(step) {
  const { value, duration_ms, inputs } = await loadStep(pool, step);
  const output = await execute({ value, durationMs: duration_ms }, inputs);
  await finishStep(pool, { ...step, output }, async (client, ready) => {
    for (const next of ready) await client.query(`select graphile_worker.add_job('step', $1::json)`, [next]);
  });
}

const runner = await run({
  connectionString: POSTGRES_URL,
  concurrency: Number(SLOTS),
  maxPoolSize: 20,
  noHandleSignals: true,
  logger: new Logger(() => () => undefined),
  taskList: { step: (payload) => perform(/** @type {import('../glue.mjs').StepName} */ (payload)) },
});
answerQuestions();
process.once('SIGTERM', async () => {
  await runner.stop();
  process.exit(0);
});
console.log('worker is up');

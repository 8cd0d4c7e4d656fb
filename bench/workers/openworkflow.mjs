// One worker process of openworkflow: runs tasks and steps.
import { OpenWorkflow } from 'openworkflow';
import { BackendPostgres } from 'openworkflow/postgres';
import { play } from '../graphs.mjs';
import { answerQuestions, execute } from '../tally.mjs';

const { POSTGRES_URL = '', SLOTS = '1' } = process.env;
const backend = await BackendPostgres.connect(POSTGRES_URL);
const client = new OpenWorkflow({ backend });

const performStep = client.defineWorkflow({ name: 'step' }, ({ input, step }) => {
  const { of, inputs } = /** @type {{ of: import('../graphs.mjs').Step, inputs: number[] }} */ (input);
  return step.run({ name: 'execute' }, () => execute(of, inputs));
});
client.defineWorkflow({ name: 'task' }, ({ input, step }) =>
  play(/** @type {import('../graphs.mjs').Graph} */ (input), (of, inputs, nth) =>
    step.runWorkflow(performStep.workflow.spec, { of, inputs }, { name: `step ${nth}` }),
  ),
);

const worker = client.newWorker({ concurrency: Number(SLOTS) });
await worker.start();
answerQuestions();
process.once('SIGTERM', async () => {
  await worker.stop();
  await backend.stop();
  process.exit(0);
});
console.log('worker is up');

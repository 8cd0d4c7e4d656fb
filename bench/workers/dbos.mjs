// One worker process of DBOS: runs tasks and steps as they come off the queues.
import { DBOS } from '@dbos-inc/dbos-sdk';
import { play } from '../graphs.mjs';
import { answerQuestions, execute } from '../tally.mjs';

const { POSTGRES_URL = '', SLOTS = '1', WORKER = '0' } = process.env;
const POLL_MS = 10;

const performStep = DBOS.registerWorkflow(
  (/** @type {import('../graphs.mjs').Step} */ step, /** @type {number[]} */ inputs) =>
    DBOS.runStep(() => execute(step, inputs), { name: 'execute' }),
  { name: 'step' },
);

DBOS.registerWorkflow(
  (/** @type {import('../graphs.mjs').Graph} */ graph) =>
    play(graph, async (step, inputs) => {
      const handle = await DBOS.startWorkflow(performStep, { queueName: 'steps' })(step, inputs);
      return handle.getResult({ pollingIntervalMs: POLL_MS });
    }),
  { name: 'task' },
);

DBOS.setConfig({
  name: 'bench',
  systemDatabaseUrl: POSTGRES_URL,
  applicationVersion: '1',
  executorID: `worker-${WORKER}`,
  logLevel: 'error',
  systemDatabasePoolSize: 20,
});
await DBOS.launch();
await DBOS.registerQueue('tasks', { minPollingIntervalMs: POLL_MS });
await DBOS.registerQueue('steps', { minPollingIntervalMs: POLL_MS, workerConcurrency: Number(SLOTS) });
answerQuestions();
process.once('SIGTERM', async () => {
  await DBOS.shutdown();
  process.exit(0);
});
console.log('worker is up');

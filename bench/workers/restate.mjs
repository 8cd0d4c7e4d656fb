// A process that serves one of Restate's two services: the first one tasks, the second one steps.
import * as restate from '@restatedev/restate-sdk';
import { play } from '../graphs.mjs';
import { answerQuestions, execute } from '../tally.mjs';

const { WORKER = '0', PORTS = '' } = process.env;
const port = Number(PORTS.split(',')[Number(WORKER)]);

const steps = restate.service({
  name: 'step',
  handlers: {
    execute: (
      /** @type {restate.Context} */ _,
      /** @type {{ of: import('../graphs.mjs').Step, inputs: number[] }} */ { of, inputs },
    ) => execute(of, inputs),
  },
});
const tasks = restate.service({
  name: 'task',
  handlers: {
    run: (/** @type {restate.Context} */ context, /** @type {import('../graphs.mjs').Graph} */ graph) => {
      const client = context.serviceClient(/** @type {typeof steps} */ ({ name: 'step' }));
      return play(graph, (of, inputs) => client.execute({ of, inputs }));
    },
  },
});

await restate.serve({ services: [WORKER === '0' ? tasks : steps], port });
answerQuestions();
process.once('SIGTERM', () => process.exit(0));
console.log('worker is up');

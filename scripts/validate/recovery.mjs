// kill -9 of everything in the middle of a task: after the next start the task completes, what was done is kept as it was,
// and nothing is done twice.
import { isDeepStrictEqual } from 'node:util';
import { ask, ended, submit } from './client.mjs';
import { startUp, temporaryFolder, until } from './processes.mjs';

const TASK = {
  description: 'Calculate, wait, and calculate again',
  plan: {
    subtasks: [
      { description: 'Calculate factorial of 6', required_capabilities: ['data_analysis'] },
      { description: 'Wait 4 seconds', required_capabilities: ['code_generation'], dependencies: [0] },
      { description: 'Calculate factorial of 7', required_capabilities: ['data_analysis'], dependencies: [1] },
    ],
  },
};

/** @returns {Promise<import('./run.mjs').Figure[]>} */
export async function measureRecovery() {
  const folder = temporaryFolder();
  try {
    const first = await startUp(folder.path, {});
    const id = await submit(first.url, TASK);
    const kept = await whileSecondRuns(first.url, id).finally(() => first.stop('SIGKILL'));
    const begun = performance.now();
    const second = await startUp(folder.path, {});
    try {
      const { task, subtask_results } = await ended(second.url, id);
      const took = ((performance.now() - begun) / 1000).toFixed(1);
      const done = subtask_results.filter(({ status }) => status === 'completed');
      const isWhole = task.status === 'completed' && new Set(done.map((one) => one.subtask_id)).size === 3;
      const isKept = done.length === 3 && done.some((one) => isDeepStrictEqual(one, kept));
      return [
        {
          what: 'kill -9 in the middle of a task of three steps, then a new start',
          value: `${task.status} ${took} s after the new start; ${done.length} of 3 results, the first ${isKept ? 'kept as it was' : 'LOST'}`,
          target: 'completed, nothing lost, nothing done twice',
          ok: isWhole && isKept,
        },
      ];
    } finally {
      await second.stop();
    }
  } finally {
    folder.remove();
  }
}

/** The first step's result, as soon as the second runs. @param {string} url @param {string} id */
async function whileSecondRuns(url, id) {
  const statuses = async () =>
    (await ask(url, `/tasks/${id}`)).task.subtasks.map((/** @type {{ status: string }} */ one) => one.status).join();
  await until('the second step runs', async () => (await statuses()) === 'completed,running,pending');
  return (await ask(url, `/tasks/${id}`)).subtask_results[0];
}

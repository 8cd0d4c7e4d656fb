// W6: submit, get and list, each under 200 requests a second.
import { fire } from '../fire.mjs';
import { NARROW } from '../measure.mjs';
import { CAPABILITY, startServices } from '../muster-processes.mjs';
import { freshPlace } from '../servers.mjs';
import { percentile } from '../statistics.mjs';

const REQUESTS_PER_SECOND = 200;
const TASKS = 100;

/** @typedef {{ operation: string, p50: number, p95: number, p99: number }} ApiFigures Milliseconds. */

const TASK = {
  description: 'One step, given as a plan',
  plan: { subtasks: [{ description: 'The only step of it', required_capabilities: [CAPABILITY] }] },
};

/** @param {import('../options.mjs').Sizes} sizes @returns {Promise<ApiFigures[]>} */
export async function measureApi(sizes) {
  const place = await freshPlace();
  try {
    const { url, client, stop } = await startServices({ ...NARROW, place });
    try {
      const ids = [];
      for (let nth = 0; nth < TASKS; nth += 1) ids.push((await client.submit(TASK)).task_id);
      const load = (/** @type {string} */ operation, /** @type {import('autocannon').Request[]} */ requests) =>
        underLoad(operation, { url, requests, seconds: sizes.apiSeconds });
      const headers = { 'content-type': 'application/json' };
      return [
        await load('submit', [{ method: 'POST', path: '/tasks', headers, body: JSON.stringify(TASK) }]),
        await load(
          'get',
          ids.map((id) => ({ path: `/tasks/${id}` })),
        ),
        await load('list', [{ path: '/tasks?limit=50' }]),
      ];
    } finally {
      await stop();
    }
  } finally {
    await place.drop();
  }
}

/**
 * @param {string} operation
 * @param {{ url: string, requests: import('autocannon').Request[], seconds: number }} load
 * @returns {Promise<ApiFigures>}
 */
async function underLoad(operation, { url, requests, seconds }) {
  const { times, bad, broken } = await fire({ url, requests, seconds, rate: REQUESTS_PER_SECOND });
  if (bad + broken > 0 || times.length === 0)
    throw new Error(`${operation}: ${times.length} answers, ${bad} of them bad, ${broken} requests without one`);
  const at = (/** @type {number} */ percent) => percentile(times, percent);
  return { operation, p50: at(50), p95: at(95), p99: at(99) };
}

// How fast the API answers under load: 200 requests a second of submit with a plan, get and list, while the tasks that are
// submitted are carried out by simulated agents.
import autocannon from 'autocannon';
import { percentile, submit } from './client.mjs';
import { startUp, temporaryFolder } from './processes.mjs';
import { freshPlace } from './servers.mjs';

const RATE = 200;
const SECONDS = 10;
const CONNECTIONS = 10;
const TASKS = 50;
const P95_MS = 20;

const TASK = {
  description: 'One step, given as a plan',
  plan: { subtasks: [{ description: 'The only step of it', required_capabilities: ['data_analysis'] }] },
};

/** @returns {Promise<import('./run.mjs').Figure[]>} */
export async function measureApi() {
  const [folder, place] = [temporaryFolder(), await freshPlace()];
  const muster = await startUp(folder.path, { ...place.settings, AGENT_RUNTIME: 'simulate', AGENT_SLOTS: '20' });
  try {
    const ids = [];
    for (let nth = 0; nth < TASKS; nth += 1) ids.push(await submit(muster.url, TASK));
    const headers = { 'content-type': 'application/json' };
    const create = { method: /** @type {const} */ ('POST'), path: '/tasks', headers, body: JSON.stringify(TASK) };
    // What a process compiles and caches at its first requests is not what a user of a running system meets.
    await underLoad(muster.url, [create], 2);
    const rows = [];
    for (const [what, requests] of Object.entries({
      'POST /tasks with a plan': [create],
      'GET /tasks/{task_id}': ids.map((id) => ({ path: `/tasks/${id}` })),
      'GET /tasks': [{ path: '/tasks?limit=50' }],
    }))
      rows.push(row(`${what}, ${RATE} a second, ${place.words}`, await underLoad(muster.url, requests, SECONDS)));
    return rows;
  } finally {
    await muster.stop();
    await place.drop();
    folder.remove();
  }
}

/** @param {string} what @param {number[]} times */
function row(what, times) {
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) => percentile(times, share).toFixed(1));
  const value = `p50 ${p50} ms, p95 ${p95} ms, p99 ${p99} ms (${times.length} answers)`;
  return { what, value, target: `p95 under ${P95_MS} ms`, ok: Number(p95) < P95_MS, timed: true };
}

/**
 * @param {string} url
 * @param {autocannon.Request[]} requests
 * @param {number} duration Seconds.
 * @returns {Promise<number[]>} Milliseconds of each answer, as the client saw it.
 */
async function underLoad(url, requests, duration) {
  /** @type {number[]} */
  const times = [];
  const options = { url, requests, duration, overallRate: RATE, connections: CONNECTIONS };
  /** @type {autocannon.Result} */
  const result = await new Promise((resolve, reject) => {
    const load = autocannon(options, (error, outcome) => (error ? reject(error) : resolve(outcome)));
    load.on('response', (...answer) => times.push(answer[3]));
  });
  const bad = result.non2xx + result.errors + result.timeouts;
  if (bad > 0 || times.length === 0) throw new Error(`${bad} of ${times.length} answers were bad, failed or late`);
  return times;
}

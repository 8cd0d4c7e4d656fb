// Requests at a fixed rate by autocannon, and how long each took. Judges nothing.
import autocannon from 'autocannon';

const CONNECTIONS = 10;

/**
 * @typedef {object} Fired
 * @property {number[]} times Milliseconds of every answer, not corrected for coordinated omission.
 * @property {number} bad Answers that were not 2xx.
 * @property {number} broken Connections that broke, and requests without an answer.
 */

/**
 * @param {{ url: string, rate: number, seconds: number, requests: autocannon.Request[] }} load `rate` in requests a second, over
 *   all connections.
 * @returns {Promise<Fired>}
 */
export async function fire({ url, rate, seconds, requests }) {
  /** @type {number[]} */
  const times = [];
  const connections = Math.min(CONNECTIONS, rate);
  const result = await new Promise((resolve, reject) => {
    const options = { url, requests, duration: seconds, overallRate: rate, connections };
    const instance = autocannon(options, (error, outcome) => (error ? reject(error) : resolve(outcome)));
    instance.on('response', (...answer) => times.push(answer[3]));
  });
  const { non2xx, errors, timeouts } = /** @type {autocannon.Result} */ (result);
  return { times, bad: non2xx, broken: errors + timeouts };
}

// The worker processes of a peer: as many, and together with as many places, as Muster's agents have.
import { fileURLToPath } from 'node:url';
import { askSpans, launch, stopAll } from './processes.mjs';

/**
 * @param {string} file In workers/.
 * @param {import('./engines.mjs').Scene} scene
 * @param {Record<string, string>} [env]
 */
export async function startWorkers(file, scene, env = {}) {
  const { processes, slots, place } = scene;
  /** @type {import('./processes.mjs').Launched[]} */
  const workers = [];
  // One after the other: some engines bring their schema up to date when they start, and not two at a time.
  for (let nth = 0; nth < processes; nth += 1)
    workers.push(
      await launch({
        name: `${file} ${nth}`,
        file: fileURLToPath(new URL(`./workers/${file}`, import.meta.url)),
        env: {
          POSTGRES_URL: place.postgresUrl,
          REDIS_URL: place.redisUrl,
          WORKER: String(nth),
          SLOTS: String(Math.ceil(slots / processes)),
          ...env,
        },
        ready: /worker is up/,
      }),
    );
  return {
    spans: () => askSpans(workers),
    tell: (/** @type {string} */ message) => {
      for (const { child } of workers) child.send(message);
    },
    stop: () => stopAll(workers),
  };
}

// One engine opened on a place of its own, measured, closed, its databases dropped, whatever happens.
import { judge } from './judge.mjs';
import { killAll } from './processes.mjs';
import { freshPlace } from './servers.mjs';

const RUN_MS = 180_000;

/** What two worker processes, or two agents, take at a time in W1 and W2. */
export const NARROW = { processes: 2, slots: 100, agents: 2 };
/** 100 agents with 10 slots, or two worker processes with as many. */
export const BROAD = { processes: 2, slots: 1_000, agents: 100 };

/**
 * @template T
 * @param {import('./engines.mjs').Engine} engine
 * @param {typeof NARROW} size
 * @param {(run: (graphs: import('./graphs.mjs').Graph[]) => Promise<import('./engines.mjs').Run>) => Promise<T>} work
 */
export async function onFreshPlace(engine, size, work) {
  const place = await freshPlace();
  try {
    return await onPlace(engine, { ...size, place }, work);
  } finally {
    await place.drop();
  }
}

/**
 * @template T
 * @param {import('./engines.mjs').Engine} engine
 * @param {import('./engines.mjs').Scene} scene
 * @param {(run: (graphs: import('./graphs.mjs').Graph[]) => Promise<import('./engines.mjs').Run>) => Promise<T>} work
 */
export async function onPlace(engine, scene, work) {
  try {
    const session = await within(engine.open(scene), 'it did not start');
    try {
      return await work(async (graphs) => judge(graphs, await within(session.run(graphs), 'it did not end')));
    } finally {
      await session.close();
    }
  } finally {
    // What an engine that failed in the middle of its start has left behind must not slow the next one down.
    killAll();
  }
}

/** @template T @param {Promise<T>} work @param {string} trouble @returns {Promise<T>} */
async function within(work, trouble) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${trouble} within ${RUN_MS / 1000} s`)), RUN_MS);
  });
  try {
    return await Promise.race([work, /** @type {Promise<never>} */ (late)]);
  } finally {
    clearTimeout(timer);
  }
}

// W4: W1 and W2 on a database that has run for years, and on an empty one, in turn.
import { tsImport } from 'tsx/esm/api';
import { createLogger } from '../../dist/log.js';
import { openPg } from '../../dist/store/db-pg.js';
import { migrate } from '../../dist/store/migrate.js';
import { diamonds } from '../graphs.mjs';
import { NARROW, onFreshPlace, onPlace } from '../measure.mjs';
import { freshPlace } from '../servers.mjs';
import { measureChains, measureDiamonds } from './peers.mjs';

const WARM_UP = 20;

/**
 * @param {import('../engines.mjs').Engine} engine Muster.
 * @param {import('../options.mjs').Sizes} sizes
 * @returns {Promise<{ empty: import('./peers.mjs').Figures[], grown: import('./peers.mjs').Figures[] }>}
 */
export async function measureHistory(engine, sizes) {
  const place = await freshPlace();
  try {
    await grow(place.postgresUrl, sizes.history);
    /** @type {import('./peers.mjs').Figures[]} */
    const empty = [];
    /** @type {import('./peers.mjs').Figures[]} */
    const grown = [];
    for (let nth = 0; nth < sizes.repetitions; nth += 1) {
      grown.push(await onPlace(engine, { ...NARROW, place }, (run) => measure(run, sizes)));
      empty.push(await onFreshPlace(engine, NARROW, (run) => measure(run, sizes)));
    }
    return { empty, grown };
  } finally {
    await place.drop();
  }
}

/** @param {import('./peers.mjs').RunGraphs} run @param {import('../options.mjs').Sizes} sizes */
async function measure(run, sizes) {
  await run(diamonds(WARM_UP));
  return { ...(await measureDiamonds(run, sizes)), ...(await measureChains(run, sizes)) };
}

/** The same history that the tests of growth have. @param {string} url @param {number} size */
export async function grow(url, size) {
  const { fill } = await tsImport('../../tests/support/grown-database.ts', import.meta.url);
  const db = await openPg({ url, logger: createLogger('warn') });
  try {
    await migrate(db);
    await fill(db, size);
  } finally {
    await db.close();
  }
}

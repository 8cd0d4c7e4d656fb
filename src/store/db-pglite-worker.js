// Runs the embedded PostgreSQL in a thread of its own, so that a long statement never stops the event loop and can be
// ended by ending the thread. Plain JavaScript, because a worker must load both before and after compilation.
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { PGlite, types } from '@electric-sql/pglite';
import { dataDir as emptyCluster } from '@electric-sql/pglite-prepopulatedfs';

/** @type {Record<number, (value: string) => unknown>} */
const parsers = {
  [types.TIMESTAMPTZ]: isoInstant,
  [types.INT8]: Number,
  [types.NUMERIC]: Number,
};

/** @param {string} value `infinity` and years before Christ are no ISO instants and stay as they are. */
function isoInstant(value) {
  const instant = new Date(value);
  return Number.isNaN(instant.getTime()) ? value : instant.toISOString();
}

/** @typedef {{ id: number, text: string, params?: unknown[] }} Request */

/**
 * A new folder is filled from an empty cluster that a package ships, which takes a quarter of the time that initdb takes,
 * and gets its name only when it is complete: a process killed meanwhile leaves no half of a database behind.
 * @param {string | undefined} folder
 */
async function open(folder) {
  if (!folder) return PGlite.create({ loadDataDir: await emptyCluster(), parsers });
  if (!existsSync(folder)) {
    const unfinished = `${folder}.new`;
    rmSync(unfinished, { recursive: true, force: true });
    mkdirSync(dirname(folder), { recursive: true });
    const created = await PGlite.create({ dataDir: unfinished, loadDataDir: await emptyCluster() });
    await created.close();
    renameSync(unfinished, folder);
  }
  return PGlite.create({ dataDir: folder, parsers });
}

const db = await open(workerData.dataDir);
const port = /** @type {import('node:worker_threads').MessagePort} */ (parentPort);
port.postMessage({ id: 0 });

port.on('message', async (/** @type {Request | 'close'} */ message) => {
  if (message === 'close') {
    await db.close();
    process.exit(0);
  }
  const { id, text, params } = message;
  try {
    const rows = params ? (await db.query(text, params)).rows : void (await db.exec(text));
    port.postMessage({ id, rows });
  } catch (thrown) {
    const error = /** @type {Error & { code?: string, detail?: string, constraint?: string }} */ (thrown);
    port.postMessage({
      id,
      error: { message: error.message, code: error.code, detail: error.detail, constraint: error.constraint },
    });
  }
});

// Which database is in use: the server that POSTGRES_URL names, else the embedded one.
import { resolve } from 'node:path';
import type { Config } from '../config.ts';
import type { Logger } from '../log.ts';
import type { Db } from '../store/db.ts';
import { openPg } from '../store/db-pg.ts';
import { openPglite } from '../store/db-pglite.ts';
import { endLeases } from '../store/leases.ts';
import { migrate } from '../store/migrate.ts';
import { lockDataFolder } from './data-lock.ts';
import { withoutSecret } from './without-secret.ts';

export interface OpenStore {
  db: Db;
  /** For the person who starts it. */
  words: string;
  /** Brings the schema up to date. Statements that come meanwhile wait for it. */
  prepare: () => Promise<void>;
  close: () => Promise<void>;
}

export interface StoreSurroundings {
  logger: Logger;
  /** Gives up waiting for a server that does not answer. */
  signal: AbortSignal;
  /** A connection broke; the pool replaces it. */
  onReconnect: () => void;
}

export async function openStore(config: Config, surroundings: StoreSurroundings): Promise<OpenStore> {
  return config.POSTGRES_URL ? openServer(config.POSTGRES_URL, surroundings) : openEmbedded(config);
}

/** A server has many connections, so nothing can queue behind the migrations: they are done before it is given out. */
async function openServer(url: string, surroundings: StoreSurroundings): Promise<OpenStore> {
  const db = await openPg({ url, ...surroundings });
  try {
    await migrate(db);
  } catch (error) {
    await db.close();
    throw error;
  }
  const words = `PostgreSQL at ${withoutSecret(url)}`;
  return { db, words, prepare: async () => undefined, close: () => db.close() };
}

/** A new database takes seconds to create: others start meanwhile, and their statements take their turn. */
function openEmbedded(config: Config): OpenStore {
  const unlock = lockDataFolder(config.MUSTER_DATA);
  const openedAt = new Date();
  const db = openPglite(resolve(config.MUSTER_DATA, 'postgres'));
  return {
    db,
    words: `embedded PostgreSQL (PGlite) in ${config.MUSTER_DATA}`,
    prepare: async () => {
      await migrate(db);
      // The lock of the folder was free: no process is left of those that held any.
      await endLeases(db, openedAt);
    },
    close: () => db.close().finally(unlock),
  };
}

// Which database is in use: the server that POSTGRES_URL names, else the embedded one.
import { resolve } from 'node:path';
import type { Config } from '../config.ts';
import type { Logger } from '../log.ts';
import type { Db } from '../store/db.ts';
import { openPg } from '../store/db-pg.ts';
import { openPglite } from '../store/db-pglite.ts';
import { lockDataFolder } from './data-lock.ts';
import { withoutSecret } from './without-secret.ts';

export interface OpenStore {
  db: Db;
  /** For the person who starts it. */
  words: string;
  close: () => Promise<void>;
}

export async function openStore(config: Config, logger: Logger): Promise<OpenStore> {
  if (config.POSTGRES_URL) {
    const db = await openPg({ url: config.POSTGRES_URL, logger });
    return { db, words: `PostgreSQL at ${withoutSecret(config.POSTGRES_URL)}`, close: () => db.close() };
  }
  const unlock = lockDataFolder(config.MUSTER_DATA);
  const db = openPglite(resolve(config.MUSTER_DATA, 'postgres'));
  const words = `embedded PostgreSQL (PGlite) in ${config.MUSTER_DATA}`;
  return { db, words, close: () => db.close().finally(unlock) };
}

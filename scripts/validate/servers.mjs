// The servers to measure with: a database of PostgreSQL and one of Redis that nobody else uses, when both answer.
import pg from 'pg';
import { createClient } from 'redis';

const POSTGRES = process.env.POSTGRES_URL ?? 'postgresql://postgres:postgres@127.0.0.1:5432/postgres';
const REDIS = process.env.REDIS_URL ?? 'redis://127.0.0.1:6379';
const CONNECT_MS = 2_000;

/** @typedef {{ settings: Record<string, string>, words: string, drop: () => Promise<void> }} Place */

/** "PostgreSQL 15.2 and Redis 7.0", or null when one of them does not answer. */
export async function serverVersions() {
  try {
    const { rows } = await onPostgres((client) => client.query('show server_version'));
    const info = await onRedis(REDIS, (client) => client.info('server'));
    const redis = /redis_version:(\S+)/.exec(info)?.[1];
    return `PostgreSQL ${String(rows[0].server_version).split(' ')[0]} and Redis ${redis}`;
  } catch {
    return null;
  }
}

/** A fresh place on the servers, or an embedded one when they do not answer. @returns {Promise<Place>} */
export async function freshPlace() {
  const words = await serverVersions();
  if (words === null) return { settings: {}, words: 'embedded PostgreSQL, bus in memory', drop: async () => undefined };
  const database = `muster_validate_${process.pid}`;
  const dropDatabase = () => onPostgres((client) => client.query(`drop database if exists ${database} with (force)`));
  await dropDatabase();
  const postgres = new URL(POSTGRES);
  postgres.pathname = `/${database}`;
  const redis = await emptyRedis();
  return {
    settings: { POSTGRES_URL: postgres.href, REDIS_URL: redis },
    words,
    async drop() {
      await dropDatabase();
      await onRedis(redis, (client) => client.flushDb());
    },
  };
}

/** The highest of Redis' databases that holds nothing. */
async function emptyRedis() {
  for (let nth = 15; nth > 0; nth -= 1) {
    const url = new URL(REDIS);
    url.pathname = `/${nth}`;
    if ((await onRedis(url.href, (client) => client.dbSize())) === 0) return url.href;
  }
  throw new Error('every database of Redis holds something: empty one');
}

/** @template T @param {(client: pg.Client) => Promise<T>} work @returns {Promise<T>} */
async function onPostgres(work) {
  const client = new pg.Client({ connectionString: POSTGRES, connectionTimeoutMillis: CONNECT_MS });
  await client.connect();
  return work(client).finally(() => client.end());
}

/**
 * @template T
 * @param {string} url
 * @param {(client: import('redis').RedisClientType) => Promise<T>} work
 */
async function onRedis(url, work) {
  /** @type {import('redis').RedisClientType} */
  const client = createClient({ url, socket: { connectTimeout: CONNECT_MS, reconnectStrategy: false } });
  // Without a listener a lost connection would end the process; the command that it breaks rejects all the same.
  client.on('error', () => undefined);
  await client.connect();
  return work(client).finally(() => client.destroy());
}

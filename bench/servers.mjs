// The PostgreSQL and Redis servers that are measured on: a fresh database of each, and an empty folder, for every run; all of it
// is removed afterwards.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { createClient } from 'redis';

const POSTGRES = process.env.POSTGRES_URL ?? 'postgresql://postgres:postgres@localhost:5432';
const REDIS = process.env.REDIS_URL ?? 'redis://localhost:6379';
const REDIS_DATABASES = 16;
/** How long a database is left to those that are still closing their connections. */
const LEAVE_MS = 5_000;
const LOOK_MS = 50;

/** @typedef {{ postgresUrl: string, redisUrl: string, folder: string, drop: () => Promise<void> }} Place */

let count = 0;
/** @type {Set<Place>} */
const places = new Set();

/** An empty database of each server, and a folder. @returns {Promise<Place>} */
export async function freshPlace() {
  count += 1;
  const postgres = await freshPostgres(`muster_bench_${process.pid}_${count}`);
  const redis = await freshRedis();
  const folder = await mkdtemp(join(tmpdir(), 'muster-bench-'));
  /** @type {Place} */
  const place = {
    postgresUrl: postgres.url,
    redisUrl: redis.url,
    folder,
    drop: async () => {
      places.delete(place);
      await Promise.all([postgres.drop(), redis.drop(), rm(folder, { recursive: true, force: true })]);
    },
  };
  places.add(place);
  return place;
}

/** Of a benchmark that is broken off. */
export async function dropAll() {
  for (const place of places) await place.drop();
}

/** @param {string} name */
async function freshPostgres(name) {
  await admin(`create database ${name}`);
  const drop = async () => {
    await untilLeft(name);
    await admin(`drop database if exists ${name} with (force)`);
  };
  return { url: addressOf(name), drop };
}

/** Pools say that they are closed before their connections are: one that is cut off then ends the whole benchmark. @param {string} name */
async function untilLeft(name) {
  const until = Date.now() + LEAVE_MS;
  while (Date.now() < until) {
    const { rows } = await admin(`select from pg_stat_activity where datname = '${name}'`);
    if (rows.length === 0) return;
    await pause(LOOK_MS);
  }
}

/** One that holds nothing: what it holds is somebody else's. */
async function freshRedis() {
  for (let index = REDIS_DATABASES - 1; index > 0; index -= 1) {
    const url = new URL(`/${index}`, REDIS).href;
    const isEmpty = await onRedis(url, async (redis) => (await redis.dbSize()) === 0);
    if (isEmpty) return { url, drop: () => onRedis(url, async (redis) => void (await redis.flushDb())) };
  }
  throw new Error(`no empty Redis database at ${REDIS}: empty one of 1 to ${REDIS_DATABASES - 1}`);
}

/** @template T @param {string} url @param {(redis: ReturnType<typeof createClient>) => Promise<T>} work */
export async function onRedis(url, work) {
  const redis = createClient({ url });
  redis.on('error', () => undefined);
  await redis.connect();
  try {
    return await work(/** @type {any} */ (redis));
  } finally {
    redis.destroy();
  }
}

/** @param {string} url @param {(client: pg.Client) => Promise<T>} work @template T */
export async function onPostgres(url, work) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** @param {string} sql */
function admin(sql) {
  return onPostgres(addressOf('postgres'), (client) => client.query(sql));
}

/** @param {string} database */
function addressOf(database) {
  const url = new URL(POSTGRES);
  url.pathname = `/${database}`;
  return url.href;
}

/** Versions, and how durable each is. */
export async function describeServers() {
  const { rows } = await admin(`select current_setting('server_version') as version, current_setting('fsync') as fsync,
    current_setting('synchronous_commit') as synchronous_commit`);
  const redis = await onRedis(new URL('/0', REDIS).href, async (client) => {
    const settings = { ...(await client.configGet('append*')), ...(await client.configGet('save')) };
    const shown = ['appendonly', 'appendfsync', 'save'].map((name) => `${name} "${settings[name]}"`);
    return {
      version: /redis_version:(\S+)/.exec(await client.info('server'))?.[1] ?? 'unknown',
      durability: shown.join(', '),
    };
  });
  const { version, fsync, synchronous_commit } = rows[0];
  if (fsync !== 'on' || synchronous_commit !== 'on')
    throw new Error(`PostgreSQL has fsync ${fsync}, synchronous_commit ${synchronous_commit}: both must be on`);
  return { postgres: { version, fsync, synchronous_commit }, redis };
}

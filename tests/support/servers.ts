// The real servers of a test run. Absent, their suites are skipped with a printed reason; in CI that is a failure.
import { connect } from 'node:net';
import pg from 'pg';
import { createClient } from 'redis';

const POSTGRES = process.env.TEST_POSTGRES_URL ?? 'postgresql://postgres:postgres@127.0.0.1:5432/postgres';
const REDIS = process.env.TEST_REDIS_URL ?? 'redis://127.0.0.1:6379';

/** Redis databases that tests empty: one for each test file that needs one. */
const REDIS_DATABASES = { contract: 11, services: 12, fuzz: 13, doctor: 14, mcp: 15 } as const;

/** An address of a fresh database and what drops it, or null with a printed reason. */
export async function freshPostgres(name: string): Promise<{ url: string; drop(): Promise<void> } | null> {
  if (!(await isUp('PostgreSQL', POSTGRES, 5432))) return null;
  const database = `muster_test_${name}_${process.pid}`;
  const admin = async (sql: string) => {
    const client = new pg.Client({ connectionString: POSTGRES });
    await client.connect();
    await client.query(sql).finally(() => client.end());
  };
  await admin(`drop database if exists ${database} with (force)`);
  const url = new URL(POSTGRES);
  url.pathname = `/${database}`;
  return { url: url.href, drop: () => admin(`drop database if exists ${database} with (force)`) };
}

/** An address of an empty Redis database, or null with a printed reason. */
export async function freshRedis(
  use: keyof typeof REDIS_DATABASES,
): Promise<{ url: string; flush(): Promise<void> } | null> {
  if (!(await isUp('Redis', REDIS, 6379))) return null;
  const url = `${REDIS}/${REDIS_DATABASES[use]}`;
  const flush = async () => {
    const client = await createClient({ url }).connect();
    await client.flushDb();
    client.destroy();
  };
  await flush();
  return { url, flush };
}

async function isUp(what: string, address: string, defaultPort: number): Promise<boolean> {
  const { hostname, port } = new URL(address);
  const up = await new Promise<boolean>((resolve) => {
    const socket = connect({ host: hostname, port: Number(port || defaultPort) });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
  if (up) return true;
  const reason = `${what} does not answer at ${hostname}:${port || defaultPort}`;
  if (process.env.CI === 'true') throw new Error(`${reason}, and in CI its suites must run`);
  console.warn(`${reason}: its suites are skipped`);
  return false;
}

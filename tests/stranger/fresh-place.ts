// What a stranger starts from: a clone of the commit in a folder of its own, the ports of the documentation free, and
// on the servers neither the database nor the Redis keys that the documentation speaks of. Puts back what was there.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { createClient } from 'redis';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** What README.md and docs/machines.md name. */
export const PORTS = [8000, 8001, 8002, 8003, 8004, 8005, 8501];
const POSTGRES = 'postgresql://postgres:postgres@localhost:5432/postgres';
const REDIS = 'redis://localhost:6379/0';
const DATABASE = 'multi_agent_db';
/** A database of this name that was there before waits under this one. */
const ASIDE = `${DATABASE}_before_the_stranger`;

export interface FreshPlace {
  clone: string;
  notes: string;
  env: Record<string, string>;
  remove(): void;
}

export function freshPlace(): FreshPlace {
  const folder = mkdtempSync(join(tmpdir(), 'muster-stranger-'));
  const clone = join(folder, 'muster');
  const git = (...args: string[]) => execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trim();
  const commit = git('rev-parse', 'HEAD');
  if (git('status', '--porcelain') !== '')
    console.warn(`what is not committed is no part of the clone that the stranger gets: that is ${commit}`);
  git('clone', '--quiet', '--no-checkout', ROOT, clone);
  git('-C', clone, 'checkout', '--quiet', '--detach', commit);
  return {
    clone,
    notes: folder,
    env: plainEnvironment(),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Nothing of Muster, of the test runner or of npm: what a person has who just opened a terminal. */
function plainEnvironment(): Record<string, string> {
  const kept = /^(?:HOME|LANG|USER|SHELL|TMPDIR|NODE_EXTRA_CA_CERTS|(?:https?|no|all)_proxy)$/i;
  const env = Object.entries(process.env).filter(([name, value]) => kept.test(name) && value !== undefined);
  const path = (process.env.PATH ?? '').split(':').filter((folder) => !folder.includes('node_modules'));
  return { ...(Object.fromEntries(env) as Record<string, string>), PATH: path.join(':') };
}

export async function takenPorts(): Promise<number[]> {
  const taken = await Promise.all(PORTS.map(async (port) => ((await answers(port)) ? [port] : [])));
  return taken.flat();
}

export function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

/** Both servers as if Muster had never used them, until `restore`. */
export async function untouchedServers(): Promise<{ restore(): Promise<void> }> {
  await administer(async (run, exists) => {
    // A run that was killed left both: the one without the ending is its own.
    if (await exists(ASIDE)) await run(`drop database if exists ${DATABASE} with (force)`);
    else if (await exists(DATABASE)) await run(`alter database ${DATABASE} rename to ${ASIDE}`);
  });
  const before = await redisKeys();
  return {
    restore: async () => {
      await administer(async (run, exists) => {
        await run(`drop database if exists ${DATABASE} with (force)`);
        if (await exists(ASIDE)) await run(`alter database ${ASIDE} rename to ${DATABASE}`);
      });
      await removeKeys((await redisKeys()).filter((key) => !before.includes(key)));
    },
  };
}

type Administer = (run: (sql: string) => Promise<unknown>, exists: (name: string) => Promise<boolean>) => Promise<void>;

async function administer(work: Administer): Promise<void> {
  const client = new pg.Client({ connectionString: POSTGRES });
  await client.connect();
  const exists = async (name: string) =>
    ((await client.query('select 1 from pg_database where datname = $1', [name])).rowCount ?? 0) > 0;
  try {
    await work((sql) => client.query(sql), exists);
  } finally {
    await client.end();
  }
}

async function redisKeys(): Promise<string[]> {
  const client = await createClient({ url: REDIS }).connect();
  const keys = await client.keys('*');
  client.destroy();
  return keys;
}

async function removeKeys(keys: string[]): Promise<void> {
  if (keys.length === 0) return;
  const client = await createClient({ url: REDIS }).connect();
  await client.del(keys);
  client.destroy();
}

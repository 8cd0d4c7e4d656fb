// The Muster that is fuzzed: `muster up` as a process of its own, with keys of every role, so that what happens to it, its
// event loop too, is what happens to a user's.
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import { createLogger } from '../../src/log.ts';
import { createClient } from '../../src/protocol/client.ts';
import type { Db } from '../../src/store/db.ts';
import { openPg } from '../../src/store/db-pg.ts';
import { openPglite } from '../../src/store/db-pglite.ts';
import { settingsIn, spawnMuster } from '../support/processes.ts';
import { brokenInvariants } from '../support/store-invariants.ts';
import { USERS } from './oracle.ts';
import type { Tokens } from './wire.ts';

const STARTED = { timeout: 60_000, interval: 50 };
/** Small, so that a body over the limit is cheap to send. */
const BODY_LIMIT = 200_000;

/** Nothing that a generated text could hold by chance. */
const key = (letter: string) => createHash('sha256').update(`a key of the fuzzer: ${letter}`).digest('hex');
export const TOKENS: Tokens = {
  nobody: undefined,
  stranger: key('s'),
  reader: key('r'),
  submitter: key('a'),
  other: key('b'),
  operator: key('o'),
  agent: key('t'),
};
export const SECRETS = Object.values(TOKENS).filter((token) => token !== undefined);

export interface Servers {
  POSTGRES_URL: string;
  REDIS_URL: string;
}

export type FuzzedMuster = Awaited<ReturnType<typeof startFuzzed>>;

export async function startFuzzed(servers?: Servers) {
  const folder = await mkdtemp(join(tmpdir(), 'muster-fuzz-'));
  const settings = await settingsIn(folder);
  const muster = spawnMuster(['up'], {
    ...servers,
    ...settings,
    AGENT_RUNTIME: 'simulate',
    // Room for what waits to be cancelled, and more.
    AGENT_SLOTS: '100',
    MUSTER_AGENT_TOKEN: TOKENS.agent ?? '',
    MUSTER_API_KEYS: `operate:admin:${TOKENS.operator},submit:${USERS.submitter}:${TOKENS.submitter},submit:${USERS.other}:${TOKENS.other},read:${USERS.reader}:${TOKENS.reader}`,
    RATE_LIMIT: 'off',
    BODY_LIMIT_BYTES: String(BODY_LIMIT),
    LOG_LEVEL: 'error',
  });
  await vi.waitFor(() => expect(muster.output()).toContain('Ctrl-C stops everything'), STARTED);
  const url = `http://127.0.0.1:${settings.ORCHESTRATOR_PORT}`;
  const client = createClient({ url, apiKey: TOKENS.operator ?? '' });
  return {
    url,
    agents: (await client.agents()).map((agent) => agent.url),
    client,
    errors: muster.errors,
    exited: muster.exited,
    /** Stops it as a user would, and says what in its store is not as it must be. */
    async stop(): Promise<{ code: number | string; broken: Record<string, unknown[]> }> {
      muster.child.kill('SIGINT');
      const code = await muster.exited;
      const db = await openStore(folder, servers);
      try {
        return { code, broken: await brokenInvariants(db) };
      } finally {
        await db.close();
      }
    },
    async remove(): Promise<void> {
      muster.child.kill('SIGKILL');
      await muster.exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function openStore(folder: string, servers?: Servers): Promise<Db> | Db {
  if (servers) return openPg({ url: servers.POSTGRES_URL, logger: createLogger('silent') });
  return openPglite(join(folder, 'data', 'postgres'));
}

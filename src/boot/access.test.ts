import { afterAll, beforeAll, expect, it } from 'vitest';
import { readConfig } from '../config.ts';
import { insertApiKey } from '../store/api-keys.ts';
import type { Db } from '../store/db.ts';
import { openPglite } from '../store/db-pglite.ts';
import { migrate } from '../store/migrate.ts';
import { asksForKeys, refuseOpenApi, withAgentToken } from './access.ts';

const GIVEN = `operate:admin:${'g'.repeat(40)}`;

let db: Db;
beforeAll(async () => {
  db = openPglite();
  await migrate(db);
});
afterAll(() => db.close());

const refused = (env: Record<string, string>) => refuseOpenApi(readConfig(env), db);

it('refuses to be open to other machines, and says what to do', async () => {
  await expect(refused({ HOST: '0.0.0.0' })).rejects.toMatchObject({
    field: 'MUSTER_API_KEYS',
    message: expect.stringMatching(/HOST 0\.0\.0\.0 .* no API key: set MUSTER_API_KEYS=.*"muster keys create/),
  });
  await expect(refused({ HOST: '::', MUSTER_API_KEYS: 'off' })).rejects.toThrow('must not be off');
  await refused({ HOST: '0.0.0.0', MUSTER_API_KEYS: GIVEN });
  await refused({ HOST: '127.0.0.1' });
});

it('asks for keys beyond loopback and as soon as there is one', async () => {
  const asks = (env: Record<string, string>) => asksForKeys(readConfig(env), db);
  expect([await asks({}), await asks({ HOST: '0.0.0.0' }), await asks({ MUSTER_API_KEYS: GIVEN })]).toEqual([
    false,
    true,
    true,
  ]);
  const key = { hash: '0'.repeat(64), name: '', user_id: 'admin', role: 'operate' } as const;
  await insertApiKey(db, key, { othersOperate: false });
  await refused({ HOST: '0.0.0.0' });
  expect([await asks({}), await asks({ MUSTER_API_KEYS: 'off' })]).toEqual([true, false]);
});

it('makes up a token for agents that other machines reach, unless one is given', () => {
  expect(withAgentToken(readConfig({})).MUSTER_AGENT_TOKEN).toBeUndefined();
  expect(withAgentToken(readConfig({ HOST: '0.0.0.0' })).MUSTER_AGENT_TOKEN).toMatch(/^[\w-]{43}$/);
  const given = readConfig({ HOST: '0.0.0.0', MUSTER_AGENT_TOKEN: 'given by the operator' });
  expect(withAgentToken(given)).toBe(given);
});

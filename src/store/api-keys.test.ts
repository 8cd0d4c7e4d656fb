import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { ROLES, type Role } from '../domain/role.ts';
import { insertApiKey, listApiKeys, listValidApiKeys, revokeApiKey, touchApiKey } from './api-keys.ts';
import type { Db } from './db.ts';
import { openPglite } from './db-pglite.ts';
import { migrate } from './migrate.ts';

let db: Db;
beforeAll(async () => {
  db = openPglite();
  await migrate(db);
});
afterEach(() => db.query('delete from api_keys'));
afterAll(() => db.close());

const ALONE = { othersOperate: false };
let nth = 0;

function newKey(role: Role) {
  nth += 1;
  return { hash: nth.toString(16).padStart(64, '0'), name: `key ${nth}`, user_id: 'ada', role };
}

async function make(role: Role) {
  const made = await insertApiKey(db, newKey(role), ALONE);
  if (made.outcome !== 'created') throw new Error(made.outcome);
  return made.key;
}

it('lists keys newest first, revoked ones too, without their hashes', async () => {
  const first = await make('operate');
  const second = await make('read');
  await revokeApiKey(db, second.id, ALONE);
  const listed = await listApiKeys(db);
  expect(new Set(listed.map((key) => key.id))).toEqual(new Set([first.id, second.id]));
  expect(listed.find((key) => key.id === second.id)?.revoked_at).toEqual(expect.any(String));
  expect(JSON.stringify(listed)).not.toMatch(/[0-9a-f]{64}/);
  expect((await listValidApiKeys(db)).map((key) => key.id)).toEqual([first.id]);
});

it('makes no key that nobody could revoke: the first one operates', async () => {
  expect(await insertApiKey(db, newKey('submit'), ALONE)).toEqual({ outcome: 'no_operator' });
  expect(await insertApiKey(db, newKey('submit'), { othersOperate: true })).toMatchObject({ outcome: 'created' });
});

it('keeps the last key that operates, and revokes it once there is another', async () => {
  const only = await make('operate');
  await make('submit');
  expect(await revokeApiKey(db, only.id, ALONE)).toEqual({ outcome: 'last_operator' });
  await make('operate');
  expect(await revokeApiKey(db, only.id, ALONE)).toMatchObject({ outcome: 'revoked', key: { id: only.id } });
});

it('keeps one of two that are revoked at the same time', async () => {
  const both = [await make('operate'), await make('operate')];
  const revoked = await Promise.all(both.map((key) => revokeApiKey(db, key.id, ALONE)));
  expect(revoked.map(({ outcome }) => outcome).sort()).toEqual(['last_operator', 'revoked']);
});

it('says when there is no such key, and revokes twice as once', async () => {
  expect(await revokeApiKey(db, 'key_none', ALONE)).toEqual({ outcome: 'not_found' });
  const key = await make('operate');
  const first = await revokeApiKey(db, key.id, { othersOperate: true });
  expect(await revokeApiKey(db, key.id, ALONE)).toEqual(first);
});

it('notes about when a key was used', async () => {
  const key = await make('operate');
  await touchApiKey(db, key.id);
  const [touched] = await listValidApiKeys(db);
  expect(touched?.last_used_at).toEqual(expect.any(String));
  await touchApiKey(db, key.id);
  expect(await listValidApiKeys(db)).toEqual([touched]);
});

it('knows the same roles as the rules do', async () => {
  const [row] = await db.query<{ text: string }>(
    `select pg_get_constraintdef(oid) as text from pg_constraint where conname = 'api_keys_role_check'`,
  );
  expect([...(row?.text ?? '').matchAll(/'(\w+)'::text/g)].map(([, word]) => word)).toEqual([...ROLES]);
});

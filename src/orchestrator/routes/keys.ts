// POST /keys, GET /keys, DELETE /keys/{key_id}: who may use this API; GET /me: who asks.

import { z } from 'zod';
import { AppError } from '../../domain/errors.ts';
import { failures } from '../../protocol/failures.ts';
import { apiKey, createKeyResponse, listKeysResponse, meResponse, newKeyBody } from '../../protocol/keys-api.ts';
import { insertApiKey, listApiKeys, revokeApiKey } from '../../store/api-keys.ts';
import type { App } from '../app.ts';
import { hashOf, type KeyRing, newApiKey } from '../key-ring.ts';
import type { Parts } from '../parts.ts';

export function addKeyRoutes(app: App, { db }: Parts, ring: KeyRing): void {
  const config = { access: 'operate' } as const;

  app.post('/keys', { schema: createSchema, config }, async ({ body }, reply) => {
    const key = newApiKey();
    const others = { othersOperate: ring.isOperatorGiven };
    const inserted = await insertApiKey(db, { ...body, hash: hashOf(key) }, others);
    if (inserted.outcome === 'no_operator') throw firstMustOperate(body.role);
    await ring.changed();
    return reply
      .status(201)
      .header('cache-control', 'no-store')
      .send({ ...inserted.key, key });
  });

  app.get('/keys', { schema: listSchema, config }, async () => ({ keys: await listApiKeys(db) }));

  app.delete('/keys/:key_id', { schema: revokeSchema, config }, async ({ params: { key_id } }) => {
    const revoked = await revokeApiKey(db, key_id, { othersOperate: ring.isOperatorGiven });
    if (revoked.outcome === 'not_found') throw unknownKey(key_id);
    if (revoked.outcome === 'last_operator') throw lastOperator(key_id);
    await ring.changed();
    return revoked.key;
  });

  app.get('/me', { schema: meSchema, config: { access: 'read' } }, async ({ caller: { user_id, role, key_id } }) => {
    return { user_id, role, by_key: key_id !== null };
  });
}

function firstMustOperate(role: string): AppError {
  const message = `role ${role}: the first key must have role operate, since with it the others are made`;
  return new AppError('wrong_state', message, { field: 'role' });
}

function unknownKey(id: string): AppError {
  const message = `there is no key ${JSON.stringify(id.slice(0, 100))}: GET /keys lists those that exist`;
  return new AppError('not_found', message, { field: 'key_id' });
}

function lastOperator(id: string): AppError {
  const message = `${id} is the last key with role operate: make another one first, since nobody could make or revoke keys without`;
  return new AppError('wrong_state', message, { field: 'key_id' });
}

const createSchema = {
  operationId: 'createKey',
  summary: 'Make an API key. This answer alone holds it: only its hash is kept.',
  description:
    'As soon as there is one key, every request needs one, on loopback too. The first must have the role `operate`.',
  tags: ['keys'],
  body: newKeyBody,
  response: { 201: createKeyResponse.describe('The key.'), ...failures('invalid_request', 'wrong_state') },
};

const listSchema = {
  operationId: 'listKeys',
  summary: 'The API keys that were made, newest first, revoked ones too; at most 1,000.',
  description: 'Keys that the setting MUSTER_API_KEYS gives are not listed.',
  tags: ['keys'],
  response: { 200: listKeysResponse.describe('The keys, without what they are shown by.'), ...failures() },
};

const revokeSchema = {
  operationId: 'revokeKey',
  summary: 'Revoke an API key: it is refused from now on, and streams opened with it end.',
  tags: ['keys'],
  params: z.object({ key_id: z.string().meta({ description: 'Id of the key, `key_…`.' }) }),
  response: { 200: apiKey.describe('Revoked.'), ...failures('not_found', 'wrong_state') },
};

const meSchema = {
  operationId: 'getMe',
  summary: 'Whose key this is, and what its role is.',
  tags: ['keys'],
  response: { 200: meResponse.describe('Who asks.'), ...failures() },
};

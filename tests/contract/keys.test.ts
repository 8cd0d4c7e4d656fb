// Keys from being made to being revoked, limits on how often they are used, and the open door of a fresh start on loopback.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createMemoryBus } from '../../src/bus/memory.ts';
import { systemClock } from '../../src/clock.ts';
import type { OrchestratorConfig } from '../../src/orchestrator/parts.ts';
import type { Db } from '../../src/store/db.ts';
import { createManualClock } from '../support/manual-clock.ts';
import { openStream } from '../support/open-stream.ts';
import { type Fixture, openDatabase, openFixture } from './orchestrator-fixture.ts';

const GIVEN = 'g'.repeat(40);
const LOCAL = { host: '127.0.0.1', apiKeys: [], rateLimit: null } as const;
const PUBLIC = {
  host: '0.0.0.0',
  apiKeys: [{ role: 'operate', user_id: 'admin', key: GIVEN }],
  rateLimit: null,
} as const;

let db: Db;
let service: Fixture;
const opened: Fixture[] = [];
beforeAll(async () => {
  db = await openDatabase();
});
afterAll(() => db.close());
beforeEach(async () => {
  await db.query('delete from api_keys');
  service = await open();
});
afterEach(async () => {
  for (const fixture of opened.splice(0)) await fixture.close();
});

async function open(
  access: OrchestratorConfig['access'] = LOCAL,
  deps: Parameters<typeof openFixture>[0] = {},
  settings: Partial<OrchestratorConfig> = {},
) {
  const fixture = await openFixture({ db, ...deps }, { ...(access && { access }), ...settings });
  opened.push(fixture);
  return fixture;
}

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

async function make(payload: object, key?: string, fixture = service) {
  const answer = await fixture.app.inject({ method: 'POST', url: '/keys', payload, headers: key ? bearer(key) : {} });
  return { status: answer.statusCode, ...answer.json() };
}

async function statusOf(url: string, key?: string, fixture = service) {
  return (await fixture.app.inject({ url, headers: key ? bearer(key) : {} })).statusCode;
}

async function revoke(id: string, key: string, fixture = service) {
  const answer = await fixture.app.inject({ method: 'DELETE', url: `/keys/${id}`, headers: bearer(key) });
  return { status: answer.statusCode, ...answer.json() };
}

describe('on loopback', () => {
  it('asks for no key until there is one, and from then on for every request', async () => {
    expect(await statusOf('/tasks')).toBe(200);
    expect((await service.get('/me')).body).toEqual({ user_id: 'default_user', role: 'operate', by_key: false });
    const first = await make({ role: 'operate', user_id: 'admin', name: 'the first' });
    expect(first).toMatchObject({
      status: 201,
      role: 'operate',
      user_id: 'admin',
      name: 'the first',
      revoked_at: null,
    });
    expect(first.key).toMatch(/^muster_[\w-]{43}$/);
    expect(await statusOf('/tasks')).toBe(401);
    expect(await statusOf('/tasks', first.key)).toBe(200);
    expect(await statusOf('/healthz')).toBe(200);
  });

  it('refuses a first key that could make no other', async () => {
    expect(await make({ role: 'submit', user_id: 'ada' })).toMatchObject({
      status: 409,
      code: 'wrong_state',
      field: 'role',
      detail: expect.stringContaining('the first key must have role operate'),
    });
    expect(await statusOf('/tasks')).toBe(200);
  });

  it('takes no wrong key for none', async () => {
    expect(await statusOf('/tasks', 'x'.repeat(40))).toBe(401);
  });

  it('asks for a key when the environment gives one', async () => {
    const given = await open({ ...PUBLIC, host: '127.0.0.1' });
    expect([await statusOf('/tasks', undefined, given), await statusOf('/tasks', GIVEN, given)]).toEqual([401, 200]);
    expect((await make({ role: 'read', user_id: 'ada' }, GIVEN, given)).status).toBe(201);
  });

  it('asks for none when told so, and still knows whose key it is shown', async () => {
    const { key } = await make({ role: 'operate', user_id: 'admin' });
    const off = await open({ ...LOCAL, apiKeys: 'off' });
    expect(await statusOf('/tasks', undefined, off)).toBe(200);
    expect((await off.app.inject({ url: '/me', headers: bearer(key) })).json()).toMatchObject({ user_id: 'admin' });
  });

  it('is asked under its own name only: a page that rebinds its name to this machine reads nothing', async () => {
    for (const host of ['evil.example', 'evil.example:8000', '192.168.0.7:8000', '127.0.0.1.evil.example']) {
      for (const url of ['/tasks', '/search?user_id=ada&query=x']) {
        const answer = await service.app.inject({ url, headers: { host } });
        expect([answer.statusCode, answer.json().code], host).toEqual([403, 'forbidden']);
      }
    }
    for (const host of ['localhost:8000', '127.0.0.1', '[::1]:8000'])
      expect((await service.app.inject({ url: '/tasks', headers: { host } })).statusCode).toBe(200);
    const { key } = await make({ role: 'operate', user_id: 'admin' });
    const behindProxy = { host: 'muster.example', ...bearer(key) };
    expect((await service.app.inject({ url: '/tasks', headers: behindProxy })).statusCode).toBe(200);
  });

  it('takes no change from the page of another site, and lets none read', async () => {
    const url = '/tasks?description=Calculate%20factorial%20of%2010';
    for (const headers of [
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { origin: 'http://evil.example' },
      { origin: 'null' },
    ] as Record<string, string>[]) {
      const answer = await service.app.inject({ method: 'POST', url, headers });
      expect([answer.statusCode, answer.json().code]).toEqual([403, 'forbidden']);
    }
    const read = await service.app.inject({ url: '/tasks', headers: { origin: 'http://evil.example' } });
    expect(Object.keys(read.headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
    expect(read.headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
    });
    expect((await service.get('/tasks')).body.tasks).toEqual([]);
  });

  it('knows its own agents once keys are asked for, and no others', async () => {
    const own = await open(LOCAL, {}, { ownAgentsToken: 'of this process' });
    const search = '/search?user_id=ada&query=sum';
    expect(await statusOf(search, undefined, own)).toBe(200);
    const { key } = await make({ role: 'operate', user_id: 'admin' }, undefined, own);
    expect(await statusOf(search, undefined, own)).toBe(401);
    expect(await statusOf(search, key, own)).toBe(401);
    expect(await statusOf(search, 'of this process', own)).toBe(200);
  });
});

describe('a key', () => {
  it('is shown once and kept as a hash', async () => {
    const { key, id } = await make({ role: 'operate', user_id: 'admin' });
    const rows = await db.query('select * from api_keys');
    expect(JSON.stringify(rows)).not.toContain(key.slice(7));
    const listed = await service.app.inject({ url: '/keys', headers: bearer(key) });
    expect(listed.body).not.toContain(key.slice(7));
    expect(listed.json().keys).toMatchObject([{ id, role: 'operate', revoked_at: null }]);
  });

  it('is refused once it is revoked, here and at every replica, and its streams end', async () => {
    const bus = createMemoryBus(systemClock);
    const [one, two] = [await open(PUBLIC, { bus }), await open(PUBLIC, { bus })];
    const { id, key } = await make({ role: 'read', user_id: 'ada' }, GIVEN, one);
    expect([await statusOf('/tasks', key, one), await statusOf('/tasks', key, two)]).toEqual([200, 200]);
    const url = await two.app.listen({ host: '127.0.0.1', port: 0 });
    const streams = [
      await openStream(`${url}/events`, bearer(key)),
      await openStream(`${url}/logs/stream`, bearer(key)),
    ];
    expect(await revoke(id, GIVEN, one)).toMatchObject({ status: 200, id, revoked_at: expect.any(String) });
    for (const stream of streams) await stream.rest();
    expect([await statusOf('/tasks', key, one), await statusOf('/tasks', key, two)]).toEqual([401, 401]);
    await bus.close();
  });

  it('is refused 30 s after it was revoked elsewhere, though no notice came', async () => {
    const clock = createManualClock();
    const deaf = await open(PUBLIC, { clock });
    const other = await open(PUBLIC);
    const { id, key } = await make({ role: 'read', user_id: 'ada' }, GIVEN, other);
    expect(await statusOf('/tasks', key, deaf)).toBe(200);
    await revoke(id, GIVEN, other);
    clock.advance(29_000);
    expect(await statusOf('/tasks', key, deaf)).toBe(200);
    clock.advance(1_000);
    expect(await statusOf('/tasks', key, deaf)).toBe(401);
  });

  it('that was made elsewhere is known within a second, though no notice came', async () => {
    const clock = createManualClock();
    const deaf = await open(PUBLIC, { clock });
    expect(await statusOf('/tasks', 'x'.repeat(40), deaf)).toBe(401);
    const { key } = await make({ role: 'read', user_id: 'ada' }, GIVEN, await open(PUBLIC));
    clock.advance(1_000);
    expect(await statusOf('/tasks', key, deaf)).toBe(200);
  });

  it('costs no query while it is remembered', async () => {
    const { key } = await make({ role: 'operate', user_id: 'admin' });
    expect(await statusOf('/me', key)).toBe(200);
    let queries = 0;
    const counting: Db = Object.assign(Object.create(db), {
      query: (...call: Parameters<Db['query']>) => {
        queries += 1;
        return db.query(...call);
      },
    });
    const counted = await open(PUBLIC, { db: counting });
    await statusOf('/me', key, counted);
    const before = queries;
    for (let nth = 0; nth < 20; nth += 1) expect(await statusOf('/me', key, counted)).toBe(200);
    for (let nth = 0; nth < 20; nth += 1) expect(await statusOf('/me', 'x'.repeat(40), counted)).toBe(401);
    expect(queries - before).toBeLessThanOrEqual(2);
  });

  it('says when it was last used', async () => {
    const { key } = await make({ role: 'operate', user_id: 'admin' });
    await statusOf('/me', key);
    await service.app.close();
    const [row] = await db.query<{ last_used_at: string }>('select last_used_at from api_keys');
    expect(row?.last_used_at).toEqual(expect.any(String));
  });

  it('that is the last to operate cannot be revoked', async () => {
    const { id, key } = await make({ role: 'operate', user_id: 'admin' });
    expect(await revoke(id, key)).toMatchObject({ status: 409, code: 'wrong_state', field: 'key_id' });
    expect(await revoke('key_none', key)).toMatchObject({ status: 404, code: 'not_found', field: 'key_id' });
    await make({ role: 'operate', user_id: 'admin' }, key);
    expect((await revoke(id, key)).status).toBe(200);
  });

  it.each([
    [{ user_id: 'ada' }, 'role', 'read, submit, operate'],
    [{ role: 'root', user_id: 'ada' }, 'role', 'must be one of read, submit, operate'],
    [{ role: 'read' }, 'user_id', ''],
    [{ role: 'read', user_id: 'ada', secret: 1 }, 'secret', ''],
  ])('is not made of %j', async (payload, field, words) => {
    expect(await make(payload)).toMatchObject({
      status: 400,
      code: 'invalid_request',
      field,
      detail: expect.stringContaining(words),
    });
  });
});

describe('the limit', () => {
  const access = {
    ...PUBLIC,
    apiKeys: [...PUBLIC.apiKeys, { role: 'read', user_id: 'ada', key: 'a'.repeat(40) }],
    rateLimit: 3,
  } as const;

  it('is kept by each key for itself', async () => {
    const limited = await open(access);
    for (let nth = 0; nth < 3; nth += 1) expect(await statusOf('/tasks', GIVEN, limited)).toBe(200);
    const answer = await limited.app.inject({ url: '/tasks', headers: bearer(GIVEN) });
    expect([answer.statusCode, answer.json()]).toMatchObject([429, { code: 'rate_limited' }]);
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    expect(Number(answer.headers['retry-after'])).toBeLessThanOrEqual(60);
    expect(await statusOf('/tasks', 'a'.repeat(40), limited)).toBe(200);
  });

  it('is kept by addresses without a valid key, and stops nobody who has one', async () => {
    const limited = await open(access);
    for (let nth = 0; nth < 3; nth += 1) expect(await statusOf('/tasks', undefined, limited)).toBe(401);
    expect(await statusOf('/tasks', undefined, limited)).toBe(429);
    expect(await statusOf('/tasks', 'x'.repeat(40), limited)).toBe(429);
    expect(await statusOf('/search?user_id=a&query=b', 'x'.repeat(40), limited)).toBe(429);
    expect(await statusOf('/tasks', GIVEN, limited)).toBe(200);
  });

  it('is none where no key is asked for', async () => {
    const local = await open({ ...LOCAL, rateLimit: 3 });
    for (let nth = 0; nth < 10; nth += 1) expect(await statusOf('/tasks', undefined, local)).toBe(200);
  });
});

// Signing in at a dashboard that other machines reach, in front of a real orchestrator.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Fixture, openDatabase, openFixture } from '../../tests/contract/orchestrator-fixture.ts';
import { openStream } from '../../tests/support/open-stream.ts';
import { createLogger } from '../log.ts';
import type { Db } from '../store/db.ts';
import { type RunningDashboard, startDashboard } from './server.ts';

const KEY = 'a'.repeat(40);

let db: Db;
let service: Fixture;
let dashboard: RunningDashboard;
let url: string;
beforeAll(async () => {
  db = await openDatabase();
});
afterAll(() => db.close());

async function open(access: { host: string; apiKeys: { role: 'submit'; user_id: string; key: string }[] }) {
  service = await openFixture({ db }, { access: { ...access, rateLimit: 20 } });
  const orchestratorUrl = await service.app.listen({ host: '127.0.0.1', port: 0 });
  dashboard = await startDashboard({ host: '0.0.0.0', port: 0, orchestratorUrl, logger: createLogger('silent') });
  url = `http://127.0.0.1:${new URL(dashboard.url).port}`;
}

beforeEach(() => open({ host: '0.0.0.0', apiKeys: [{ role: 'submit', user_id: 'ada', key: KEY }] }));
afterEach(async () => {
  await dashboard.stop();
  await service.close();
});

function signIn(body: unknown, headers: Record<string, string> = {}) {
  const json = { 'content-type': 'application/json', ...headers };
  return fetch(`${url}/session`, { method: 'POST', headers: json, body: JSON.stringify(body) });
}

async function cookieOf(response: Response): Promise<string> {
  return response.headers.get('set-cookie')?.split(';')[0] ?? '';
}

describe('a dashboard that other machines reach', () => {
  it('keeps the key in a cookie that no script reads and no other site sends, and shows it upstream', async () => {
    expect((await fetch(`${url}/api/tasks`)).status).toBe(401);
    const answer = await signIn({ key: KEY });
    expect(await answer.json()).toEqual({ user_id: 'ada', role: 'submit', by_key: true });
    expect(answer.headers.get('set-cookie')).toBe(
      `muster_key=${KEY}; Path=/api; HttpOnly; SameSite=Strict; Max-Age=2592000`,
    );
    const cookie = await cookieOf(answer);
    expect((await fetch(`${url}/api/tasks`, { headers: { cookie } })).status).toBe(200);
    const stream = await openStream(`${url}/api/events`, { cookie });
    await stream.until('event: hello');
    stream.close();
  });

  it('marks the cookie secure when the browser speaks HTTPS', async () => {
    const answer = await signIn({ key: KEY }, { origin: `https://${new URL(url).host}` });
    expect(answer.headers.get('set-cookie')).toMatch(/; Secure$/);
  });

  it('submits for who signed in, whatever the origin of the page is called', async () => {
    const headers = { cookie: `muster_key=${KEY}`, origin: url, 'content-type': 'application/json' };
    const body = JSON.stringify({ description: 'Calculate factorial of 10' });
    const answer = await fetch(`${url}/api/tasks`, { method: 'POST', headers, body });
    expect(answer.status).toBe(200);
    const { task_id } = (await answer.json()) as { task_id: string };
    const [row] = await db.query('select user_id from tasks where id = $1', [task_id]);
    expect(row).toEqual({ user_id: 'ada' });
  });

  it('refuses to sign in for the page of another site', async () => {
    for (const headers of [{ origin: 'http://evil.example' }, { 'sec-fetch-site': 'cross-site' }])
      expect((await signIn({ key: KEY }, headers as Record<string, string>)).status).toBe(403);
  });

  it.each([
    [{ key: 'x'.repeat(40) }, 401, 'unknown or was revoked'],
    [{ key: 'two words; Path=/' }, 400, 'is no API key'],
    [{}, 400, 'key is missing'],
  ])('says what is wrong with %j and sets no cookie', async (body, status, words) => {
    const answer = await signIn(body);
    expect([answer.status, answer.headers.get('set-cookie')]).toEqual([status, null]);
    expect(await answer.json()).toMatchObject({ detail: expect.stringContaining(words), field: 'key' });
  });

  it('passes on that keys were tried too often', async () => {
    for (let nth = 0; nth < 20; nth += 1) await signIn({ key: 'x'.repeat(40) });
    const answer = await signIn({ key: 'x'.repeat(40) });
    expect([answer.status, Number(answer.headers.get('retry-after')) > 0]).toEqual([429, true]);
    expect((await signIn({ key: KEY })).status).toBe(200);
  });

  it('forgets the key when asked to', async () => {
    const answer = await fetch(`${url}/session`, { method: 'DELETE' });
    expect(answer.status).toBe(204);
    expect(answer.headers.get('set-cookie')).toBe('muster_key=; Path=/api; HttpOnly; SameSite=Strict; Max-Age=0');
  });

  it('shows the key that a program brings rather than the one of the cookie', async () => {
    const headers = { cookie: `muster_key=${KEY}`, authorization: 'Bearer wrong' };
    expect((await fetch(`${url}/api/tasks`, { headers })).status).toBe(401);
  });
});

describe('in front of an orchestrator that asks nobody for a key', () => {
  beforeEach(async () => {
    await dashboard.stop();
    await service.close();
    await open({ host: '127.0.0.1', apiKeys: [] });
  });

  it('opens it to no other machine', async () => {
    expect((await fetch(`${url}/api/tasks`)).status).toBe(401);
    expect((await fetch(`${url}/api/tasks`, { headers: { cookie: `muster_key=${KEY}` } })).status).toBe(401);
    expect((await signIn({ key: KEY })).status).toBe(401);
  });
});

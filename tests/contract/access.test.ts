// Who gets in: every registered route, held against every kind of caller. A route that is added later is walked too, and
// has to be entered in the table of roles below.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { InjectOptions } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { insertLogs } from '../../src/store/logs.ts';
import { ACCESS, KEYS } from '../support/api-keys.ts';
import { dataOf, openStream } from '../support/open-stream.ts';
import { ROLES } from '../support/roles.ts';
import { type Route, routesIn } from '../support/routes.ts';
import type { Document } from './document.ts';
import { type Fixture, openFixture } from './orchestrator-fixture.ts';

const AGENT_TOKEN = 'the-token-of-the-agents';

const UNKNOWN = 'task_00000000000000000000';
const DESCRIPTION = 'Calculate factorial of 10';

let service: Fixture;
let routes: Route[];
let url: string;
/** A task of ada's, with a file and a line in the log. */
let task: { id: string; subtask: string };
beforeAll(async () => {
  service = await openFixture({}, { access: ACCESS, agentToken: AGENT_TOKEN });
  url = await service.app.listen({ host: '127.0.0.1', port: 0 });
  routes = routesIn(service.app.printRoutes({ commonPrefix: false }));
  const id = (await as('ada', { method: 'POST', url: '/tasks', payload: { description: DESCRIPTION } })).json().task_id;
  const subtask = (await as('ada', { url: `/tasks/${id}` })).json().task.subtasks[0].id;
  task = { id, subtask };
  await mkdir(join(service.sharedFiles, id, 'output'), { recursive: true });
  await writeFile(join(service.sharedFiles, id, 'output', 'report.md'), 'of ada');
  await writeFile(join(service.sharedFiles, id, 'output', 'page.html'), '<script>alert(1)</script>');
  await insertLogs(service.deps.db, [lineOf('the first line')]);
});
afterAll(() => service.close());

const lineOf = (message: string) => ({
  time: new Date().toISOString(),
  agent_id: 'agent_1',
  task_id: task.id,
  subtask_id: task.subtask,
  attempt: 1,
  level: 'INFO' as const,
  message,
  metadata: {},
});

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

function as(who: keyof typeof KEYS | null, request: InjectOptions, fixture = service) {
  return fixture.app.inject({ ...request, headers: { ...request.headers, ...(who && bearer(KEYS[who])) } });
}

const isOpen = ({ path }: Route) => ['/healthz', '/readyz'].includes(path);

/** A request that the route's schema accepts, for the given task. */
function requestOf({ method, path }: Route, taskId = task.id): InjectOptions {
  const address = path
    .replace(':task_id', taskId)
    .replace(':subtask_id', task.subtask)
    .replace(':key_id', 'key_0')
    .replace('*', 'output/report.md');
  return { method: method as 'GET', url: address, ...(method === 'POST' && { payload: BODIES[path] ?? {} }) };
}

const BODIES: Record<string, object> = {
  '/tasks': { description: DESCRIPTION },
  '/plans': { description: DESCRIPTION },
  '/tasks/actions': { action: 'retry', task_ids: [UNKNOWN] },
  '/keys': {},
  '/workspace/query': { sql: 'select 1' },
  '/workspace/execute': { sql: 'create table walked (id int)' },
};

describe('without a key', () => {
  it('answers 401 on every route but those that say whether it lives', async () => {
    expect(routes.length).toBeGreaterThan(40);
    for (const route of routes) {
      const answer = await as(null, requestOf(route));
      const where = `${route.method} ${route.path}`;
      if (isOpen(route)) expect(answer.statusCode, where).toBe(200);
      else expect([answer.statusCode, answer.headers['www-authenticate']], where).toEqual([401, 'Bearer']);
      if (answer.statusCode === 401 && route.method !== 'HEAD')
        expect(answer.json()).toEqual({ detail: expect.any(String), code: 'unauthorized', field: 'authorization' });
    }
  });

  it.each(['Bearer', 'Bearer nonsense', `Basic ${KEYS.ada}`, KEYS.ada, `Bearer ${KEYS.ada}x`, `Bearer ${AGENT_TOKEN}`])(
    'takes %s for none, and repeats none of it',
    async (authorization) => {
      const answer = await service.app.inject({ url: '/tasks', headers: { authorization } });
      expect(answer.statusCode).toBe(401);
      expect(answer.body).not.toMatch(/nonsense|aaaa|token-of/);
    },
  );

  it('does not tell which routes there are', async () => {
    expect((await as(null, { url: '/no/such/route' })).statusCode).toBe(401);
    expect((await as('adaReads', { url: '/no/such/route' })).statusCode).toBe(404);
  });

  it('says so in the document, for every operation that asks for a key', async () => {
    const document: Document = (await as('ada', { url: '/openapi.json' })).json();
    for (const [path, operations] of Object.entries(document.paths))
      for (const operation of Object.values(operations))
        expect(Object.keys(operation.responses ?? {}).includes('401'), path).toBe(!isOpen({ method: 'GET', path }));
  });
});

describe('a role', () => {
  it('is named for every route', () => {
    const named = routes.filter(({ method }) => method !== 'HEAD').map(({ method, path }) => `${method} ${path}`);
    expect(named.sort()).toEqual(Object.keys(ROLES).sort());
  });

  it('allows what it is the least for, and nothing above it', async () => {
    const spare = await as('ada', { method: 'POST', url: '/tasks', payload: { description: DESCRIPTION } });
    const streams = ['/events', '/logs/stream', '/tasks/:task_id/events'];
    for (const route of routes.filter(({ path }) => !streams.includes(path))) {
      const needed = ROLES[`${route.method === 'HEAD' ? 'GET' : route.method} ${route.path}`];
      const answers = await Promise.all(
        (['adaReads', 'ada', 'operator'] as const).map((who) => as(who, requestOf(route, spare.json().task_id))),
      );
      const refused = answers.map((answer) => [401, 403].includes(answer.statusCode));
      const allowed = { open: 0, read: 0, submit: 1, operate: 2, agent: 3 }[needed ?? ''] ?? Number.NaN;
      expect(refused, `${route.method} ${route.path}`).toEqual([0, 1, 2].map((role) => role < allowed));
    }
  });

  it('that is too low is answered 403, in words', async () => {
    const answer = await as('adaReads', { method: 'POST', url: '/tasks', payload: { description: DESCRIPTION } });
    expect([answer.statusCode, answer.json()]).toEqual([
      403,
      {
        code: 'forbidden',
        detail: 'role read of this API key does not allow POST /tasks: use a key with role submit',
      },
    ]);
  });

  it.each(['/search?user_id=ada&query=sum', '/workspace/query'])('lets no key in at %s, only agents', async (path) => {
    const request: InjectOptions = path.startsWith('/search')
      ? { url: path }
      : { method: 'POST', url: path, payload: { sql: 'select 1' } };
    expect((await as('operator', request)).statusCode).toBe(401);
    expect((await service.app.inject({ ...request, headers: bearer(AGENT_TOKEN) })).statusCode).toBe(200);
  });
});

describe('a user', () => {
  it('sees nobody else’s task through any route: the answers are those for a task that does not exist', async () => {
    const withTask = routes.filter(({ path }) => path.includes(':task_id'));
    expect(withTask.length).toBeGreaterThan(10);
    for (const route of withTask) {
      const foreign = await as('bob', requestOf(route));
      const unknown = await as('bob', requestOf(route, UNKNOWN));
      const where = `${route.method} ${route.path}`;
      expect(foreign.statusCode, where).toBe(404);
      expect(foreign.body.replaceAll(task.id, UNKNOWN), where).toBe(unknown.body);
    }
    expect((await as('ada', { url: `/tasks/${task.id}` })).json().task.status).toBe('in_progress');
  });

  it('reads its own task, its files and its graph', async () => {
    for (const path of ['', '/graph', '/files', '/files/output/report.md', `/subtasks/${task.subtask}`])
      expect((await as('adaReads', { url: `/tasks/${task.id}${path}` })).statusCode, path).toBe(200);
  });

  it('is given a file as a download, of no type that a browser would run', async () => {
    const { headers } = await as('ada', { url: `/tasks/${task.id}/files/output/page.html` });
    expect(headers).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'content-disposition': "attachment; filename*=UTF-8''page.html",
      'x-content-type-options': 'nosniff',
    });
  });

  it('lists its own tasks only, and an operator everybody’s', async () => {
    const idsFor = async (who: keyof typeof KEYS, query = '') =>
      (await as(who, { url: `/tasks${query}` })).json().tasks.map((one: { id: string }) => one.id);
    expect(await idsFor('ada')).toContain(task.id);
    expect(await idsFor('bob')).toEqual([]);
    expect(await idsFor('operator')).toContain(task.id);
    expect(await idsFor('operator', '?user_id=bob')).toEqual([]);
    const asked = await as('bob', { url: '/tasks?user_id=ada' });
    expect([asked.statusCode, asked.json()]).toMatchObject([403, { code: 'forbidden', field: 'user_id' }]);
  });

  it('submits for itself, and for nobody else', async () => {
    const mine = await as('bob', { method: 'POST', url: `/tasks?description=${encodeURIComponent(DESCRIPTION)}` });
    const { task_id } = mine.json();
    expect((await as('operator', { url: `/tasks/${task_id}` })).json().task.user_id).toBe('bob');
    await as('bob', { method: 'POST', url: `/tasks/${task_id}/cancel` });
    const payload = { description: DESCRIPTION, user_id: 'ada' };
    expect((await as('bob', { method: 'POST', url: '/tasks', payload })).json()).toMatchObject({ field: 'user_id' });
    const onBehalf = await as('operator', { method: 'POST', url: '/tasks', payload });
    expect((await as('ada', { url: `/tasks/${onBehalf.json().task_id}` })).json().task.user_id).toBe('ada');
  });

  it('changes none of somebody else’s among several', async () => {
    const payload = { action: 'cancel', task_ids: [task.id, UNKNOWN] };
    const { results } = (await as('bob', { method: 'POST', url: '/tasks/actions', payload })).json();
    expect(results).toEqual([
      { task_id: task.id, done: false, status: null, detail: expect.stringMatching(/^there is no task/) },
      { task_id: UNKNOWN, done: false, status: null, detail: expect.stringMatching(/^there is no task/) },
    ]);
    expect((await as('ada', { url: `/tasks/${task.id}` })).json().task.status).toBe('in_progress');
  });

  it('reads the log lines of its own tasks only', async () => {
    const linesFor = async (who: keyof typeof KEYS, query = '') =>
      (await as(who, { url: `/logs${query}` })).json().logs.map((line: { message: string }) => line.message);
    expect(await linesFor('ada')).toEqual(['the first line']);
    expect(await linesFor('operator')).toEqual(['the first line']);
    for (const query of ['', `?task_id=${task.id}`, `?subtask_id=${task.subtask}`, '?text=first', '?agent_id=agent_1'])
      expect(await linesFor('bob', query), query).toEqual([]);
  });

  it('follows the log lines of its own tasks only', async () => {
    const [ada, bob] = await Promise.all(
      [KEYS.adaReads, KEYS.bob].map((key) => openStream(`${url}/logs/stream?after_id=0`, bearer(key))),
    );
    await insertLogs(service.deps.db, [lineOf('a line while both look')]);
    await service.deps.bus.notify('logs', { task_ids: [task.id] });
    await ada?.until('a line while both look');
    const own = (await as('bob', { method: 'POST', url: '/tasks', payload: { description: DESCRIPTION } })).json();
    await insertLogs(service.deps.db, [{ ...lineOf('a line of bob'), task_id: own.task_id }]);
    await service.deps.bus.notify('logs', { task_ids: [own.task_id] });
    expect(await bob?.until('a line of bob')).not.toMatch(/first line|both look/);
    for (const stream of [ada, bob]) stream?.close();
  });

  it('hears of its own tasks only, and of no agent', async () => {
    const [bob, operator] = await Promise.all(
      [KEYS.bob, KEYS.operator].map((key) => openStream(`${url}/events`, bearer(key))),
    );
    await bob?.until('event: hello');
    const other = await as('ada', { method: 'POST', url: '/tasks', payload: { description: DESCRIPTION } });
    await service.deps.bus.notify('agents', { agent_id: 'agent_1' });
    await operator?.until('agent_1');
    const own = await as('bob', { method: 'POST', url: '/tasks', payload: { description: DESCRIPTION } });
    const heard = (await bob?.until(own.json().task_id)) ?? '';
    expect(heard).not.toContain('agent_1');
    expect(dataOf(heard, 'task').every((row) => (row as { user_id: string }).user_id === 'bob')).toBe(true);
    expect(heard).not.toContain(other.json().task_id);
    for (const stream of [bob, operator]) stream?.close();
  });

  it('is told who it is', async () => {
    expect((await as('ada', { url: '/me' })).json()).toEqual({ user_id: 'ada', role: 'submit', by_key: true });
  });
});

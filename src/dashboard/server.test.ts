// The service over real HTTP, in front of an orchestrator of a few lines.
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createLogger } from '../log.ts';
import { type RunningDashboard, startDashboard } from './server.ts';

const logger = createLogger('silent');

let folder: string;
let upstream: Server;
let answer: RequestListener;
let dashboard: RunningDashboard;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muster-dashboard-'));
  await mkdir(join(folder, 'assets'));
  await writeFile(join(folder, 'index.html'), '<!doctype html><title>Muster</title>');
  await writeFile(join(folder, 'assets', 'app-1234.js'), 'run()');
  await writeFile(join(folder, 'assets', 'app-1234.js.br'), 'compressed');
  answer = (_request, response) => response.end('{}');
  upstream = createServer((request, response) => answer(request, response)).listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  dashboard = await start(`http://127.0.0.1:${(upstream.address() as AddressInfo).port}`);
});

afterEach(async () => {
  await dashboard.stop();
  upstream.closeAllConnections();
  upstream.close();
  await rm(folder, { recursive: true, force: true });
});

function start(orchestratorUrl: string, host = '127.0.0.1'): Promise<RunningDashboard> {
  return startDashboard({ host, port: 0, orchestratorUrl, appFolder: folder, logger });
}

const portOf = (url: string) => new URL(url).port;

it('answers every address of a view with the app, not to be kept', async () => {
  for (const path of ['/', '/tasks/task_1?view=graph', '/no/such/view']) {
    const response = await fetch(dashboard.url + path);
    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).toBe('no-cache');
    expect(await response.text()).toContain('<title>Muster</title>');
  }
});

it('sends assets compressed as built, to be kept for ever, and says when one is gone', async () => {
  const { headers } = await request(`${dashboard.url}/assets/app-1234.js`, { headers: { 'accept-encoding': 'br' } });
  expect(headers).toMatchObject({ 'content-encoding': 'br', 'cache-control': 'public, max-age=31536000, immutable' });
  const gone = await fetch(`${dashboard.url}/assets/app-0000.js`);
  expect(gone.status).toBe(404);
  expect(await gone.json()).toMatchObject({ code: 'not_found' });
});

it('never leaves the folder of the app', async () => {
  await writeFile(join(folder, '..', 'outside.txt'), 'secret');
  const { body } = await request(`${dashboard.url}/assets/..%2f..%2foutside.txt`);
  expect(await body.text()).not.toContain('secret');
});

it('allows scripts and styles of its own origin only, inline ones not at all', async () => {
  const { headers } = await fetch(dashboard.url);
  const policy = headers.get('content-security-policy');
  for (const rule of ["default-src 'none'", "script-src 'self';", "style-src 'self';", "connect-src 'self';"])
    expect(policy).toContain(rule);
  expect(policy).not.toContain('unsafe');
  expect(headers.get('x-content-type-options')).toBe('nosniff');
});

it('refuses a foreign Host name while it listens on loopback only', async () => {
  for (const host of ['evil.example', `evil.example:${portOf(dashboard.url)}`, '192.168.0.7']) {
    const { statusCode, body } = await request(`${dashboard.url}/api/tasks`, { headers: { host } });
    expect(statusCode).toBe(403);
    expect(await body.json()).toMatchObject({ code: 'forbidden', detail: expect.stringContaining(host) });
  }
  for (const host of ['localhost', 'LOCALHOST:8501', '127.0.0.1', '[::1]:8501']) {
    expect((await request(dashboard.url, { headers: { host } })).statusCode).toBe(200);
  }
});

it('answers to any name when it listens for other machines', async () => {
  const open = await start('http://127.0.0.1:1', '0.0.0.0');
  const { statusCode } = await request(`http://127.0.0.1:${portOf(open.url)}/`, {
    headers: { host: 'muster.example' },
  });
  await open.stop();
  expect(statusCode).toBe(200);
});

it('refuses changes that the page of another site asks for', async () => {
  const post = (headers: Record<string, string>) => request(`${dashboard.url}/api/tasks`, { method: 'POST', headers });
  for (const headers of [
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { origin: 'http://evil.example' },
    { origin: 'null' },
  ]) {
    const { statusCode, body } = await post(headers as Record<string, string>);
    expect(statusCode).toBe(403);
    expect(await body.json()).toMatchObject({ code: 'forbidden' });
  }
  for (const headers of [{ 'sec-fetch-site': 'same-origin' }, { origin: dashboard.url }, {}]) {
    expect((await post(headers as Record<string, string>)).statusCode).toBe(200);
  }
});

it('passes requests on without the prefix, and answers with their status and body', async () => {
  answer = async (request, response) => {
    const body = await text(request);
    response.statusCode = 202;
    response.end(JSON.stringify({ method: request.method, url: request.url, body }));
  };
  const response = await fetch(`${dashboard.url}/api/tasks?user_id=ada`, {
    method: 'POST',
    body: '{"description": 1}',
  });
  expect(response.status).toBe(202);
  expect(await response.json()).toEqual({ method: 'POST', url: '/tasks?user_id=ada', body: '{"description": 1}' });
});

it('compresses JSON for those who can read it, and leaves archives as they are', async () => {
  const long = JSON.stringify({ words: 'over and over '.repeat(1_000) });
  const type = (url = '') => (url.endsWith('.zip') ? 'application/zip' : 'application/json; charset=utf-8');
  answer = ({ url }, response) => response.writeHead(200, { 'content-type': type(url) }).end(long);
  const ask = async (path: string, encoding: string) => {
    const { headers, body } = await request(dashboard.url + path, { headers: { 'accept-encoding': encoding } });
    return { encoding: headers['content-encoding'], bytes: (await body.arrayBuffer()).byteLength };
  };
  const compressed = await ask('/api/tasks', 'gzip, deflate, br');
  expect(compressed.encoding).toBe('br');
  expect(compressed.bytes).toBeLessThan(long.length / 10);
  expect((await ask('/api/tasks', 'gzip')).encoding).toBe('gzip');
  expect(await ask('/api/tasks', 'identity')).toEqual({ encoding: undefined, bytes: long.length });
  expect(await ask('/api/archive.zip', 'br')).toEqual({ encoding: undefined, bytes: long.length });
  expect(await (await fetch(`${dashboard.url}/api/tasks`)).json()).toEqual(JSON.parse(long));
});

it('passes server-sent events on as they happen, and hangs up upstream when the client goes', async () => {
  const hungUp = vi.fn();
  const streams: ServerResponse[] = [];
  answer = (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('data: 1\n\n');
    response.on('close', hungUp);
    streams.push(response);
  };
  const leaving = new AbortController();
  const response = await fetch(`${dashboard.url}/api/events`, {
    headers: { 'accept-encoding': 'br, gzip' },
    signal: leaving.signal,
  });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  expect((await reader?.read())?.value).toBe('data: 1\n\n');
  streams[0]?.write('data: 2\n\n');
  expect((await reader?.read())?.value).toBe('data: 2\n\n');
  leaving.abort();
  await vi.waitFor(() => expect(hungUp).toHaveBeenCalled());
});

it('says that the orchestrator is away, in words and as 502', async () => {
  const alone = await start('http://127.0.0.1:1');
  const response = await fetch(`${alone.url}/api/tasks`);
  await alone.stop();
  expect(response.status).toBe(502);
  expect(await response.json()).toMatchObject({
    code: 'orchestrator_away',
    detail: expect.stringContaining('is it running'),
  });
});

it('shows its answers and its process at /metrics, to whom it answers at all', async () => {
  await fetch(`${dashboard.url}/api/tasks`);
  // An answer is counted once it is out, which its reader may be told a moment before.
  await vi.waitFor(async () => {
    const response = await fetch(`${dashboard.url}/metrics`);
    expect(response.headers.get('content-type')).toContain('text/plain');
    const body = await response.text();
    expect(body).toMatch(
      /^muster_http_request_duration_seconds_count\{method="GET",route="[^"]*api[^"]*",status="200"\} 1$/m,
    );
    expect(body).toMatch(/^process_resident_memory_bytes /m);
  });
  const foreign = await request(`${dashboard.url}/metrics`, { headers: { host: 'evil.example' } });
  expect(foreign.statusCode).toBe(403);
});

it('says what to do when the web app is not built', async () => {
  await rm(folder, { recursive: true });
  const bare = await start('http://127.0.0.1:1');
  const response = await fetch(bare.url);
  await bare.stop();
  expect(response.status).toBe(503);
  expect(await response.json()).toMatchObject({ detail: expect.stringContaining('npm run build') });
});

async function text(message: IncomingMessage): Promise<string> {
  let whole = '';
  for await (const chunk of message) whole += String(chunk);
  return whole;
}

import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { callTool } from './call-tool.ts';
import { httpRequest, parseUrl, request } from './http-request.ts';
import type { ToolContext } from './ports.ts';

const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function call(input: object, httpAllow: string[] = ['127.0.0.1']) {
  const context = { httpAllow, signal: new AbortController().signal } as unknown as ToolContext;
  const { content, isError } = await callTool(httpRequest, context, input);
  const text = content[0]?.type === 'text' ? content[0].text : '';
  return isError ? { error: text } : JSON.parse(text);
}

describe('an address', () => {
  it.each([
    'http://127.0.0.1/',
    'http://localhost/',
    'http://LOCALHOST/',
    'http://169.254.169.254/latest/meta-data/',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[::ffff:7f00:1]/',
    'http://[64:ff9b::7f00:1]/',
    'http://[2002:7f00:1::]/',
    'http://2130706433/',
    'http://0x7f000001/',
    'http://0177.0.0.1/',
    'http://127.1/',
    'http://127.0.0.1./',
    'http://0/',
    'http://[::]/',
    'http://10.0.0.1/',
    'http://192.168.1.1:8080/',
    'http://100.64.0.1/',
    'http://①②⑦.0.0.1/',
  ])('%s is refused', async (url) => {
    const { error } = await call({ url }, []);
    expect(error).toMatch(/^url: .* is not a public address; choose a public one/);
  });

  it('with a dot behind its name reaches nothing either', async () => {
    // Some systems resolve it to loopback, others not at all.
    expect((await call({ url: 'http://localhost./' }, [])).error).toMatch(
      /is not a public address|could not be fetched/,
    );
  });

  it('is refused before anything is sent to it', async () => {
    let asked = 0;
    const host = await serve((_, response) => {
      asked += 1;
      response.end();
    });
    const port = host.split(':')[1];
    await call({ url: `http://${host}/` }, []);
    await call({ url: `http://localhost:${port}/` }, ['127.0.0.1:1']);
    expect(asked).toBe(0);
    expect(await call({ url: `http://localhost:${port}/` }, [`localhost:${port}`])).toMatchObject({ status: 200 });
    expect(await call({ url: `http://localhost:${port}/` }, ['127.0.0.0/8', '::1/128'])).toMatchObject({ status: 200 });
  });

  it.each([
    ['file:///etc/passwd', /"file:" is not a protocol of this tool; use http: or https:/],
    ['ftp://example.com', /"ftp:"/],
    ['data:text/plain,x', /"data:"/],
    ['http://user:secret@example.com', /user name or password in it is refused/],
    ['/relative', /"\/relative" is not a URL/],
    ['http://', /not a URL/],
    ['http://127.0.0.1:99999', /not a URL/],
  ])('%s is refused', async (url, reason) => {
    expect((await call({ url })).error).toMatch(reason);
  });

  it('may be relative only to another one', () => {
    expect(parseUrl('/b', new URL('http://x/a')).href).toBe('http://x/b');
  });
});

describe('a redirect', () => {
  it('to an address that is not allowed is refused, by number and by name', async () => {
    let reached = 0;
    const inner = await serve((_, response) => {
      reached += 1;
      response.end('inner');
    });
    for (const target of [
      `http://${inner}/`,
      `http://localhost:${inner.split(':')[1]}/`,
      'http://169.254.169.254/',
      'http://[::1]/',
    ]) {
      const outer = await serve((_, response) => response.writeHead(302, { location: target }).end());
      expect((await call({ url: `http://${outer}/` }, [outer])).error).toMatch(/is not a public address/);
    }
    expect(reached).toBe(0);
  });

  it('to another protocol or with a password is refused', async () => {
    for (const [location, reason] of [
      ['file:///etc/passwd', /not a protocol/],
      ['http://a:b@example.com/', /password/],
    ] as const) {
      const outer = await serve((_, response) => response.writeHead(301, { location }).end());
      expect((await call({ url: `http://${outer}/` })).error).toMatch(reason);
    }
  });

  it('is followed, relative too, five times at most', async () => {
    const host = await serve(({ url }, response) => {
      const left = Number(url?.slice(1));
      if (left > 0) response.writeHead(302, { location: `/${left - 1}` }).end();
      else response.end('arrived');
    });
    expect(await call({ url: `http://${host}/5` })).toMatchObject({ status: 200, body: 'arrived' });
    expect((await call({ url: `http://${host}/6` })).error).toMatch(/redirects more than 5 times/);
  });

  it('keeps credentials on the same origin and drops them on another', async () => {
    const echo = await serve(({ headers }, response) => response.end(JSON.stringify(headers)));
    const outer = await serve(({ url, headers }, response) => {
      if (url === '/same') response.end(JSON.stringify(headers));
      else response.writeHead(307, { location: url === '/here' ? '/same' : `http://${echo}/` }).end();
    });
    const headers = { Authorization: 'Bearer x', cookie: 'a=b', 'x-api-key': 'k', accept: 'text/x' };
    const here = JSON.parse((await call({ url: `http://${outer}/here`, headers })).body);
    const there = JSON.parse((await call({ url: `http://${outer}/there`, headers })).body);
    expect(here).toMatchObject({ authorization: 'Bearer x', cookie: 'a=b', 'x-api-key': 'k', accept: 'text/x' });
    expect(there).toMatchObject({ accept: 'text/x' });
    expect(there).not.toHaveProperty('authorization');
    expect(there).not.toHaveProperty('cookie');
    expect(there).not.toHaveProperty('x-api-key');
  });

  it.each([
    [303, 'PUT', 'GET', ''],
    [302, 'POST', 'GET', ''],
    [307, 'POST', 'POST', 'data'],
    [308, 'PUT', 'PUT', 'data'],
    [301, 'PUT', 'PUT', 'data'],
  ])('with status %i turns %s into %s', async (...row) => {
    const [status, method, expected, body] = row;
    const host = await serve(async (incoming, response) => {
      if (incoming.url === '/') return void response.writeHead(status, { location: '/next' }).end();
      const sent = (await incoming.toArray()).join('');
      response.end(`${incoming.method} ${sent} ${incoming.headers['content-type'] ?? ''}`);
    });
    const answer = await call({ url: `http://${host}/`, method, body: 'data', headers: { 'content-type': 'text/x' } });
    expect(answer.body).toBe(`${expected} ${body} ${body && 'text/x'}`);
  });

  it('without a location is the answer', async () => {
    const host = await serve((_, response) => response.writeHead(302).end('nowhere'));
    expect(await call({ url: `http://${host}/` })).toMatchObject({ status: 302, body: 'nowhere' });
  });
});

describe('a request', () => {
  it.each(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'])('may be %s', async (method) => {
    const host = await serve((incoming, response) => response.setHeader('x-method', incoming.method ?? '').end());
    expect(await call({ url: `http://${host}/`, method })).toMatchObject({
      status: 200,
      headers: { 'x-method': method },
      body: '',
    });
  });

  it('sends headers and body', async () => {
    const host = await serve(async (incoming, response) => {
      response.end(`${incoming.headers['x-a']} ${(await incoming.toArray()).join('')}`);
    });
    expect(
      await call({ url: `http://${host}/`, method: 'POST', headers: { 'x-a': '1' }, body: '{"é":1}' }),
    ).toMatchObject({ body: '1 {"é":1}' });
  });

  it.each([
    [{ method: 'TRACE' }, /^method: .*"TRACE"/],
    [{ method: 'CONNECT' }, /^method: /],
    [{ headers: { Host: 'internal' } }, /^headers: "Host" is set by the connection itself/],
    [{ headers: { 'Proxy-Authorization': 'x' } }, /^headers: /],
    [{ headers: { 'Transfer-Encoding': 'chunked' } }, /^headers: /],
    [{ headers: { 'bad name': 'x' } }, /could not be fetched: .*bad name/],
    [{ headers: { a: 'x\r\nb: c' } }, /could not be fetched/],
    [{ body: 'x' }, /^body: a GET request has none/],
  ])('is refused with %j', async (extra, reason) => {
    const host = await serve((_, response) => response.end());
    expect((await call({ url: `http://${host}/`, ...extra })).error).toMatch(reason);
  });
});

describe('an answer', () => {
  const get = async (listener: RequestListener, input = {}) =>
    call({ url: `http://${await serve(listener)}/`, ...input });

  it('with an error status is an answer', async () => {
    expect(await get((_, response) => response.writeHead(404).end('no'))).toMatchObject({
      status: 404,
      body: 'no',
      truncated: false,
    });
  });

  it('is decoded by its charset and decompressed', async () => {
    const latin = Buffer.from('caf\xe9', 'latin1');
    expect(
      await get((_, response) => response.setHeader('content-type', 'text/plain; charset=iso-8859-1').end(latin)),
    ).toMatchObject({ body: 'café' });
    expect(
      await get((_, response) => response.setHeader('content-type', 'text/plain; charset=made-up').end('é')),
    ).toMatchObject({ body: 'é' });
    expect(await get((_, response) => response.end('plain é'))).toMatchObject({ body: 'plain é' });
    expect(
      await get((_, response) =>
        response
          .writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
          .end(gzipSync('{"a":1}')),
      ),
    ).toMatchObject({ body: '{"a":1}' });
  });

  it('without an end is cut at the size limit, compressed or not', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000, 65));
    expect(await get((_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb))).toMatchObject(
      { truncated: true },
    );
    const endless = await get((_, response) => {
      const pour = () => {
        while (!response.destroyed && response.write('x'.repeat(10_000)));
      };
      response.on('drain', pour);
      pour();
    });
    expect(endless).toMatchObject({ status: 200, truncated: true });
  });
});

describe('a failure', () => {
  const limits = { timeMs: 200, maxBytes: 1000, allow: ['127.0.0.1'], signal: new AbortController().signal };
  const get = (host: string, changes = {}) =>
    request(
      { url: new URL(`http://${host}/`), method: 'GET', headers: {}, body: undefined },
      { ...limits, ...changes },
    );

  it('to connect is told with its reason', async () => {
    const host = await serve(() => {});
    servers.pop()?.close();
    expect((await call({ url: `http://${host}/` })).error).toMatch(
      /could not be fetched: .*ECONNREFUSED.*; check the address/,
    );
    expect((await call({ url: 'http://name.invalid/' })).error).toMatch(
      /could not be fetched: .*(ENOTFOUND|EAI_AGAIN)/,
    );
  });

  it('to answer in time is told, before and within the body', async () => {
    const silent = await serve(() => {});
    const slow = await serve(
      (_, response) => void response.writeHead(200, { 'content-type': 'text/plain' }).write('x'),
    );
    await expect(get(silent)).rejects.toThrow(/gave no whole answer within 200 ms/);
    await expect(get(slow)).rejects.toThrow(/gave no whole answer within 200 ms/);
  });

  it('because the attempt is over carries its reason', async () => {
    const abort = new AbortController();
    const host = await serve(() => abort.abort(new Error('over')));
    await expect(get(host, { timeMs: 60_000, signal: abort.signal })).rejects.toThrow('over');
  });
});

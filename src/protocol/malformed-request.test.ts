// What is no request is answered all the same, in the form of every other error.
import { once } from 'node:events';
import { connect } from 'node:net';
import { fastify } from 'fastify';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { answerMalformed } from './malformed-request.ts';

const app = fastify({
  clientErrorHandler: answerMalformed,
  requestTimeout: 500,
  http: { connectionsCheckingInterval: 50, headersTimeout: 500 },
});
let port: number;
beforeAll(async () => {
  app.post('/', () => 'read');
  port = Number(new URL(await app.listen({ host: '127.0.0.1', port: 0 })).port);
});
afterAll(() => app.close());

/** Everything that comes back until the service closes the connection. */
async function sent(bytes: string): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1' });
  let answer = '';
  socket.on('data', (chunk) => {
    answer += String(chunk);
  });
  socket.write(bytes, 'latin1');
  await once(socket, 'close');
  return answer;
}

const HEAD = 'POST / HTTP/1.1\r\nHost: a\r\n';

interface Case {
  what: string;
  bytes: string;
  answer: [status: number, code: string];
}

const CASES: Case[] = [
  { what: 'no HTTP', bytes: 'nonsense\r\n\r\n', answer: [400, 'invalid_request'] },
  {
    what: 'an address that is not encoded',
    bytes: 'GET /\xff\xfe HTTP/1.1\r\nHost: a\r\n\r\n',
    answer: [400, 'invalid_request'],
  },
  {
    what: 'a method that does not exist',
    bytes: 'FETCH / HTTP/1.1\r\nHost: a\r\n\r\n',
    answer: [400, 'invalid_request'],
  },
  {
    what: 'two lengths',
    bytes: `${HEAD}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab`,
    answer: [400, 'invalid_request'],
  },
  {
    what: 'headers over the limit',
    bytes: `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
    answer: [431, 'headers_too_large'],
  },
  { what: 'headers that never end', bytes: HEAD, answer: [408, 'request_timeout'] },
];

it.each(CASES)('answers $what with an error of the catalogue, and closes the connection', async ({ bytes, answer }) => {
  const [head = '', body = ''] = (await sent(bytes)).split('\r\n\r\n');
  expect(head).toMatch(new RegExp(`^HTTP/1.1 ${answer[0]} `));
  expect(head).toContain('content-type: application/json; charset=utf-8');
  expect(JSON.parse(body)).toEqual({ detail: expect.stringMatching(/.{20}/), code: answer[1] });
});

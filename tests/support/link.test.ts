// The links that faults cut: each state does to connections what it says.
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Link } from './link.ts';

let echo: Server;
let link: Link;
let heard: string;
const clients: Socket[] = [];

beforeEach(async () => {
  heard = '';
  echo = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      heard += bytes;
      socket.write(bytes);
    });
  }).listen(0, '127.0.0.1');
  await once(echo, 'listening');
  const address = echo.address();
  link = await Link.open('a link', typeof address === 'object' && address ? address.port : 0);
});

afterEach(() => {
  for (const client of clients.splice(0)) client.destroy();
  link.close();
  echo.close();
});

function dial(port = link.port) {
  const client = connect({ host: '127.0.0.1', port });
  clients.push(client);
  const talk = { client, answers: '', reset: false };
  client.on('data', (bytes) => (talk.answers += bytes));
  client.on('error', () => (talk.reset = true));
  return talk;
}

it('carries bytes both ways', async () => {
  const talk = dial();
  talk.client.write('hello');
  await vi.waitFor(() => expect(talk.answers).toBe('hello'));
});

it('resets open and new connections while it is cut, and carries new ones afterwards', async () => {
  const before = dial();
  before.client.write('hello');
  await vi.waitFor(() => expect(before.answers).toBe('hello'));
  link.set('cut');
  const during = dial();
  await vi.waitFor(() => expect([before.reset, during.reset]).toEqual([true, true]));
  link.set('up');
  const after = dial();
  after.client.write('again');
  await vi.waitFor(() => expect(after.answers).toBe('again'));
});

it('keeps what is sent while it is stalled, and delivers it when it is up again', async () => {
  const talk = dial();
  talk.client.write('one ');
  await vi.waitFor(() => expect(talk.answers).toBe('one '));
  link.set('stalled');
  const other = dial();
  await new Promise((sent) => talk.client.write('three ', sent));
  await new Promise((sent) => other.client.write('four', sent));
  // What goes around the link comes through, so what goes over it had its time.
  const around = dial(link.targetPort);
  around.client.write('two ');
  await vi.waitFor(() => expect(around.answers).toBe('two '));
  expect(heard).toBe('one two ');
  link.set('up');
  await vi.waitFor(() => expect([talk.answers, other.answers]).toEqual(['one three ', 'four']));
});

it('lets requests through and holds the answers back while it is deaf', async () => {
  const talk = dial();
  link.set('deaf');
  talk.client.write('hello');
  await vi.waitFor(() => expect(heard).toBe('hello'));
  expect(talk.answers).toBe('');
  link.set('up');
  await vi.waitFor(() => expect(talk.answers).toBe('hello'));
});

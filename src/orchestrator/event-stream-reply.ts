// What every answer with server-sent events has in common: its headers, its place in the document, and the client's leaving.
import type { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';

export const EVENT_STREAM_HEADERS = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache',
  'x-accel-buffering': 'no',
};

export const eventStreamResponse = {
  description: 'A stream of events.',
  content: { 'text/event-stream': { schema: z.custom<Readable>().meta({ type: 'string' }) } },
};

/** Aborts when the client goes. */
export function goneSignal(reply: { raw: FastifyReply['raw'] }): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  return gone.signal;
}

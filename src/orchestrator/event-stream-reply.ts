// What every answer with server-sent events has in common: its headers, its place in the document, and the client's leaving.
import type { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { AppError } from '../domain/errors.ts';
import type { Caller } from './caller.ts';
import { linkedAbort } from './linked-abort.ts';

export const EVENT_STREAM_HEADERS = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache',
  'x-accel-buffering': 'no',
};

export const eventStreamResponse = {
  description: 'A stream of events.',
  content: { 'text/event-stream': { schema: z.custom<Readable>().meta({ type: 'string' }) } },
};

/** Aborts when the client goes, or when its key is revoked. */
export function goneSignal(reply: { raw: FastifyReply['raw'] }, { revoked }: Pick<Caller, 'revoked'>): AbortSignal {
  const gone = linkedAbort(revoked);
  reply.raw.once('close', () => {
    gone.release();
    gone.abort();
  });
  return gone.signal;
}

interface GivenStart {
  /** The header that a reconnecting client sends; it wins. */
  header: string | string[] | undefined;
  /** The parameter of the same meaning. */
  parameter: { name: string; value: string | undefined };
  max: number;
}

/** The id after which a stream begins, or null when neither says so. Throws invalid_request. */
export function readEventId({ header, parameter, max }: GivenStart): number | null {
  const [field, given] = header === undefined ? [parameter.name, parameter.value] : ['Last-Event-ID', String(header)];
  if (given === undefined) return null;
  if (/^\d+$/.test(given) && Number(given) <= max) return Number(given);
  const message = `${field} ${JSON.stringify(given)} is no event id: send the id of the last event received, or leave it out`;
  throw new AppError('invalid_request', message, { field });
}

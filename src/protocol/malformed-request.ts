// What a service answers to bytes that are no request, or too slow or too large to become one. Node's parser finds them
// before there is a request that a route or an error handler could see.
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { AppError } from '../domain/errors.ts';

/** For Fastify's `clientErrorHandler`. The connection is closed: where the next request would begin is unknown. */
export function answerMalformed(error: Error & { code?: string }, socket: Socket): void {
  if (error.code !== 'ECONNRESET' && socket.writable) socket.write(answerTo(error.code));
  socket.destroy();
}

function answerTo(parserCode: string | undefined): string {
  const { status, code, message } = problemOf(parserCode);
  const body = JSON.stringify({ detail: message, code });
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
    '',
    body,
  ].join('\r\n');
}

function problemOf(parserCode: string | undefined): AppError {
  if (parserCode === 'HPE_HEADER_OVERFLOW')
    return new AppError('headers_too_large', 'the address and the headers are over 16 KB: send long values in a body');
  if (parserCode === 'ERR_HTTP_REQUEST_TIMEOUT')
    return new AppError('request_timeout', 'the request did not arrive whole in time: send it again');
  return new AppError('invalid_request', 'this is no HTTP request: encode the address, and send valid headers');
}

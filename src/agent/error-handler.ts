// Every error of the agent's service leaves as {detail, code, field?}: those that were thrown for the caller as they are, those
// of Fastify by their status, anything else as `internal` without its message.
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { AppError, type ErrorCode } from '../domain/errors.ts';

const CODE_BY_STATUS: Record<number, ErrorCode> = {
  400: 'invalid_request',
  413: 'too_large',
  415: 'unsupported_media_type',
};

export function sendError(error: FastifyError | Error, request: FastifyRequest, reply: FastifyReply): void {
  send(reply, error instanceof AppError ? error : translate(error, request));
}

export function sendNotFound(request: FastifyRequest, reply: FastifyReply): void {
  const path = request.url.split('?')[0];
  send(reply, new AppError('not_found', `There is no route ${request.method} ${path}: see /openapi.json.`));
}

function send(reply: FastifyReply, { status, message, code, field }: AppError): void {
  void reply.code(status).send({ detail: message, code, ...(field && { field }) });
}

function translate(error: FastifyError | Error, request: FastifyRequest): AppError {
  if (hasZodFastifySchemaValidationErrors(error)) {
    const first = error.validation[0];
    const field = first?.instancePath.split('/').filter(Boolean).join('.') || 'body';
    return new AppError('invalid_request', `${field}: ${first?.message ?? 'is not valid'}`, { field });
  }
  const code = CODE_BY_STATUS['statusCode' in error ? (error.statusCode ?? 500) : 500];
  if (code) return new AppError(code, error.message);
  request.log.error({ err: error }, 'A request failed');
  return new AppError('internal', `Something broke inside; the log has the details under request ${request.id}.`);
}

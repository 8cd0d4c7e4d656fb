// Every error that leaves the service: `{detail, code, field?}` with the status of the catalogue. What nobody foresaw
// becomes `internal`; its details go to the log under the request's id, and to nobody else.
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { CAPABILITIES } from '../domain/capability.ts';
import { AppError, type ErrorCode } from '../domain/errors.ts';
import { namesIn } from '../log.ts';
import type { Redact } from '../redact.ts';

/** What cannot be done just now is worth another try after this long. */
const RETRY_AFTER_SECONDS = 1;

export type HandleError = (error: unknown, request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>;

export function createErrorHandler(bodyLimitBytes: number, redact: Redact): HandleError {
  return async (error, request, reply) => {
    const problem = toAppError(error, request, bodyLimitBytes);
    if (problem.status >= 500) request.log.error({ ...namesIn(request.params), err: error }, problem.message);
    const field = problem.field === undefined ? {} : { field: problem.field };
    addAdvice(reply, problem);
    // The type set for a success, such as an event stream's, must not stay on the error.
    return reply
      .status(problem.status)
      .type('application/json; charset=utf-8')
      .serializer(JSON.stringify)
      .send({ detail: redact(problem.message), code: problem.code, ...field });
  };
}

/** When to try again, and how to say who asks. */
function addAdvice(reply: FastifyReply, { status, retryAfter }: AppError): void {
  const seconds = retryAfter ?? (status === 503 ? RETRY_AFTER_SECONDS : undefined);
  if (seconds !== undefined) reply.header('retry-after', seconds);
  if (status === 401) reply.header('www-authenticate', 'Bearer');
}

export async function refuseUnknownRoute(request: FastifyRequest): Promise<never> {
  throw new AppError('not_found', `there is no ${request.method} ${request.url.split('?')[0]}: see /openapi.json`);
}

/** What an error of a request is to its caller; one that nobody foresaw is `internal`. */
export function toAppError(error: unknown, request: FastifyRequest, bodyLimitBytes: number): AppError {
  if (error instanceof AppError) return error;
  if (hasZodFastifySchemaValidationErrors(error)) return fromValidation(error, request);
  return fromDatabase(error) ?? fromFramework(error, request, bodyLimitBytes) ?? internal(error, request);
}

type ValidationError = FastifyError & { validation: { instancePath: string; message?: string; params: unknown }[] };

function fromValidation(error: ValidationError, request: FastifyRequest): AppError {
  const issue = error.validation[0];
  const [unknown] = unknownKeys(issue?.params);
  const path = (issue?.instancePath ?? '').slice(1).replaceAll('/', '.');
  const field = unknown === undefined ? path : [path, unknown].filter(Boolean).join('.');
  const given = error.validationContext === 'querystring' ? valueAt(request.query, field) : undefined;
  if (isCapabilityIssue(issue?.params)) {
    const detail = `${field} ${show(given)} is no capability: use one of ${CAPABILITIES.join(', ')}`;
    return new AppError('unknown_capability', detail, { field });
  }
  const subject = `${field || 'the body'}${given === undefined ? '' : ` ${show(given)}`}`;
  const detail = `${subject}: ${issue?.message ?? 'is not allowed'}`;
  return new AppError('invalid_request', detail, field === '' ? {} : { field });
}

/** Fields that a strict schema does not know. */
function unknownKeys(params: unknown): string[] {
  const keys = valueAt(params, 'keys');
  return Array.isArray(keys) ? keys.map((key) => String(key).slice(0, 100)) : [];
}

/** Zod lists the words it would have accepted. */
function isCapabilityIssue(params: unknown): boolean {
  const accepted = valueAt(params, 'values');
  return Array.isArray(accepted) && CAPABILITIES.every((capability) => accepted.includes(capability));
}

function valueAt(container: unknown, name: string): unknown {
  return typeof container === 'object' && container !== null ? Reflect.get(container, name) : undefined;
}

function show(value: unknown): string {
  return JSON.stringify(value)?.slice(0, 100) ?? 'nothing';
}

/** SQLSTATE classes: a value that the request's schema let through, or a database that is away, full or stopping. */
const DATA_EXCEPTION = /^22[0-9A-Z]{3}$/;
const DATABASE_AWAY = /^(08[0-9A-Z]{3}|53[0-9A-Z]{3}|57[0-9A-Z]{3}|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EPIPE)$/;

function fromDatabase(error: unknown): AppError | null {
  const code = String(valueAt(error, 'code'));
  if (DATA_EXCEPTION.test(code)) {
    const detail = 'a value of the request is out of the range that can be stored, such as a date before year 1';
    return new AppError('invalid_request', detail, { cause: error });
  }
  if (!DATABASE_AWAY.test(code) && !isPoolExhausted(error)) return null;
  return new AppError('unavailable', 'the database does not answer now: try again shortly', { cause: error });
}

/** The pool has no code for it: all connections stayed in use for as long as one is waited for. */
function isPoolExhausted(error: unknown): boolean {
  return error instanceof Error && error.message === 'timeout exceeded when trying to connect';
}

const CODES: Readonly<Record<number, ErrorCode>> = { 413: 'too_large', 415: 'unsupported_media_type' };

/** Its own words repeat the whole address. */
const ADDRESSES: Readonly<Record<string, string>> = {
  FST_ERR_BAD_URL: 'the address is not well encoded: each % must begin a byte of UTF-8, such as %C3%A4',
  FST_ERR_MAX_PARAM_LENGTH:
    'a part of the address is too long to be the name of anything: 2,000 characters are allowed',
};

/** Fastify and its plugins carry an HTTP status; theirs outside the catalogue are all a bad request. */
function fromFramework(error: unknown, request: FastifyRequest, bodyLimitBytes: number): AppError | null {
  const status = Number(valueAt(error, 'statusCode'));
  if (!(error instanceof Error) || !(status >= 400 && status < 500)) return null;
  const code = CODES[status] ?? 'invalid_request';
  const mend = mends(request, bodyLimitBytes)[code] ?? ADDRESSES[String(valueAt(error, 'code'))];
  return new AppError(code, mend ?? error.message, { cause: error });
}

function mends(request: FastifyRequest, bodyLimitBytes: number): Partial<Record<ErrorCode, string>> {
  return {
    too_large: `the body is over the limit of ${bodyLimitBytes} bytes: send less, or raise BODY_LIMIT_BYTES`,
    unsupported_media_type: `content-type ${show(request.headers['content-type'])} is not understood: send application/json or multipart/form-data`,
  };
}

function internal(error: unknown, request: FastifyRequest): AppError {
  const detail = `something broke inside; the service's log says what, under request id ${request.id}`;
  return new AppError('internal', detail, { cause: error });
}

// The Messages API's error body and the one error this service throws. Whatever else Fastify throws becomes one too.
import type { FastifyError } from 'fastify';
import type { z } from 'zod';

const TYPE_BY_STATUS: Record<number, string> = {
  404: 'not_found_error',
  413: 'request_too_large',
  529: 'overloaded_error',
};

export class ApiError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export function errorBody(status: number, message: string): object {
  const type = TYPE_BY_STATUS[status] ?? (status < 500 ? 'invalid_request_error' : 'api_error');
  return { type: 'error', error: { type, message } };
}

/** Anything that is not a known refusal of the request is an `api_error` 500. */
export function statusOf(error: ApiError | FastifyError): number {
  if (error instanceof ApiError) return error.status;
  const status = error.statusCode ?? 500;
  return status === 415 ? 400 : status;
}

/** The parsed body, or a 400 that names the first field at fault. */
export function parseBody<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new ApiError(400, `${issue?.path.join('.') || 'body'}: ${issue?.message ?? 'invalid'}`);
}

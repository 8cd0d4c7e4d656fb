import { describe, expect, expectTypeOf, it } from 'vitest';
import { AppError, ERRORS, type ErrorCode, FAILURE_CODES, type FailureCode, isRetryable } from './errors.ts';

const codes = Object.keys(ERRORS) as ErrorCode[];

describe('the error catalogue', () => {
  it.each(codes)('%s has a snake_case code, an HTTP error status or none, and a sentence of meaning', (code) => {
    const { status, meaning } = ERRORS[code];
    expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/);
    if (status !== null)
      expect([400, 401, 403, 404, 405, 408, 409, 413, 415, 429, 431, 500, 502, 503]).toContain(status);
    expect(meaning).toMatch(/^[A-Z].{10,}\.$/);
  });

  it('never calls a client error retryable, but those of asking too slowly or too often, and always calls a server error so', () => {
    for (const code of codes) {
      const { status, retryable } = ERRORS[code];
      if (status !== null) expect([code, retryable]).toEqual([code, status >= 500 || status === 408 || status === 429]);
    }
  });

  it('splits into what crosses HTTP and what stands in a failed attempt', () => {
    expect(FAILURE_CODES).toEqual(codes.filter((code) => ERRORS[code].status === null));
    expectTypeOf<Extract<FailureCode, 'internal' | 'not_found'>>().toEqualTypeOf<never>();
    expectTypeOf<'timeout'>().toExtend<FailureCode>();
  });

  it('tries again what another run can mend, and nothing else', () => {
    expect(FAILURE_CODES.filter(isRetryable)).toEqual(['agent_lost', 'timeout', 'model_overloaded', 'crashed']);
  });
});

describe('AppError', () => {
  it('carries code, message, field, cause and the status of its code', () => {
    const cause = new Error('why');
    const error = new AppError('invalid_plan', 'subtasks is empty', { field: 'plan.subtasks', cause });
    expect(error).toBeInstanceOf(Error);
    expect({ ...error, name: error.name, message: error.message, status: error.status, cause: error.cause }).toEqual({
      name: 'AppError',
      code: 'invalid_plan',
      message: 'subtasks is empty',
      field: 'plan.subtasks',
      status: 400,
      cause,
    });
  });

  it('needs neither field nor cause', () => {
    const error = new AppError('not_found', 'no task task_x');
    expect([error.field, error.cause, error.status]).toEqual([undefined, undefined, 404]);
  });

  it('is an internal error when a failure of an attempt reaches HTTP after all', () => {
    expect(new AppError('timeout', 'the attempt passed its deadline').status).toBe(500);
  });
});

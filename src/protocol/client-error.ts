// What a failed call of the client throws. The codes of the services stand in domain/errors.ts; the two added here arise
// on the caller's side of the wire.

export type ClientErrorCode = 'unreachable' | 'invalid_response' | (string & {});

/**
 * `status` is the HTTP status, null when there was no answer. `code` is the service's code, or `unreachable` (no
 * connection) or `invalid_response` (an answer that is not Muster's). `field` names the offending field, if one is to blame.
 */
export class ClientError extends Error {
  readonly status: number | null;
  readonly code: ClientErrorCode;
  readonly detail: string;
  readonly field: string | undefined;
  /** Under which the service's log has more. */
  readonly requestId: string | undefined;

  constructor(problem: {
    status: number | null;
    code: ClientErrorCode;
    detail: string;
    field?: string | undefined;
    requestId?: string | undefined;
    cause?: unknown;
  }) {
    super(problem.detail, { cause: problem.cause });
    this.name = 'ClientError';
    this.status = problem.status;
    this.code = problem.code;
    this.detail = problem.detail;
    this.field = problem.field;
    this.requestId = problem.requestId;
  }

  /** True when the same call may succeed a little later: nobody answered, or the service is starting, stopping or busy. */
  get transient(): boolean {
    return this.code === 'unreachable' || this.status === 429 || (this.status !== null && this.status >= 500);
  }
}

// The one catalogue of errors: what each code means, its HTTP status, and whether trying again can help.
// docs/errors.md is tested against it. Codes with status null never cross HTTP: they stand in a failed attempt.

export interface ErrorEntry {
  readonly status: number | null;
  /** An attempt that failed so is tried again; a request that failed so may be repeated unchanged. */
  readonly retryable: boolean;
  readonly meaning: string;
}

const entry = <Status extends number | null>(status: Status, retryable: boolean, meaning: string) => ({
  status,
  retryable,
  meaning,
});

export const ERRORS = {
  invalid_request: entry(
    400,
    false,
    'A parameter, header or field of the request is missing or has a value that is not allowed.',
  ),
  invalid_plan: entry(400, false, 'The given plan breaks a rule; the message names the subtask and the field.'),
  unknown_capability: entry(400, false, 'No such capability; the message lists the six that exist.'),
  capability_mismatch: entry(400, false, 'The agent was asked to run a subtask for which it lacks a capability.'),
  unauthorized: entry(
    401,
    false,
    'The request shows no API key where one is asked for, or one that is unknown or revoked; on the routes of agents, not the token that orchestrator and agents share (MUSTER_AGENT_TOKEN).',
  ),
  forbidden: entry(
    403,
    false,
    'The role of the API key does not allow this, or it belongs to another user; or the service was asked under a foreign name, or for a change by the page of another site.',
  ),
  not_found: entry(404, false, 'No task, file or route has this name.'),
  method_not_allowed: entry(405, false, 'The address exists, but not for this method; `Allow` says for which.'),
  wrong_state: entry(
    409,
    false,
    'The task is in a state in which this cannot be done, such as cancelling a completed one.',
  ),
  request_timeout: entry(408, true, 'The request did not arrive whole within a minute.'),
  idempotency_conflict: entry(409, false, 'The Idempotency-Key was used before with another request.'),
  too_large: entry(413, false, 'The body or an attached file is over its limit.'),
  unsupported_media_type: entry(415, false, 'The body is neither JSON nor multipart/form-data.'),
  headers_too_large: entry(431, false, 'Address and headers are over 16 KB together.'),
  rate_limited: entry(
    429,
    true,
    'The API key, or the address without one, asked more often than RATE_LIMIT allows; `Retry-After` says when to go on.',
  ),
  internal: entry(500, true, 'Something broke inside; the log has the details under the request id.'),
  planning_failed: entry(
    500,
    true,
    'No plan could be made in time, or the single-subtask fallback could not be stored.',
  ),
  orchestrator_away: entry(502, true, 'The dashboard cannot reach the orchestrator.'),
  busy: entry(503, true, 'The agent has no free slot, or is shutting down.'),
  unavailable: entry(
    503,
    true,
    'The service is starting or stopping, its database does not answer or keep up, or too many tasks wait to be planned.',
  ),
  agent_lost: entry(null, true, 'The agent stopped reporting, or restarted and no longer holds the attempt.'),
  timeout: entry(null, true, 'The attempt passed its deadline and was stopped.'),
  model_overloaded: entry(null, true, 'The model answered 429, 5xx or overloaded.'),
  crashed: entry(null, true, 'The agent session ended without a result.'),
  unsuccessful: entry(null, false, 'The agent worked to the end and reported that the subtask cannot be done.'),
  max_turns: entry(
    null,
    false,
    'The turns are used up: those of the task, or all that one attempt may have. A mere share is followed by a larger one.',
  ),
  budget_exceeded: entry(
    null,
    false,
    'The money the task was allowed is spent. An attempt that used up a mere share is followed by one with a larger share.',
  ),
  model_refused: entry(null, false, 'The model declined to do the subtask.'),
  model_rejected: entry(null, false, 'The model service rejected the request or the credentials (4xx).'),
  cancelled: entry(null, false, 'The task was cancelled while the attempt ran.'),
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof ERRORS;

/** Every code that can stand in a failed attempt. */
export type FailureCode = {
  [Code in ErrorCode]: (typeof ERRORS)[Code]['status'] extends null ? Code : never;
}[ErrorCode];

export const FAILURE_CODES = (Object.keys(ERRORS) as ErrorCode[]).filter(
  (code): code is FailureCode => ERRORS[code].status === null,
);

export function isRetryable(code: ErrorCode): boolean {
  return ERRORS[code].retryable;
}

/**
 * An error a caller is meant to read: `message` names the value, the field and the mend; `field` is the path of the
 * offending field, such as `plan.subtasks[1].dependencies`.
 */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly field: string | undefined;
  /** Seconds after which the same request may be repeated. */
  readonly retryAfter: number | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options: { field?: string; cause?: unknown; retryAfter?: number } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.field = options.field;
    this.retryAfter = options.retryAfter;
  }

  get status(): number {
    return ERRORS[this.code].status ?? 500;
  }
}

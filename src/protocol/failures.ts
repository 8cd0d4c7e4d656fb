// The error answers of an operation as its schema states them, from the one catalogue of errors.
import { ERRORS, type ErrorCode } from '../domain/errors.ts';
import { errorResponse } from './agent-api.ts';

/** Codes of the same status share one entry. `internal` can always happen. */
export function failures(...codes: ErrorCode[]): Record<number, typeof errorResponse> {
  const meanings = new Map<number, string[]>();
  for (const code of new Set([...codes, 'internal'] as const)) {
    const { status, meaning } = ERRORS[code];
    if (status !== null) meanings.set(status, [...(meanings.get(status) ?? []), `${code}: ${meaning}`]);
  }
  return Object.fromEntries([...meanings].map(([status, lines]) => [status, errorResponse.describe(lines.join(' '))]));
}

/** What comes of the request's form alone, at any route: its address and headers, and its body where there may be one. */
export function failuresOfForm(method: string | readonly string[]): Record<number, typeof errorResponse> {
  const hasBody = ![method].flat().every((one) => one === 'GET' || one === 'HEAD');
  return failures(
    'invalid_request',
    'request_timeout',
    'headers_too_large',
    ...(hasBody ? (['too_large', 'unsupported_media_type'] as const) : []),
  );
}

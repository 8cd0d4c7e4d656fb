// Requests to the orchestrator, through the dashboard's own origin. Answers are checked by the schemas of src/protocol;
// what goes wrong becomes an ApiError, and wordsOf says it to a person.
import { z } from 'zod';
import { errorResponse } from '../../../src/protocol/agent-api.ts';

// Zod would try `new Function` for speed, which the content security policy refuses and reports.
z.config({ jitless: true });

export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly field: string | undefined;

  constructor(answer: { status: number; detail: string; code: string; field?: string | undefined }) {
    super(answer.detail);
    this.name = 'ApiError';
    this.status = answer.status;
    this.code = answer.code;
    this.field = answer.field;
  }
}

type Parameters = Readonly<Record<string, string | number | undefined>>;

/** The address of a path of the API; each segment and parameter is encoded. */
export function apiUrl(path: readonly string[], query: Parameters = {}): string {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [[name, String(value)]],
  );
  const search = new URLSearchParams(given).toString();
  return `/api/${path.map(encodeURIComponent).join('/')}${search ? `?${search}` : ''}`;
}

export interface Request<Schema extends z.ZodType> {
  url: string;
  schema: Schema;
  method?: 'GET' | 'POST';
  /** Sent as JSON, unless it is FormData. */
  body?: unknown;
  headers?: Readonly<Record<string, string>>;
  signal?: AbortSignal;
}

export async function request<Schema extends z.ZodType>(request: Request<Schema>): Promise<z.infer<Schema>> {
  const response = await send(request);
  const body = await readJson(response);
  if (!response.ok) throw refusal(response.status, body);
  const parsed = request.schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const detail = `an answer of another version of Muster (${z.prettifyError(parsed.error).split('\n')[0]})`;
  throw new ApiError({ status: response.status, code: 'invalid_response', detail });
}

async function send({ url, method = 'GET', body, headers, signal }: Request<z.ZodType>): Promise<Response> {
  const json = body !== undefined && !(body instanceof FormData);
  try {
    return await fetch(url, {
      method,
      headers: { ...(json && { 'content-type': 'application/json' }), ...headers },
      ...(body !== undefined && { body: json ? JSON.stringify(body) : (body as FormData) }),
      ...(signal && { signal }),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError({ status: 0, code: 'dashboard_away', detail: 'the dashboard does not answer' });
  }
}

async function readJson(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

function refusal(status: number, body: unknown): ApiError {
  const parsed = errorResponse.safeParse(body);
  if (parsed.success) return new ApiError({ status, ...parsed.data });
  return new ApiError({ status, code: 'invalid_response', detail: `an answer ${status} without an explanation` });
}

interface Words {
  title: string;
  mend: string;
}

const KNOWN: Readonly<Record<string, Words>> = {
  dashboard_away: {
    title: 'The dashboard does not answer',
    mend: 'It may have been stopped. Start it again with `muster up`; this page goes on by itself.',
  },
  orchestrator_away: {
    title: 'The orchestrator does not answer',
    mend: 'Nothing is lost: tasks go on when it is back. Start it with `muster up` or `muster orchestrator`.',
  },
  invalid_response: {
    title: 'The answer could not be read',
    mend: 'Dashboard and orchestrator may be of different versions: reload the page after an update.',
  },
};

/** What went wrong and what to do, for a person. */
export function wordsOf(error: unknown): Words {
  if (!(error instanceof ApiError))
    return { title: 'Something broke in this page', mend: `Reload it. (${String(error)})` };
  const known = KNOWN[error.code];
  if (known) return known;
  const detail = sentence(error.message);
  if (error.status === 404) return { title: 'There is no such thing', mend: detail };
  return { title: error.status >= 500 ? 'That did not work' : 'That is not possible', mend: detail };
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;
}

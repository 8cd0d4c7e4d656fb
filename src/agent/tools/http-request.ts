// The http_request tool: one request to the public internet, redirects followed by hand so that each hop is judged anew.
// Which addresses are public is left to address-guard.ts.
import { Agent, fetch, type RequestInit, type Response } from 'undici';
import { z } from 'zod';
import { destinationOf, guardedLookup, refuseLiteral } from './address-guard.ts';
import { readBody } from './http-body.ts';
import { defineTool, quote, ToolFailure } from './tool.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
const LIMITS = { timeMs: 20_000, maxBytes: 1_000_000 };
const MAX_REDIRECTS = 5;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
/** They belong to the connection, or would tell a server another name than the one that was checked. */
const OWN_HEADERS =
  /^(host|connection|content-length|transfer-encoding|upgrade|keep-alive|te|trailer|expect|proxy-.*)$/i;
/** What may follow a redirect to another origin; anything else could be a credential. */
const HARMLESS_HEADERS = /^(accept|accept-language|content-type|user-agent)$/i;

export const httpRequest = defineTool({
  name: 'http_request',
  description:
    'Makes one HTTP or HTTPS request to a public address and returns status, headers and text body. Redirects are followed. 20 s and 1 MB at most; private addresses are refused.',
  input: {
    url: z.string().min(1).max(8000).describe('Absolute, such as https://api.example.com/v1/items?limit=10'),
    method: z.enum(METHODS).default('GET'),
    headers: z.record(z.string(), z.string()).default({}).describe('Such as {"accept": "application/json"}'),
    body: z.string().max(1_000_000).optional().describe('Text to send; set the content-type header too'),
  },
  async run({ httpAllow, signal }, { url, method, headers, body }) {
    return request({ url: parseUrl(url, null), method, headers, body }, { ...LIMITS, allow: httpAllow, signal });
  },
});

interface Hop {
  url: URL;
  method: string;
  headers: Record<string, string>;
  body: string | undefined;
}

export interface RequestLimits {
  timeMs: number;
  maxBytes: number;
  /** What the operator allows besides public addresses. */
  allow: readonly string[];
  signal: AbortSignal;
}

export interface HttpAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
  truncated: boolean;
}

/** Throws ToolFailure for what the model can mend: a refused address, a host that cannot be reached, too little time. */
export async function request(first: Hop, limits: RequestLimits): Promise<HttpAnswer> {
  refuseWrong(first);
  const timeout = AbortSignal.timeout(limits.timeMs);
  const bounded = { ...limits, signal: AbortSignal.any([limits.signal, timeout]) };
  let hop = first;
  try {
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
      const outcome = await send(hop, bounded);
      if (!('next' in outcome)) return outcome;
      hop = outcome.next;
    }
  } catch (error) {
    if (timeout.aborted)
      throw new ToolFailure(
        `url: ${quote(hop.url.href)} gave no whole answer within ${limits.timeMs} ms; ask for less, or another host`,
      );
    limits.signal.throwIfAborted();
    throw readable(error, hop.url);
  }
  throw new ToolFailure(
    `url: ${quote(first.url.href)} redirects more than ${MAX_REDIRECTS} times; ask for the final address`,
  );
}

function refuseWrong({ method, headers, body }: Hop): void {
  const own = Object.keys(headers).find((name) => OWN_HEADERS.test(name));
  if (own) throw new ToolFailure(`headers: ${quote(own)} is set by the connection itself; leave it out`);
  if (body !== undefined && (method === 'GET' || method === 'HEAD')) {
    throw new ToolFailure(`body: a ${method} request has none; leave it out, or use POST`);
  }
}

/** The URL, when it is one that may be asked at all. Addresses are judged later, once they are known. */
export function parseUrl(text: string, base: URL | null): URL {
  if (!URL.canParse(text, base?.href)) {
    throw new ToolFailure(
      `url: ${quote(text)} is not a URL; give an absolute one, such as https://example.com/data.json`,
    );
  }
  const url = new URL(text, base?.href);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new ToolFailure(`url: ${quote(url.protocol)} is not a protocol of this tool; use http: or https:`);
  }
  if (url.username || url.password) {
    throw new ToolFailure('url: a user name or password in it is refused; use an authorization header');
  }
  return url;
}

async function send(hop: Hop, limits: RequestLimits): Promise<HttpAnswer | { next: Hop }> {
  const destination = destinationOf(hop.url);
  refuseLiteral(destination, limits.allow);
  // A connection of its own: a pooled one could have been opened under another judgement.
  const dispatcher = new Agent({ connect: { lookup: guardedLookup(destination, limits.allow) }, pipelining: 0 });
  try {
    const init: RequestInit = {
      method: hop.method,
      headers: hop.headers,
      redirect: 'manual',
      signal: limits.signal,
      dispatcher,
    };
    const response = await fetch(hop.url, { ...init, ...(hop.body !== undefined && { body: hop.body }) });
    const location = REDIRECTS.has(response.status) ? response.headers.get('location') : null;
    if (location !== null) return { next: nextHop(hop, response.status, parseUrl(location, hop.url)) };
    return await answerOf(response, limits.maxBytes);
  } finally {
    await dispatcher.destroy();
  }
}

function nextHop(hop: Hop, status: number, url: URL): Hop {
  const sameOrigin = url.origin === hop.url.origin;
  const toGet = (status === 303 && hop.method !== 'HEAD') || (status < 303 && hop.method === 'POST');
  const kept = Object.entries(hop.headers).filter(
    ([name]) => (sameOrigin || HARMLESS_HEADERS.test(name)) && !(toGet && /^content-/i.test(name)),
  );
  return {
    url,
    method: toGet ? 'GET' : hop.method,
    headers: Object.fromEntries(kept),
    body: toGet ? undefined : hop.body,
  };
}

async function answerOf(response: Response, maxBytes: number): Promise<HttpAnswer> {
  const body = await readBody(response, maxBytes);
  return { status: response.status, headers: Object.fromEntries(response.headers), ...body };
}

/** fetch says only "fetch failed" and keeps the reason in a chain of causes. */
function readable(error: unknown, url: URL): unknown {
  let cause = error;
  while (cause instanceof Error && !(cause instanceof ToolFailure) && cause.cause) cause = cause.cause;
  if (cause instanceof ToolFailure || !(cause instanceof Error)) return cause;
  const reason = cause.message || ('code' in cause ? String(cause.code) : cause.name);
  return new ToolFailure(`url: ${quote(url.href)} could not be fetched: ${reason}; check the address`);
}

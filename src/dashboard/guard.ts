// Who may talk to the dashboard, and what its answers allow a browser to do. Two things are refused: a foreign Host name
// while it listens on loopback only (a web page that rebinds its own name to 127.0.0.1 would read everything), and writes
// that another site's page makes in a visitor's name.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyRequest, RawServerDefault } from 'fastify';
import { AppError } from '../domain/errors.ts';
import type { Logger } from '../log.ts';
import { isLoopback } from '../protocol/agent-trust.ts';

export type DashboardApp = FastifyInstance<RawServerDefault, IncomingMessage, ServerResponse, Logger>;

/** Styles set by scripts (CSSOM) are no inline styles, so React's `style` needs no exception. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "worker-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const HEADERS = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
};

const READS = ['GET', 'HEAD', 'OPTIONS'];

export function addGuard(app: DashboardApp, host: string): void {
  const onlyLoopback = isLoopback(host);
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(HEADERS);
    if (onlyLoopback && !isLoopback(hostnameOf(request))) {
      throw new AppError('forbidden', `${request.host} is not a name of this dashboard: it listens on ${host} only`);
    }
    if (!READS.includes(request.method) && isCrossSite(request)) {
      throw new AppError('forbidden', 'another site asked for this change: changes are taken from the dashboard only');
    }
  });
}

/** Without the port, IPv6 in brackets. */
function hostnameOf(request: FastifyRequest): string {
  return request.host.replace(/:\d+$/, '').toLowerCase();
}

/** Browsers say where a request comes from; programs such as curl say nothing, and carry no visitor's rights. */
function isCrossSite({ headers }: FastifyRequest): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site !== 'same-origin' && site !== 'none';
  if (headers.origin === undefined) return false;
  return !URL.canParse(headers.origin) || new URL(headers.origin).host !== headers.host;
}

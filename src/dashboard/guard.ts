// Which requests of browsers the dashboard takes, by the rules of protocol/browser-guard.ts, and what its answers allow a
// browser to do.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyInstance, RawServerDefault } from 'fastify';
import type { Logger } from '../log.ts';
import { isLoopback } from '../protocol/agent-trust.ts';
import { refuseCrossSiteChange, refuseForeignHost } from '../protocol/browser-guard.ts';

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

export function addGuard(app: DashboardApp, host: string): void {
  const onlyLoopback = isLoopback(host);
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(HEADERS);
    if (onlyLoopback) refuseForeignHost(request);
    refuseCrossSiteChange(request);
  });
}

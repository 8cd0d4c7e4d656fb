// What a browser may be made to do by a page of another site, and how a service refuses it. Orchestrator and dashboard share
// it. Two things are refused: a foreign Host name where the service listens on loopback only (a web page that rebinds its
// own name to 127.0.0.1 would read everything), and changes that another site's page asks for in a visitor's name.
import type { IncomingHttpHeaders } from 'node:http';
import { AppError } from '../domain/errors.ts';
import { isLoopback } from './agent-trust.ts';

export interface BrowserRequest {
  method: string;
  /** Of the Host header, with its port. */
  host: string;
  headers: IncomingHttpHeaders;
}

const READS = ['GET', 'HEAD', 'OPTIONS'];

/** Throws forbidden. For services that listen on loopback and ask for no credentials. */
export function refuseForeignHost({ host }: BrowserRequest): void {
  if (isLoopback(hostnameOf(host))) return;
  throw new AppError('forbidden', `${host} is no name of this service: it listens on this machine's loopback only`);
}

/** Throws forbidden. Browsers say where a request comes from; programs such as curl say nothing, and carry no visitor's rights. */
export function refuseCrossSiteChange({ method, headers }: BrowserRequest): void {
  if (READS.includes(method) || !isCrossSite(headers)) return;
  throw new AppError('forbidden', 'another site asked for this change: changes are taken from its own pages only');
}

/** Without the port, IPv6 in brackets. */
function hostnameOf(host: string): string {
  return host.replace(/:\d+$/, '').toLowerCase();
}

function isCrossSite(headers: IncomingHttpHeaders): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site !== 'same-origin' && site !== 'none';
  if (headers.origin === undefined) return false;
  return !URL.canParse(headers.origin) || new URL(headers.origin).host !== headers.host;
}

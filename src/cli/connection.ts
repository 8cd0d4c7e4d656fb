// Where the orchestrator is, and the key to show it.
import { readConfig } from '../config.ts';
import { UsageError } from './failure.ts';

/** `--url`, else ORCHESTRATOR_URL, else the address at which `muster up` listens with these settings. */
export function orchestratorUrl(env: Readonly<Record<string, string | undefined>>, option?: string): string {
  const given = option ?? env.ORCHESTRATOR_URL;
  if (given) return checked(given, option === undefined ? 'ORCHESTRATOR_URL' : '--url');
  const { HOST, ORCHESTRATOR_PORT } = readConfig(env);
  return `http://${reachable(HOST)}:${ORCHESTRATOR_PORT}`;
}

/** `--api-key`, else MUSTER_API_KEY, else none. Throws a UsageError that does not repeat it. */
export function chosenKey(env: Readonly<Record<string, string | undefined>>, option?: string): string | undefined {
  const key = option ?? (env.MUSTER_API_KEY || undefined);
  if (key === undefined || /^[\w.~+/=-]+$/.test(key)) return key;
  const name = option === undefined ? 'MUSTER_API_KEY' : '--api-key';
  throw new UsageError(`${name} is no API key: it has characters other than letters, digits and _-.~+/=`);
}

function checked(url: string, name: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed && ['http:', 'https:'].includes(parsed.protocol)) return url;
  throw new UsageError(`${name} ${JSON.stringify(url)} is no address: use http://HOST:PORT`);
}

/** A service that listens on every address is reached by the loopback one. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}

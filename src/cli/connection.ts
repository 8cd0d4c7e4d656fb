// Where the orchestrator is, and the key to show it.
import { reachableHost } from '../boot/reachable-host.ts';
import { readConfig } from '../config.ts';
import { UsageError } from './failure.ts';

/** `--url`, else ORCHESTRATOR_URL, else the address at which `muster up` listens with these settings. */
export function orchestratorUrl(env: Readonly<Record<string, string | undefined>>, option?: string): string {
  const given = option ?? env.ORCHESTRATOR_URL;
  if (given) return checked(given, option === undefined ? 'ORCHESTRATOR_URL' : '--url');
  const { HOST, ORCHESTRATOR_PORT } = readConfig(env);
  return `http://${reachableHost(HOST)}:${ORCHESTRATOR_PORT}`;
}

export interface OrchestratorPlace {
  url: string;
  /** Somebody said so, rather than that it is where `muster up` would listen. */
  isGiven: boolean;
  apiKey: string | undefined;
}

/** For whoever looks at settings that may be wrong: those of HOST and port are left to be reported. */
export function orchestratorPlace(
  env: Readonly<Record<string, string | undefined>>,
  { url, apiKey }: { url?: string; apiKey?: string },
): OrchestratorPlace {
  const given = url ?? (env.ORCHESTRATOR_URL || undefined);
  const { HOST = '127.0.0.1', ORCHESTRATOR_PORT = '8000' } = env;
  const found = given === undefined ? `http://${reachableHost(HOST)}:${ORCHESTRATOR_PORT}` : orchestratorUrl(env, url);
  return { url: found, isGiven: given !== undefined, apiKey: chosenKey(env, apiKey) };
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

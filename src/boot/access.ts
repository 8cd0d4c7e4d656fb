// Who may come in, decided at the start: nothing that other machines reach is started without keys for people and a token
// for agents.
import { randomBytes } from 'node:crypto';
import type { Config } from '../config.ts';
import { AppError } from '../domain/errors.ts';
import { isLoopback } from '../protocol/agent-trust.ts';
import { listValidApiKeys } from '../store/api-keys.ts';
import type { Sql } from '../store/db.ts';

/** Throws an AppError that says what to do when the API would be open to other machines. The schema must be up to date. */
export async function refuseOpenApi(config: Config, db: Sql): Promise<void> {
  const { HOST, MUSTER_API_KEYS } = config;
  if (isLoopback(HOST) || Array.isArray(MUSTER_API_KEYS)) return;
  const reachable = `HOST ${HOST} is reachable from other machines`;
  if (MUSTER_API_KEYS === 'off') throw refusal(`${reachable}, so MUSTER_API_KEYS must not be off: leave it out`);
  if ((await listValidApiKeys(db)).length > 0) return;
  const first = 'MUSTER_API_KEYS="operate:admin:$(openssl rand -hex 32)"';
  throw refusal(
    `${reachable}, and there is no API key: set ${first}, or start on HOST=127.0.0.1 and make one with "muster keys create --role operate --user admin" (docs/security.md)`,
  );
}

function refusal(message: string): AppError {
  return new AppError('invalid_request', message, { field: 'MUSTER_API_KEYS' });
}

/** Whether requests without a key are refused from the start. */
export async function asksForKeys(config: Config, db: Sql): Promise<boolean> {
  if (!isLoopback(config.HOST) || Array.isArray(config.MUSTER_API_KEYS)) return true;
  return config.MUSTER_API_KEYS !== 'off' && (await listValidApiKeys(db)).length > 0;
}

/** Where all agents are part of this process, it makes up the token that other machines would need to give them orders. */
export function withAgentToken(config: Config): Config {
  if (config.MUSTER_AGENT_TOKEN !== undefined || isLoopback(config.HOST)) return config;
  return { ...config, MUSTER_AGENT_TOKEN: newToken() };
}

export function newToken(): string {
  return randomBytes(32).toString('base64url');
}

// How orchestrator and agents know each other: a token they share. Over HTTP it is the bearer of each request; in the
// registry an agent proves with it that the address is its own, so that nobody can make the orchestrator call another.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { AgentRegistration } from '../domain/agent.ts';

type Registered = Pick<AgentRegistration, 'agent_id' | 'instance_id' | 'url' | 'proof'>;

/** HMAC-SHA-256 over id, instance and address, in hex. */
export function proofOf(token: string, { agent_id, instance_id, url }: Omit<Registered, 'proof'>): string {
  return createHmac('sha256', token)
    .update(JSON.stringify([agent_id, instance_id, url]))
    .digest('hex');
}

/** With a token: who can prove it. Without: only agents on this machine's own loopback. */
export function isTrusted(agent: Registered, token: string | undefined): boolean {
  return token === undefined ? isLoopback(new URL(agent.url).hostname) : same(agent.proof ?? '', proofOf(token, agent));
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

export function bearer(token: string | undefined): Record<string, string> {
  return token === undefined ? {} : { authorization: `Bearer ${token}` };
}

/** Whether a request may act as orchestrator or agent; without a token anybody who can connect may. */
export function isAuthorised(authorization: string | undefined, token: string | undefined): boolean {
  return token === undefined || same(authorization ?? '', `Bearer ${token}`);
}

/** Compares hashes, which have one length, in constant time. */
function same(given: string, expected: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(given), hash(expected));
}

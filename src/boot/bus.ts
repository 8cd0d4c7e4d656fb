// Which bus is in use: the Redis that REDIS_URL names, else the one in memory.
import type { Bus } from '../bus/bus.ts';
import { createMemoryBus } from '../bus/memory.ts';
import { openRedisBus } from '../bus/redis.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import type { AgentRegistration } from '../domain/agent.ts';
import type { Logger } from '../log.ts';
import { isTrusted } from '../protocol/agent-trust.ts';
import { withoutSecret } from './without-secret.ts';

export interface OpenBus {
  bus: Bus;
  /** For the person who starts it. */
  words: string;
}

export interface BusSurroundings {
  clock: Clock;
  logger: Logger;
  /** Gives up waiting for a server that does not answer. */
  signal: AbortSignal;
  /** A connection broke, and came back. */
  onReconnect?: () => void;
}

export async function openBus(config: Config, { clock, ...surroundings }: BusSurroundings): Promise<OpenBus> {
  const trusts = (agent: AgentRegistration) => isTrusted(agent, config.MUSTER_AGENT_TOKEN);
  if (!config.REDIS_URL) return { bus: createMemoryBus(clock), words: 'in memory' };
  return {
    bus: await openRedisBus({ url: config.REDIS_URL, ...surroundings, trusts }),
    words: `Redis at ${withoutSecret(config.REDIS_URL)}`,
  };
}

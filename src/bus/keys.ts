// Every name that Muster uses in Redis.
import type { NoticeName, QueueName } from './bus.ts';

export const keys = {
  /** Streams: agent_results, agent_logs. */
  queue: (queue: QueueName): string => queue,
  /** Set of the ids of registered agents; one whose hash has expired is taken out by whoever notices. */
  activeAgents: 'active_agents',
  /** Hash of one agent's last heartbeat, each field as JSON; it expires. */
  agent: (agentId: string): string => `agent:${agentId}`,
  /** Hash of value (JSON) and version; it expires. */
  state: (taskId: string, key: string): string => `state:${taskId}:${key}`,
  /** Channels know no databases, so the number stands in the name. */
  channel: (database: number, notice: NoticeName): string => `notice:${database}:${notice}`,
} as const;

// What ready subtasks need, set by set: for the overview, and for what no agent can run.
import type { AgentStatus } from '../domain/agent.ts';
import { covers, maskOf } from '../domain/capability.ts';
import type { QueuedSet } from '../store/activity.ts';

/** Most ready subtasks first, the words of each set as answers and metrics have them: by the alphabet. */
export function largestFirst(rows: readonly QueuedSet[]): QueuedSet[] {
  return rows
    .map((row) => ({ ...row, required_capabilities: row.required_capabilities.toSorted() }))
    .sort((a, b) => b.ready - a.ready);
}

/** The sets that no agent has. */
export function missingSets(
  sets: readonly QueuedSet[],
  agents: readonly Pick<AgentStatus, 'capabilities'>[],
): QueuedSet[] {
  const offered = [...new Set(agents.map((agent) => maskOf(agent.capabilities)))];
  return sets.filter((set) => !offered.some((mask) => covers(mask, maskOf(set.required_capabilities))));
}

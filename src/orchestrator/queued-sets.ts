// What ready subtasks need, set by set: for the overview, and for what no agent can run.
import type { AgentStatus } from '../domain/agent.ts';
import { covers, maskOf } from '../domain/capability.ts';
import type { QueuedSet } from '../store/activity.ts';

/** Each set once, whatever the order of its words; most ready subtasks first. */
export function mergeSets(rows: readonly QueuedSet[]): QueuedSet[] {
  const sets = new Map<number, QueuedSet>();
  for (const row of rows) {
    const mask = maskOf(row.required_capabilities);
    const sum = sets.get(mask);
    const oldest = [row.oldest_ready_at, ...(sum ? [sum.oldest_ready_at] : [])].sort()[0] ?? row.oldest_ready_at;
    const required_capabilities = sum?.required_capabilities ?? [...row.required_capabilities].sort();
    sets.set(mask, { required_capabilities, ready: (sum?.ready ?? 0) + row.ready, oldest_ready_at: oldest });
  }
  return [...sets.values()].sort((a, b) => b.ready - a.ready);
}

/** The sets that no agent has. */
export function missingSets(
  sets: readonly QueuedSet[],
  agents: readonly Pick<AgentStatus, 'capabilities'>[],
): QueuedSet[] {
  const offered = [...new Set(agents.map((agent) => maskOf(agent.capabilities)))];
  return sets.filter((set) => !offered.some((mask) => covers(mask, maskOf(set.required_capabilities))));
}

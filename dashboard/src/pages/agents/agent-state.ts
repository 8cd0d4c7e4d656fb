// What the page says of an agent, worked out of what it reported: its state, and how often it succeeds.
import type { AgentActivity } from '../../../../src/protocol/dashboard-api.ts';

export const AGENT_STATES = ['available', 'working', 'full', 'lost'] as const;
export type AgentState = (typeof AGENT_STATES)[number];

type Load = Pick<AgentActivity, 'registered' | 'is_available' | 'slots' | 'running'>;

/** Working: it has room for more. An agent that stops takes nothing more, and so counts as full. */
export function stateOf({ registered, is_available, slots, running }: Load): AgentState {
  if (!registered) return 'lost';
  if (!is_available || running.length >= slots) return 'full';
  return running.length === 0 ? 'available' : 'working';
}

type Outcomes = Pick<AgentActivity, 'attempts_completed' | 'attempts_failed'>;

/** Of the attempts that ended, in whole percents; never rounded up to 100. Null when none ended. */
export function successRate({ attempts_completed, attempts_failed }: Outcomes): number | null {
  const ended = attempts_completed + attempts_failed;
  return ended === 0 ? null : Math.floor((100 * attempts_completed) / ended);
}

export function countStates(agents: readonly Load[]): Record<AgentState, number> {
  const counts = { available: 0, working: 0, full: 0, lost: 0 };
  for (const agent of agents) counts[stateOf(agent)] += 1;
  return counts;
}

type Known = Pick<AgentActivity, 'agent_id' | 'registered'>;

/** The lost come last; agent_2 stands before agent_10. */
export function inOrder<Agent extends Known>(agents: readonly Agent[]): Agent[] {
  return agents.toSorted(
    (a, b) =>
      Number(b.registered) - Number(a.registered) || a.agent_id.localeCompare(b.agent_id, 'en', { numeric: true }),
  );
}

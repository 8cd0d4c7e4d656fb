// The command that starts an agent by itself: it must share Muster's bus, so there is none while the bus is in memory.
import type { AgentActivity, SystemResponse } from '../../../../src/protocol/dashboard-api.ts';

type InUse = Pick<SystemResponse, 'bus' | 'model' | 'agent_runtime'>;
type Place = Pick<AgentActivity, 'agent_id' | 'capabilities' | 'port'>;

const FIRST_PORT = 8_001;

/** As a shell reads it, secrets left out; null when no agent can join from outside. */
export function startCommand(inUse: InUse, { agent_id, capabilities, port }: Place): string | null {
  const redis = /rediss?:\/\/\S+/.exec(inUse.bus)?.[0];
  if (redis === undefined) return null;
  const own = [`AGENT_ID=${agent_id}`, `AGENT_CAPABILITIES=${capabilities.join(',')}`, `AGENT_PORT=${port}`];
  return [`REDIS_URL='${redis}'`, whatWorks(inUse), ...own, 'npx muster agent'].join(' ');
}

/** An agent of its own guesses no model. */
function whatWorks({ model, agent_runtime }: InUse): string {
  if (agent_runtime === 'simulate') return 'AGENT_RUNTIME=simulate';
  return model.kind === 'offline' ? 'MUSTER_MODEL=offline' : 'ANTHROPIC_API_KEY=…';
}

/** An agent with these capabilities, by a name and on a port that no known agent has. */
export function newPlace(
  capabilities: AgentActivity['capabilities'],
  agents: readonly Pick<AgentActivity, 'agent_id' | 'port'>[],
): Place {
  const taken = new Set(agents.map((agent) => agent.agent_id));
  let number = agents.length + 1;
  while (taken.has(`agent_${number}`)) number += 1;
  const port = Math.max(FIRST_PORT - 1, ...agents.map((agent) => agent.port)) + 1;
  return { agent_id: `agent_${number}`, capabilities, port };
}

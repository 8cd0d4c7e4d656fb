// The crew at work: every agent that is registered or was lately, what it works on, what it finished, how it fared.
import type { AgentStatus } from '../domain/agent.ts';
import type { AgentActivity, AgentsActivityResponse } from '../protocol/dashboard-api.ts';
import { type AgentEnds, countEndsByAgent, countReady, listWork, type Work } from '../store/activity.ts';
import type { AgentWatch, WatchedAgent } from './agent-watch.ts';
import type { Parts } from './parts.ts';
import { largestFirst, missingSets } from './queued-sets.ts';

export async function readActivity({ db }: Pick<Parts, 'db'>, watch: AgentWatch): Promise<AgentsActivityResponse> {
  const [watched, ends, work, ready] = await Promise.all([
    watch.look(),
    countEndsByAgent(db),
    listWork(db),
    countReady(db),
  ]);
  const known = new Set(watched.map(({ status }) => status.agent_id));
  const gone = ends.filter((row) => !known.has(row.agent_id)).map(rememberedByResults);
  const registered = watched.filter((agent) => agent.registered).map(({ status }) => status);
  const records = { ends: new Map(ends.map((row) => [row.agent_id, row])), work: workByAgent(work) };
  return {
    agents: [...watched, ...gone].map((agent) => toActivity(agent, records)).sort(inOrder),
    missing: missingSets(largestFirst(ready), registered),
  };
}

interface Records {
  ends: ReadonlyMap<string, AgentEnds>;
  work: ReadonlyMap<string, Work[]>;
}

function workByAgent(work: readonly Work[]): Map<string, Work[]> {
  const byAgent = new Map<string, Work[]>();
  for (const one of work) {
    const others = byAgent.get(one.agent_id);
    if (others) others.push(one);
    else byAgent.set(one.agent_id, [one]);
  }
  return byAgent;
}

function toActivity({ status, registered, history }: WatchedAgent, { ends, work }: Records): AgentActivity {
  const counts = ends.get(status.agent_id);
  return {
    ...status,
    registered,
    attempts_completed: counts?.completed ?? 0,
    attempts_failed: counts?.failed ?? 0,
    current: work.get(status.agent_id) ?? [],
    history,
  };
}

/** All that is left of it are its results: no address, and nobody knows what it could do. */
function rememberedByResults({ agent_id, last_at }: AgentEnds): WatchedAgent {
  const status: AgentStatus = {
    agent_id,
    instance_id: '',
    url: '',
    port: 0,
    capabilities: [],
    slots: 0,
    running: [],
    is_available: false,
    current_task: null,
    cpu_usage: 0,
    memory_usage: 0,
    tasks_completed: 0,
    last_heartbeat: last_at,
  };
  return { status, registered: false, history: [] };
}

/** Registered ones first, each group by number. */
function inOrder(a: AgentActivity, b: AgentActivity): number {
  if (a.registered !== b.registered) return a.registered ? -1 : 1;
  return a.agent_id.localeCompare(b.agent_id, 'en', { numeric: true });
}

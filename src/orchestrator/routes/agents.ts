// GET /agents, /agents/available and /agents/activity.

import { availableAgentsQuery, availableAgentsResponse, listAgentsResponse } from '../../protocol/api.ts';
import { agentsActivityResponse } from '../../protocol/dashboard-api.ts';
import { failures } from '../../protocol/failures.ts';
import { AgentWatch } from '../agent-watch.ts';
import { readActivity } from '../agents-activity.ts';
import type { App } from '../app.ts';
import type { Parts } from '../parts.ts';

export function addAgentRoutes(app: App, parts: Parts): void {
  const { bus } = parts;
  const watch = new AgentWatch(parts);
  // A service that does not listen, such as one that is asked for its document, has no registry to look into.
  app.addHook('onListen', async () => watch.start());
  app.addHook('onClose', () => watch.stop());

  const config = { access: 'operate' } as const;
  app.get('/agents', { schema: listSchema, config }, async () => ({ agents: await bus.listAgents() }));

  app.get('/agents/available', { schema: availableSchema, config }, async ({ query: { capability } }) => {
    const agents = await bus.listAgents();
    const able = agents.filter((agent) => !capability || agent.capabilities.includes(capability));
    const available_agents = able.filter((agent) => agent.is_available).map((agent) => agent.agent_id);
    return { available_agents, count: available_agents.length };
  });

  app.get('/agents/activity', { schema: activitySchema, config }, async () => readActivity(parts, watch));
}

const listSchema = {
  operationId: 'listAgents',
  summary: 'Every registered agent with its last reported status.',
  tags: ['agents'],
  response: { 200: listAgentsResponse.describe('The agents.'), ...failures() },
};

const availableSchema = {
  operationId: 'listAvailableAgents',
  summary: 'Ids of the agents that can take a subtask now, optionally only those with one capability.',
  tags: ['agents'],
  querystring: availableAgentsQuery,
  response: { 200: availableAgentsResponse.describe('Their ids.'), ...failures('unknown_capability') },
};

const activitySchema = {
  operationId: 'listAgentActivity',
  summary: 'Agents that are registered or were lately, with what they work on, what they finished and how they fared.',
  description:
    'Of an agent that is known by its results alone, `url` is empty, `port` and `slots` are 0 and `capabilities` has nothing. Of a day with more than 100,000 attempts the newest are counted.',
  tags: ['agents'],
  response: { 200: agentsActivityResponse.describe('The agents.'), ...failures() },
};

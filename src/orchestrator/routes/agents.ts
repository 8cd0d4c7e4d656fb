// GET /agents and /agents/available.
import { availableAgentsQuery, availableAgentsResponse, listAgentsResponse } from '../../protocol/api.ts';
import type { App } from '../app.ts';
import { failures } from '../openapi.ts';
import type { Parts } from '../parts.ts';

export function addAgentRoutes(app: App, { bus }: Parts): void {
  app.get('/agents', { schema: listSchema }, async () => ({ agents: await bus.listAgents() }));

  app.get('/agents/available', { schema: availableSchema }, async ({ query: { capability } }) => {
    const agents = await bus.listAgents();
    const able = agents.filter((agent) => !capability || agent.capabilities.includes(capability));
    const available_agents = able.filter((agent) => agent.is_available).map((agent) => agent.agent_id);
    return { available_agents, count: available_agents.length };
  });
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

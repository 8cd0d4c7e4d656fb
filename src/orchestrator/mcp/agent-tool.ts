// The tool that shows the crew.
import { listAgentsArguments } from '../../protocol/mcp-api.ts';
import { answerWith, defineTool } from './tool.ts';

/** More would fill a model's context; `count` says how many there are. */
const AGENTS_SHOWN = 100;

export const listAgents = defineTool({
  name: 'list_agents',
  description: 'The registered agents: what each can do and whether it is free.',
  access: 'operate',
  hints: { readOnlyHint: true, openWorldHint: false },
  schema: listAgentsArguments,
  async work({ capability, available }, { parts }) {
    const all = await parts.bus.listAgents();
    const asked = all
      .filter((agent) => !capability || agent.capabilities.includes(capability))
      .filter((agent) => available === undefined || agent.is_available === available);
    const agents = asked.slice(0, AGENTS_SHOWN).map((agent) => ({
      agent_id: agent.agent_id,
      capabilities: agent.capabilities,
      is_available: agent.is_available,
      slots: agent.slots,
      running: agent.running.length,
      current_task: agent.current_task,
      tasks_completed: agent.tasks_completed,
      last_heartbeat: agent.last_heartbeat,
    }));
    return answerWith({ agents, count: asked.length });
  },
});

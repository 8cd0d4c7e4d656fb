// Agents for tests, as the registry would list them.
import type { AgentStatus } from '../../src/domain/agent.ts';

/** An idle agent with one slot; what a test is about is given. */
export function agent(given: Partial<AgentStatus> = {}): AgentStatus {
  return {
    agent_id: 'agent_1',
    instance_id: 'instance_1',
    url: 'http://127.0.0.1:8001',
    port: 8001,
    capabilities: ['data_analysis'],
    slots: 1,
    running: [],
    is_available: true,
    current_task: null,
    cpu_usage: 0,
    memory_usage: 0,
    tasks_completed: 0,
    last_heartbeat: '2030-01-01T00:00:00.000Z',
    ...given,
  };
}

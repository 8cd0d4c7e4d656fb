// An agent as the registry knows it: its last heartbeat. The default crew is listed here too.
import type { Capability } from './capability.ts';

export interface RunningAttempt {
  subtask_id: string;
  attempt: number;
}

export interface AgentStatus {
  agent_id: string;
  /** A new one at each start, so that a restarted agent is told from one that went on. */
  instance_id: string;
  url: string;
  port: number;
  capabilities: Capability[];
  slots: number;
  running: RunningAttempt[];
  is_available: boolean;
  /** Id of the subtask it runs, the oldest when there are several. */
  current_task: string | null;
  cpu_usage: number;
  memory_usage: number;
  tasks_completed: number;
  last_heartbeat: string;
}

/** What stands in the registry. */
export interface AgentRegistration extends AgentStatus {
  /** Shows that whoever registered knows the shared token; absent where there is none. */
  proof?: string | undefined;
}

export interface CrewMember {
  agent_id: string;
  capabilities: Capability[];
}

export const DEFAULT_CREW: readonly CrewMember[] = [
  { agent_id: 'agent_1', capabilities: ['data_analysis', 'code_generation'] },
  { agent_id: 'agent_2', capabilities: ['web_scraping', 'api_integration'] },
  { agent_id: 'agent_3', capabilities: ['file_processing', 'database_operations'] },
  { agent_id: 'agent_4', capabilities: ['code_generation', 'api_integration'] },
  { agent_id: 'agent_5', capabilities: ['data_analysis', 'database_operations'] },
];

// A line of an agent's log: what the model said, which tool it called, what went wrong.

export const LOG_LEVELS = ['DEBUG', 'INFO', 'WARN', 'ERROR'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface AgentLog {
  agent_id: string;
  task_id: string;
  subtask_id: string;
  attempt: number;
  level: LogLevel;
  message: string;
  metadata: Record<string, unknown>;
  /** When it was written, by the agent's clock. */
  time: string;
}

// An attempt: one run of a subtask by one agent, what the agent reports of it, and the result row that is kept.
import type { FailureCode } from './errors.ts';

/** A larger output is kept in a file of the task's folder; the row then holds an OutputReference. */
export const OUTPUT_INLINE_MAX_BYTES = 64 * 1024;

/** What the model must answer when it has finished a subtask. */
export interface AttemptOutput {
  success: boolean;
  summary: string;
  data: Record<string, unknown>;
  /** Present and true when no model was involved. */
  simulated?: boolean;
}

export interface OutputReference {
  /** Path inside the task's folder. */
  file: string;
  bytes: number;
  summary: string;
}

export interface AttemptUsage {
  /** Seconds, more than 0. */
  execution_time: number;
  input_tokens: number;
  output_tokens: number;
  cost_usd: number;
}

export type AttemptOutcome =
  | { status: 'completed'; output: AttemptOutput }
  | { status: 'failed'; error: string; error_code: FailureCode };

/** Names one attempt; `attempt` is the fence. */
export interface AttemptKey {
  task_id: string;
  subtask_id: string;
  attempt: number;
}

/** The agent is shutting down: the subtask becomes ready again, no failure is counted and no result is kept. */
export interface HandedBack {
  status: 'handed_back';
  reason: string;
}

/** What travels from an agent to the orchestrator when an attempt ends. */
export interface AttemptReport extends AttemptKey {
  agent_id: string;
  outcome: AttemptOutcome | HandedBack;
  usage: AttemptUsage;
}

/** One run as a line of time. */
export interface AttemptSpan extends Omit<AttemptKey, 'task_id'> {
  agent_id: string;
  /** When the subtask had become ready for this attempt. */
  ready_at: string;
  started_at: string;
  /** Null while it runs. */
  ended_at: string | null;
  /** `released`: given back unstarted, or handed back; no failure was counted. */
  outcome: 'running' | 'completed' | 'failed' | 'released' | 'cancelled';
  error_code: FailureCode | null;
}

/** The row kept for each attempt that ended. */
export interface SubtaskResult extends AttemptKey, AttemptUsage {
  agent_id: string;
  status: 'completed' | 'failed';
  /** Non-null exactly when completed. */
  output: Record<string, unknown> | null;
  /** Non-null exactly when failed. */
  error: string | null;
  error_code: FailureCode | null;
  created_at: string;
}

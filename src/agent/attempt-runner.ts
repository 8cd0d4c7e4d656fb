// What an agent hands to whatever does the work, and what it gets back. Two runners are shipped: Claude (claude-runtime.ts)
// and a simulation (simulate.ts). Slots, deadlines and reports are left to agent.ts.
import type { AttemptKey, AttemptOutcome, ReportedUsage } from '../domain/attempt.ts';
import type { Capability } from '../domain/capability.ts';
import type { FailureCode } from '../domain/errors.ts';
import { DEFAULT_USER } from '../domain/task.ts';
import type { ExecuteRequest } from '../protocol/agent-api.ts';
import type { SessionCounts } from './agent-metrics.ts';
import type { AttemptLog } from './attempt-log.ts';

export interface AttemptWork extends AttemptKey {
  user_id: string;
  /** The whole task's; null when the caller did not say. */
  task_description: string | null;
  description: string;
  required_capabilities: readonly Capability[];
  input_data: Record<string, unknown>;
  dependencies: readonly DependencyOutput[];
  caps: AttemptCaps;
  /** The span of the attempt, when its task is traced. */
  traceparent?: string | null;
}

/** What the attempt may use at most; left out, there is no limit. */
export interface AttemptCaps {
  max_turns?: number | undefined;
  max_budget_usd?: number | undefined;
}

export interface DependencyOutput {
  subtask_id: string;
  agent_id: string;
  description: string;
  output: unknown;
}

/** What the attempt cost; its time is measured by the agent. */
export type ModelUsage = Omit<ReportedUsage, 'execution_time'>;
export const NO_USAGE: ModelUsage = { input_tokens: 0, output_tokens: 0, cost_usd: 0, turns: 0, unknown: [] };
/** Of a runtime that rejected. */
export const UNKNOWN_USAGE: ModelUsage = { ...NO_USAGE, unknown: ['cost_usd', 'turns'] };

export interface AttemptResult {
  outcome: AttemptOutcome;
  usage: ModelUsage;
}

export interface AttemptRunner {
  /** Resolves soon after the signal aborts, with everything it started killed. A rejection counts as a crash. */
  run(work: AttemptWork, signal: AbortSignal, log: AttemptLog): Promise<AttemptResult>;
  /** As of now; left out by a runner that has none. */
  sessions?(): SessionCounts;
  /** Ends whatever it keeps between attempts. */
  close(): Promise<void>;
}

export type AttemptFailure = Extract<AttemptOutcome, { status: 'failed' }>;

export function failure(error_code: FailureCode, error: string): AttemptFailure {
  return { status: 'failed', error, error_code };
}

export function workOf(request: ExecuteRequest): AttemptWork {
  const { subtask, task_context: context } = request;
  return {
    task_id: request.task_id,
    subtask_id: subtask.id,
    attempt: request.attempt,
    user_id: context.user_id ?? DEFAULT_USER,
    task_description: context.description ?? null,
    description: subtask.description,
    required_capabilities: subtask.required_capabilities,
    input_data: subtask.input_data,
    dependencies: Object.entries(context.dependencies ?? {}).map(([subtask_id, dependency]) => ({
      subtask_id,
      ...dependency,
    })),
    caps: request.caps,
  };
}

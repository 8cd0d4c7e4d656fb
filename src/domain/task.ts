// A task: what a person asked for, and how it stands. Field names are those of SQL and HTTP.
import type { SubtaskResult } from './attempt.ts';
import type { Limits, Spending } from './budget.ts';
import type { TaskStatus } from './transitions.ts';

export const DESCRIPTION_MIN = 10;
export const TASK_DESCRIPTION_MAX = 5000;
export const DEFAULT_USER = 'default_user';

/** Where the graph came from: the request itself, the model, or the single-subtask fallback. */
export const PLAN_SOURCES = ['given', 'model', 'fallback'] as const;
export type PlanSource = (typeof PLAN_SOURCES)[number];

export interface TaskResult {
  summary: string;
  subtask_results: SubtaskResult[];
}

export interface Task extends Limits, Spending {
  id: string;
  user_id: string;
  description: string;
  status: TaskStatus;
  plan_source: PlanSource | null;
  /** Of planning and of the summary, which no budget covers: what they cost is known in tokens only. */
  planner_input_tokens: number;
  planner_output_tokens: number;
  /** Non-null exactly when completed. */
  result: TaskResult | null;
  /** Non-null exactly when failed. */
  error: string | null;
  created_at: string;
  updated_at: string;
  started_at: string | null;
  finished_at: string | null;
}

// A subtask: one node of a task's graph, and how it stands. Field names are those of SQL and HTTP.
import type { Capability } from './capability.ts';
import type { SubtaskStatus } from './transitions.ts';

export const SUBTASK_DESCRIPTION_MAX = 1000;
export const PRIORITY_MAX = 10;
export const DEFAULT_PRIORITY = 5;
/** Seconds: a year, which the column can hold. */
export const DURATION_MAX = 31_536_000;

/** Transient failures after which a subtask is given up. */
export const MAX_FAILURES = 3;

export interface Subtask {
  id: string;
  task_id: string;
  /** Place in the plan, from 0. */
  position: number;
  description: string;
  required_capabilities: Capability[];
  dependencies: string[];
  priority: number;
  /** Seconds, as the planner guessed. */
  estimated_duration: number | null;
  input_data: Record<string, unknown>;
  /** Seconds of the longest path from here to the end of the task, this subtask included. */
  rank: number;
  status: SubtaskStatus;
  /** Counts claims; the fence that tells a current attempt from a superseded one. */
  attempt: number;
  /** Transient failures so far. */
  failures: number;
  /** Attempts that used up their share of the task's budget. */
  overruns: number;
  /** What its running attempt may use at most; 0 where the task has no such limit, or nothing runs. */
  reserved_usd: number;
  reserved_turns: number;
  agent_id: string | null;
  /** When a retry is due; null unless it is backing off. */
  due_at: string | null;
  deadline_at: string | null;
  error: string | null;
  created_at: string;
  updated_at: string;
  ready_at: string | null;
  started_at: string | null;
  finished_at: string | null;
}

/** What the scheduler holds of a ready subtask. */
export interface ReadySubtask {
  id: string;
  task_id: string;
  user_id: string;
  required_capabilities: Capability[];
  /** Raised with the time that it has been ready for. */
  priority: number;
  rank: number;
  ready_at: string;
  /** Milliseconds until it may be claimed, by the database's clock; 0 unless it backs off. */
  due_in_ms: number;
}

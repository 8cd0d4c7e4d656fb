// A row of the task list, for tests: a task in progress whose one subtask waits.
import type { TaskSummary } from '../../src/protocol/api.ts';

export const LISTED_AT = '2030-01-01T00:00:00.000Z';

export function listedTask(id: string, given: Partial<TaskSummary> = {}): TaskSummary {
  return {
    id,
    user_id: 'ada',
    description: 'A task of a test',
    status: 'in_progress',
    plan_source: 'given',
    error: null,
    budget_usd: null,
    max_turns: null,
    spent_usd: 0,
    spent_turns: 0,
    planner_input_tokens: 0,
    planner_output_tokens: 0,
    created_at: LISTED_AT,
    updated_at: LISTED_AT,
    started_at: null,
    finished_at: null,
    subtasks_total: 1,
    subtasks_completed: 0,
    subtasks_running: 0,
    subtasks_failed: 0,
    cost_usd: 0,
    ...given,
  };
}

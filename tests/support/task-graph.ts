// A task's graph as the dashboard reads it, for tests: subtasks by what they depend on, all pending or ready.
import type { GraphNode, TaskGraphResponse } from '../../src/protocol/dashboard-api.ts';

export const STARTED_AT = '2026-01-01T00:00:00.000Z';

/** `dependencies[n]` are the positions that subtask n depends on. */
export function taskGraph(dependencies: readonly (readonly number[])[]): TaskGraphResponse {
  return {
    task: {
      id: 'task_1',
      user_id: 'ada',
      description: 'Compare three data sets',
      status: 'in_progress',
      plan_source: 'given',
      error: null,
      created_at: STARTED_AT,
      updated_at: STARTED_AT,
      started_at: STARTED_AT,
      finished_at: null,
      summary: null,
      cost_usd: 0,
      input_tokens: 0,
      output_tokens: 0,
      budget_usd: null,
      max_turns: null,
      spent_usd: 0,
      spent_turns: 0,
      planner_input_tokens: 0,
      planner_output_tokens: 0,
      waiting: null,
    },
    last_event: 10,
    nodes: dependencies.map(nodeOf),
    critical_path: [],
    attempts: [],
    estimated_seconds_left: null,
  };
}

function nodeOf(dependencies: readonly number[], position: number): GraphNode {
  return {
    id: `subtask_${position}`,
    position,
    title: `Subtask ${position}`,
    required_capabilities: ['data_analysis'],
    priority: 5,
    estimated_duration: null,
    rank: 0,
    status: dependencies.length > 0 ? 'pending' : 'ready',
    attempt: 0,
    failures: 0,
    agent_id: null,
    waiting: null,
    ready_at: dependencies.length > 0 ? null : STARTED_AT,
    started_at: null,
    finished_at: null,
    dependencies: [...dependencies],
    error: null,
    cost_usd: 0,
    input_tokens: 0,
    output_tokens: 0,
  };
}

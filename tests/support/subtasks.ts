// Subtasks for tests, as the store returns them.
import type { ReadySubtask, Subtask } from '../../src/domain/subtask.ts';

/** A ready subtask without dependencies; what a test is about is given. */
export function subtask(given: Partial<Subtask> = {}): Subtask {
  return {
    id: 'subtask_1',
    task_id: 'task_1',
    position: 0,
    description: 'Do one step of the work',
    required_capabilities: ['data_analysis'],
    dependencies: [],
    priority: 5,
    estimated_duration: null,
    input_data: {},
    rank: 30,
    status: 'ready',
    attempt: 0,
    failures: 0,
    overruns: 0,
    reserved_usd: 0,
    reserved_turns: 0,
    agent_id: null,
    due_at: null,
    deadline_at: null,
    error: null,
    created_at: '2030-01-01T00:00:00.000Z',
    updated_at: '2030-01-01T00:00:00.000Z',
    ready_at: '2030-01-01T00:00:00.000Z',
    started_at: null,
    finished_at: null,
    ...given,
  };
}

/** A ready one as the scheduler hears of it. */
export function readySubtask(id: string, given: Partial<ReadySubtask> = {}): ReadySubtask {
  return {
    id,
    task_id: 'task_1',
    user_id: 'ada',
    required_capabilities: ['data_analysis'],
    priority: 5,
    rank: 30,
    ready_at: '2030-01-01T00:00:00.000Z',
    due_in_ms: 0,
    ...given,
  };
}

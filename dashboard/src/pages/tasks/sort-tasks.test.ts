import { expect, it } from 'vitest';
import type { TaskSummary } from '../../../../src/protocol/api.ts';
import { listedTask } from '../../../../tests/support/listed-task.ts';
import { sortTasks } from './sort-tasks.ts';

const at = (second: number) => new Date(second * 1_000).toISOString();
const task = (id: string, given: Partial<TaskSummary>): TaskSummary =>
  listedTask(id, { created_at: at(0), started_at: at(0), subtasks_total: 4, ...given });
const tasks = [
  task('planning', { status: 'pending', started_at: null, subtasks_total: 0, created_at: at(90) }),
  task('running', { subtasks_completed: 1, cost_usd: 2, created_at: at(50), started_at: at(60) }),
  task('ended', { status: 'completed', subtasks_completed: 4, cost_usd: 1, finished_at: at(70) }),
];
const order = (...asked: Parameters<typeof sortTasks>) => sortTasks(...asked).map(({ id }) => id);

it('keeps the order of the list unless asked', () => {
  expect(order(tasks, {}, 100_000)).toEqual(['planning', 'running', 'ended']);
});

it('sorts by each column, either way', () => {
  expect(order(tasks, { sort: 'cost' }, 100_000)).toEqual(['running', 'ended', 'planning']);
  expect(order(tasks, { sort: 'progress', rising: true }, 100_000)).toEqual(['planning', 'running', 'ended']);
  expect(order(tasks, { sort: 'duration' }, 100_000)).toEqual(['ended', 'running', 'planning']);
  expect(order(tasks, { sort: 'age' }, 100_000)).toEqual(['ended', 'running', 'planning']);
});

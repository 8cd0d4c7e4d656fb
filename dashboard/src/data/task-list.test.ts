import { expect, it } from 'vitest';
import type { TaskSummary } from '../../../src/protocol/api.ts';
import { listedTask } from '../../../tests/support/listed-task.ts';
import { applyTasks, matchesFilters, showWaiting, type TaskList } from './task-list.ts';

const task = (nth: number, given: Partial<TaskSummary> = {}): TaskSummary =>
  listedTask(`task_${nth}`, {
    user_id: 'maria',
    description: `Count the words of file ${nth}`,
    created_at: new Date(1_000_000 + nth * 1_000).toISOString(),
    subtasks_total: 3,
    subtasks_running: 1,
    ...given,
  });
const list = (nths: readonly number[], next: string | null = 'more'): TaskList => ({
  rows: nths.map((nth) => task(nth)),
  waiting: [],
  next,
});
const ids = (tasks: readonly TaskSummary[]) => tasks.map(({ id }) => Number(id.slice('task_'.length)));
const free = { filters: {}, first: true, held: false };

it('changes a row in place', () => {
  const after = applyTasks(list([3, 2, 1]), [task(2, { subtasks_completed: 1 }), task(2, { status: 'failed' })], free);
  expect(ids(after.rows)).toEqual([3, 2, 1]);
  expect(after.rows[1]?.status).toBe('failed');
});

it('puts new tasks on top, newest first', () => {
  expect(ids(applyTasks(list([2, 1]), [task(3), task(4)], free).rows)).toEqual([4, 3, 2, 1]);
});

it('lets new tasks wait while the list is held, and shows them when asked', () => {
  const held = applyTasks(list([2, 1]), [task(3)], { ...free, held: true });
  expect([ids(held.rows), ids(held.waiting)]).toEqual([[2, 1], [3]]);
  const again = applyTasks(held, [task(3, { status: 'failed' })], { ...free, held: true });
  expect(again.waiting.map(({ status }) => status)).toEqual(['failed']);
  expect(ids(showWaiting(again, {}).rows)).toEqual([3, 2, 1]);
});

it('adds nothing to a later page, and nothing that is older than the page', () => {
  expect(ids(applyTasks(list([2, 1]), [task(3)], { ...free, first: false }).rows)).toEqual([2, 1]);
  expect(ids(applyTasks(list([4, 3]), [task(1)], free).rows)).toEqual([4, 3]);
  expect(ids(applyTasks(list([4, 3], null), [task(1)], free).rows)).toEqual([4, 3, 1]);
});

it('drops a row that no longer matches once the list may move', () => {
  const filters = { status: 'in_progress' } as const;
  const ended = task(2, { status: 'completed' });
  const held = applyTasks(list([2, 1]), [ended], { filters, first: true, held: true });
  expect(ids(held.rows)).toEqual([2, 1]);
  expect(ids(applyTasks(held, [], { filters, first: true, held: false }).rows)).toEqual([1]);
});

it('matches status, user and words of any case', () => {
  expect(matchesFilters(task(1), { status: 'in_progress', user: 'maria', text: 'WORDS' })).toBe(true);
  expect(matchesFilters(task(1), { user: 'li' })).toBe(false);
  expect(matchesFilters(task(1), { text: 'letters' })).toBe(false);
  expect(matchesFilters(task(1), { status: 'failed' })).toBe(false);
});

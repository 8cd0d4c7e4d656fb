import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { graph } from '../../tests/support/plans.ts';
import { claim, complete, fail, openStore, startTask } from '../../tests/support/store.ts';
import type { Db } from './db.ts';
import { LOOK_MAX } from './pages.ts';
import { findListed, getTask, type ListedTask, listOpenMarks, listTasks, type TaskFilter } from './task-views.ts';
import { cancelTask, createTask } from './tasks.ts';

let db: Db;
beforeAll(async () => {
  db = await openStore();
});
afterAll(() => db.close());

const create = async (user_id: string, description = 'A task to be listed') =>
  (await createTask(db, { user_id, description }, 60_000)).id;
const ids = async (filter: Partial<TaskFilter>) =>
  (await listTasks(db, { limit: 50, ...filter })).rows.map((task) => task.id);

async function allPages(filter: Partial<TaskFilter> & { limit: number }): Promise<ListedTask[][]> {
  const pages: ListedTask[][] = [];
  let cursor: string | null | undefined;
  do {
    const page = await listTasks(db, { ...filter, cursor: cursor ?? undefined });
    pages.push(page.rows);
    cursor = page.next_cursor;
  } while (cursor);
  return pages;
}

describe('one task', () => {
  it('is nothing when it does not exist', async () => {
    expect(await getTask(db, 'task_none')).toBeNull();
    expect(await getTask(db, '')).toBeNull();
  });

  it('has its results oldest first, those of failed attempts included', async () => {
    const { id, subtasks } = await startTask(db, graph([], []));
    await complete(db, subtasks[1]!);
    await fail(db, subtasks[0]!);
    const whole = (await getTask(db, id))!;
    expect(whole.results.map((result) => [result.subtask_id, result.status])).toEqual([
      [subtasks[1], 'completed'],
      [subtasks[0], 'failed'],
    ]);
    expect(whole.task.result).toBeNull();
  });

  it('never was updated before it was created', async () => {
    const { id } = await startTask(db);
    const { task } = (await getTask(db, id))!;
    expect(Date.parse(task.updated_at)).toBeGreaterThanOrEqual(Date.parse(task.created_at));
    expect(task.created_at).toBe(new Date(task.created_at).toISOString());
  });
});

describe('pages of tasks', () => {
  it('hold every task once, newest first, whatever the size of a page', async () => {
    const created: string[] = [];
    for (let nth = 0; nth < 7; nth += 1) created.push(await create('pager'));
    for (const limit of [1, 2, 3, 6, 7, 8]) {
      const pages = await allPages({ user_id: 'pager', limit });
      expect(pages.flat().map((task) => task.id)).toEqual([...created].reverse());
      expect(pages).toHaveLength(Math.ceil(7 / limit));
    }
  });

  it('stay complete when tasks share their instant of creation', async () => {
    const created = await Promise.all(Array.from({ length: 5 }, () => create('same instant')));
    await db.query(
      "update tasks set created_at = '2030-01-01T00:00:00.123Z', updated_at = now() + interval '90 years' where user_id = 'same instant'",
    );
    const pages = await allPages({ user_id: 'same instant', limit: 2 });
    expect(pages.flat().map((task) => task.id)).toEqual(created.sort().reverse());
  });

  it('are not moved by tasks that come in between', async () => {
    const old = [await create('moving'), await create('moving'), await create('moving')];
    const first = await listTasks(db, { user_id: 'moving', limit: 2 });
    await create('moving');
    const second = await listTasks(db, { user_id: 'moving', limit: 2, cursor: first.next_cursor! });
    expect([...first.rows, ...second.rows].map((task) => task.id)).toEqual(old.reverse());
    expect(second.next_cursor).toBeNull();
  });

  it('are empty when nothing matches', async () => {
    expect(await listTasks(db, { user_id: 'nobody', limit: 5 })).toEqual({ rows: [], next_cursor: null });
  });

  it.each(
    [
      'nonsense',
      '',
      '%%%',
      Buffer.from('2030-01-01T00:00:00.000Z').toString('base64url'),
      Buffer.from("2030-01-01T00:00:00.000Z~task_x'; drop table tasks").toString('base64url'),
      Buffer.from('2030-99-99T99:99:99Z~task_x').toString('base64url'),
    ].filter(Boolean),
  )('refuse the cursor %j, naming the field', async (cursor) => {
    await expect(listTasks(db, { limit: 5, cursor })).rejects.toMatchObject({
      name: 'AppError',
      code: 'invalid_request',
      field: 'cursor',
    });
  });
});

describe('a search that finds little', () => {
  it('looks at a bounded stretch of the list, and says where to go on', async () => {
    await create('seeker', 'The needle of long ago');
    await db.query(
      `insert into tasks (id, user_id, description) select 'task_hay' || n, 'seeker', 'Nothing but straw'
       from generate_series(1, $1::int) as n`,
      [LOOK_MAX + 1],
    );
    const pages = await allPages({ user_id: 'seeker', text: 'NEEDLE', limit: 5 });
    expect(pages.map((page) => page.length)).toEqual([0, 1]);
  });
});

describe('the list of tasks', () => {
  it('counts subtasks and adds up costs', async () => {
    const { id, subtasks } = await startTask(db, graph([], [], [0], [1]), { user_id: 'counter' });
    await complete(db, subtasks[0]!);
    await fail(db, subtasks[1]!);
    await claim(db, [subtasks[2]!]);
    const [listed] = (await listTasks(db, { user_id: 'counter', limit: 5 })).rows;
    expect(listed).toMatchObject({
      id,
      status: 'in_progress',
      plan_source: 'given',
      subtasks_total: 4,
      subtasks_completed: 1,
      subtasks_running: 1,
      subtasks_failed: 1,
    });
    expect(listed!.cost_usd).toBeCloseTo(0.02);
  });

  it('shows a task without a plan, with nothing to count', async () => {
    await create('planless');
    expect((await listTasks(db, { user_id: 'planless', limit: 5 })).rows).toMatchObject([
      { status: 'pending', subtasks_total: 0, subtasks_completed: 0, subtasks_running: 0, cost_usd: 0 },
    ]);
  });

  it('filters by user, status, words and both ends of a time range', async () => {
    const plain = await create('filter', 'Sum up 100% of the_numbers');
    const other = await create('filter', 'Fetch the weather, please');
    const gone = await create('filter', 'Write a REPORT on sums');
    await cancelTask(db, gone);
    expect(await ids({ user_id: 'filter' })).toEqual([gone, other, plain]);
    expect(await ids({ user_id: 'filter', status: 'cancelled' })).toEqual([gone]);
    expect(await ids({ user_id: 'filter', text: 'SUM' })).toEqual([gone, plain]);
    expect(await ids({ user_id: 'filter', text: 'sum', status: 'pending' })).toEqual([plain]);
    expect(await ids({ user_id: 'filter', text: '100% of the_' })).toEqual([plain]);
    expect(await ids({ user_id: 'filter', text: '%' })).toEqual([plain]);
    expect(await ids({ user_id: "filter' or true --" })).toEqual([]);
    await db.query("update tasks set created_at = '2020-05-05T12:00:00Z' where id = $1", [plain]);
    const noon = '2020-05-05T12:00:00.000Z';
    expect(await ids({ user_id: 'filter', created_before: '2020-05-06T00:00:00Z' })).toEqual([plain]);
    expect(await ids({ user_id: 'filter', created_before: noon })).toEqual([]);
    expect(await ids({ user_id: 'filter', created_after: noon, created_before: '2021-01-01T00:00:00Z' })).toEqual([
      plain,
    ]);
    expect(await ids({ user_id: 'filter', created_after: '2021-01-01T00:00:00Z' })).toEqual([gone, other]);
  });

  it('finds nothing, rather than breaking, for words that no column can hold', async () => {
    expect(await ids({ text: 'a\u0000b' })).toEqual([]);
    expect(await ids({ user_id: 'a\u0000b' })).toEqual([]);
    expect(await getTask(db, 'task_\u0000')).toBeNull();
  });
});

describe('rows of the list by their ids', () => {
  it('are those of the list, without the ones that are gone', async () => {
    const { id, subtasks } = await startTask(db, graph([], [], [0]), { user_id: 'by id' });
    await complete(db, subtasks[1]!);
    await fail(db, subtasks[0]!);
    const { rows } = await listTasks(db, { limit: 1, user_id: 'by id' });
    expect(rows).toMatchObject([{ subtasks_total: 3, subtasks_completed: 1, subtasks_failed: 1 }]);
    expect(await findListed(db, [id, 'task_gone'])).toEqual(rows);
    expect(await findListed(db, [])).toEqual([]);
  });
});

describe('the marks of open tasks', () => {
  it('change with every event, and go with the end of the task', async () => {
    const { id, subtasks } = await startTask(db);
    const markOf = async () => (await listOpenMarks(db)).find((mark) => mark.id === id)?.last_event;
    const before = await markOf();
    await claim(db, [subtasks[0]!]);
    expect(await markOf()).toBe(before! + 1);
    await cancelTask(db, id);
    expect(await markOf()).toBeUndefined();
  });
});

// What forgetting promises, on every implementation of the Db port.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { graph } from '../../tests/support/plans.ts';
import { complete, eventTypes, fail, startTask, subtaskStatuses } from '../../tests/support/store.ts';
import type { Db } from './db.ts';
import { listEvents } from './events.ts';
import { insertLogs } from './logs.ts';
import { migrate } from './migrate.ts';
import { type KeepDays, LOGS_BATCH, prune, TASKS_BATCH } from './retention.ts';
import { indexDocuments } from './search.ts';
import { completeTask } from './task-completion.ts';
import { getTask } from './task-views.ts';
import { cancelTask, createTask, retryTask } from './tasks.ts';

const NEVER: KeepDays = { tasks: null, events: null, logs: null };

export function describeRetention(name: string, openDb: () => Db | Promise<Db>): void {
  describe(`forgetting on ${name}`, () => {
    let db: Db;
    beforeAll(async () => {
      db = await openDb();
      await migrate(db);
    });
    afterAll(() => db?.close());
    beforeEach(async () => {
      await db.query('truncate tasks, agent_logs cascade');
      await db.query("update pruned_events set finished_at = '1970-01-01Z', task_id = ''");
    });

    const forget = (keep: Partial<KeepDays>) => prune(db, { ...NEVER, ...keep }, async () => undefined);
    /** The task and what it wrote, as it would be after so many days. */
    const age = async (taskId: string, days: number) => {
      await db.query(
        `update tasks set finished_at = finished_at - $2 * interval '1 day', created_at = created_at - $2 * interval '1 day'
         where id = $1`,
        [taskId, days],
      );
      await db.query("update agent_logs set time = now() - $2 * interval '1 day' where task_id = $1", [taskId, days]);
    };
    const log = (task_id: string) =>
      insertLogs(db, [
        {
          task_id,
          agent_id: 'agent_1',
          subtask_id: 'subtask_a',
          attempt: 1,
          level: 'INFO',
          message: 'said something',
          metadata: {},
          time: new Date().toISOString(),
        },
      ]);
    /** Completed, `days` ago, with a result, a log line and a document. */
    const ended = async (days: number) => {
      const task = await startTask(db, graph([], [0]));
      await complete(db, ...task.subtasks);
      await completeTask(db, task.id, 'it is done');
      await indexDocuments(db, [{ task_id: task.id, source: 'file:a', title: 'a', body: 'words' }]);
      await log(task.id);
      await age(task.id, days);
      return task;
    };
    const numbers = async (taskId: string) =>
      (await listEvents(db, taskId, { after: 0, limit: 1_000 })).map((event) => event.seq);
    const rowsOf = async (table: string, taskId: string) =>
      (await db.query(`select 1 from ${table} where task_id = $1`, [taskId])).length;

    it('keeps everything when no age is set', async () => {
      const { id } = await ended(10_000);
      expect(await forget({})).toEqual({ tasks: 0, events: 0, logs: 0, more: false });
      expect(await numbers(id)).toHaveLength(9);
    });

    it('removes the events of tasks that ended long ago, but the last', async () => {
      const old = await ended(31);
      const young = await ended(29);
      expect(await forget({ events: 30 })).toEqual({ tasks: 0, events: 8, logs: 0, more: false });
      expect(await listEvents(db, old.id, { after: 0, limit: 10 })).toMatchObject([{ seq: 9, type: 'task.completed' }]);
      expect(await numbers(young.id)).toHaveLength(9);
      expect((await getTask(db, old.id))?.results).toHaveLength(2);
    });

    it('goes on where it stopped, and comes back for nothing', async () => {
      await ended(40);
      expect(await forget({ events: 30 })).toMatchObject({ events: 8 });
      expect(await forget({ events: 30 })).toMatchObject({ events: 0 });
      const next = await ended(35);
      expect(await forget({ events: 30 })).toMatchObject({ events: 8 });
      expect(await numbers(next.id)).toEqual([9]);
    });

    it('numbers the events of a retried task onwards, and forgets them in their turn', async () => {
      const task = await startTask(db);
      await fail(db, task.subtasks[0]!);
      await age(task.id, 31);
      await forget({ events: 30 });
      const [last] = await numbers(task.id);
      await retryTask(db, task.id);
      await complete(db, ...task.subtasks);
      await completeTask(db, task.id, 'it is done');
      const all = await numbers(task.id);
      expect(all).toEqual(all.map((_, nth) => (last ?? 0) + nth));
      await db.query("update tasks set finished_at = now() - interval '30 days 1 second' where id = $1", [task.id]);
      await forget({ events: 30 });
      expect(await numbers(task.id)).toEqual([all.at(-1)]);
    });

    it('touches no task that has not ended', async () => {
      const running = await startTask(db);
      const pending = await createTask(db, { description: 'A task without a plan', user_id: 'tester' }, 60_000);
      await log(running.id);
      await db.query(
        "update tasks set created_at = now() - interval '100 days', started_at = now() - interval '100 days'",
      );
      await age(running.id, 100);
      expect(await forget({ tasks: 1, events: 1, logs: 1 })).toEqual({ tasks: 0, events: 0, logs: 0, more: false });
      expect(await eventTypes(db, running.id)).toHaveLength(3);
      expect(await eventTypes(db, pending.id)).toEqual(['task.created']);
      expect(await subtaskStatuses(db, running.id)).toEqual(['ready']);
    });

    it('removes old log lines of tasks that ended, are gone, or never were', async () => {
      const old = await ended(31);
      const young = await ended(29);
      await log('task_gone');
      await age('task_gone', 31);
      expect(await forget({ logs: 30 })).toMatchObject({ logs: 2, events: 0 });
      expect([await rowsOf('agent_logs', old.id), await rowsOf('agent_logs', young.id)]).toEqual([0, 1]);
    });

    it('removes tasks with everything of theirs, after their files', async () => {
      const old = await ended(91);
      const young = await ended(89);
      const seen: string[] = [];
      const pruned = await prune(db, { ...NEVER, tasks: 90 }, async (ids) => void seen.push(...ids));
      expect(seen).toEqual([old.id]);
      expect(pruned).toEqual({ tasks: 1, events: 0, logs: 0, more: false });
      expect(await getTask(db, old.id)).toBeNull();
      for (const table of ['subtasks', 'subtask_results', 'events', 'search_documents', 'agent_logs'])
        expect([table, await rowsOf(table, old.id), (await rowsOf(table, young.id)) > 0]).toEqual([table, 0, true]);
    });

    it('removes cancelled and failed tasks too', async () => {
      const failed = await startTask(db);
      await fail(db, failed.subtasks[0]!);
      const cancelled = await startTask(db);
      await cancelTask(db, cancelled.id);
      for (const { id } of [failed, cancelled]) await age(id, 2);
      expect(await forget({ tasks: 1 })).toMatchObject({ tasks: 2 });
    });

    it('keeps a task whose files could not be removed', async () => {
      const { id } = await ended(2);
      const broken = prune(db, { ...NEVER, tasks: 1 }, async () => {
        throw new Error('the disk is away');
      });
      await expect(broken).rejects.toThrow('the disk is away');
      expect(await rowsOf('subtasks', id)).toBe(2);
    });

    it('works in batches, and says when there is more', async () => {
      await db.query(
        `insert into tasks (id, user_id, description, status, summary, created_at, updated_at, finished_at, last_event)
         select 'task_batch' || n, 'tester', 'A task of long ago', 'completed', 'done', t, t, t, 2
         from generate_series(1, $1::int) as n, (select now() - interval '50 days' as t) as past`,
        [TASKS_BATCH + 1],
      );
      await db.query(
        "insert into events (task_id, seq, type) select id, seq, 'task.created' from tasks, generate_series(1, 2) as seq",
      );
      expect(await forget({ events: 30 })).toMatchObject({ events: TASKS_BATCH, more: true });
      expect(await forget({ events: 30 })).toMatchObject({ events: 1, more: false });
      expect(await forget({ tasks: 30 })).toMatchObject({ tasks: TASKS_BATCH, more: true });
      expect(await forget({ tasks: 30 })).toMatchObject({ tasks: 1, more: false });
      await db.query(
        `insert into agent_logs (time, agent_id, task_id, subtask_id, attempt, level, message)
         select now() - interval '50 days', 'agent_1', 'task_gone', 'subtask_gone', 1, 'INFO', 'said something'
         from generate_series(1, $1::int)`,
        [LOGS_BATCH + 1],
      );
      expect(await forget({ logs: 30 })).toMatchObject({ logs: LOGS_BATCH, more: true });
      expect(await forget({ logs: 30 })).toMatchObject({ logs: 1, more: false });
    });
  });
}

// What a person needs to understand a failed run: the stuck tasks with their rows and last events, and the last words of every
// process.
import type { Db } from '../../src/store/db.ts';
import { type Cluster, servicesOf } from './cluster.ts';

const TASKS_MAX = 5;
const EVENTS_MAX = 40;
const LINES_MAX = 30;
const LINE_MAX = 400;

export async function diagnose(db: Db, cluster: Cluster): Promise<string> {
  const stuck = await db.query<{ id: string }>(
    `select id, status, open_subtasks, failed_subtasks, planning_until, updated_at, now() from tasks
     where status in ('pending', 'in_progress') order by created_at limit $1`,
    [TASKS_MAX],
  );
  const tasks = await Promise.all(stuck.map((task) => describeTask(db, task)));
  const logs = servicesOf(cluster).map((service) => `\n== ${service.name}\n${service.tail(LINES_MAX).join('\n')}`);
  return [...tasks, ...logs, `\nEverything is kept in ${cluster.folder}`].join('\n');
}

async function describeTask(db: Db, task: { id: string }): Promise<string> {
  const subtasks = await db.query(
    `select position, id, status, waiting_for, attempt, failures, agent_id, due_at, deadline_at, error from subtasks
     where task_id = $1 and status <> 'completed' order by position`,
    [task.id],
  );
  const events = await db.query(
    `select seq, type, subtask_id, data, created_at from events where task_id = $1 order by seq desc limit $2`,
    [task.id, EVENTS_MAX],
  );
  const lines = [task, ...subtasks, ...events.reverse()].map((row) => JSON.stringify(row));
  return `\n== ${task.id}\n${lines.join('\n')}`;
}

/** What no fault explains: messages dropped for good, queues given up, panics. */
const GRAVE =
  /malformed message is dropped|cannot hold is dropped|queue is no longer read|"level":60|UnhandledPromise|Uncaught/;

/** Lines of the processes' logs that should never be there. */
export function graveLines(cluster: Cluster): string[] {
  return servicesOf(cluster).flatMap((service) =>
    service
      .tail(Number.POSITIVE_INFINITY)
      .filter((line) => GRAVE.test(line))
      .map((line) => `${service.name}: ${line.slice(0, LINE_MAX)}`),
  );
}

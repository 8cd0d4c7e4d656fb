// What happened lately and what is going on now, in numbers: the overview and the page of agents. Windows are read by
// indexes that hold all of their columns, and never more than ENDED_MAX rows of them. No transition here.
import type { Capability } from '../domain/capability.ts';
import { isTaskEnded, type SubtaskStatus, TASK_STATUSES, type TaskStatus } from '../domain/transitions.ts';
import type { Sql } from './db.ts';

/** Attempts, or tasks, of a window that are read: the newest. A tenth of a second or two. */
export const ENDED_MAX = 100_000;

export interface Window {
  from: string;
  bucketSeconds: number;
}

export interface EndedAttempts {
  /** Number of the bucket since 1970; null: the whole window. */
  bucket: number | null;
  completed: number;
  failed: number;
  cost_usd: number;
  waiting_p50: number | null;
  waiting_p95: number | null;
  running_p50: number;
  running_p95: number;
  /** When the earliest of those that were read ended. */
  since: string;
}

/** One row for each bucket in which an attempt ended, and one for the window unless it is empty. */
export async function countEndedAttempts(db: Sql, { from, bucketSeconds }: Window): Promise<EndedAttempts[]> {
  const rows = await db.query<EndedAttempts>(
    `select bucket, count(*) filter (where status = 'completed')::int as completed,
       count(*) filter (where status = 'failed')::int as failed, sum(cost_usd) as cost_usd, min(created_at) as since,
       percentile_cont(0.5) within group (order by waited_seconds) as waiting_p50,
       percentile_cont(0.95) within group (order by waited_seconds) as waiting_p95,
       percentile_cont(0.5) within group (order by execution_time) as running_p50,
       percentile_cont(0.95) within group (order by execution_time) as running_p95
     from (
       select created_at, floor(extract(epoch from created_at) / $2)::int as bucket, status, cost_usd, waited_seconds,
         execution_time
       from subtask_results where created_at >= $1 order by created_at desc limit $3
     ) as ended
     group by grouping sets ((bucket), ())`,
    [from, bucketSeconds, ENDED_MAX],
  );
  // Of nothing at all PostgreSQL makes one row without a beginning.
  return rows.filter((row) => row.since !== null);
}

export interface EndedTasks {
  bucket: number;
  status: TaskStatus;
  count: number;
  /** When the earliest of them ended. */
  since: string;
}

export async function countEndedTasks(db: Sql, { from, bucketSeconds }: Window): Promise<EndedTasks[]> {
  return db.query(
    `select bucket, status, count(*)::int as count, min(finished_at) as since
     from (
       select finished_at, floor(extract(epoch from finished_at) / $2)::int as bucket, status
       from tasks where finished_at >= $1 order by finished_at desc, id desc limit $3
     ) as ended
     group by bucket, status`,
    [from, bucketSeconds, ENDED_MAX],
  );
}

const OPEN_STATUSES = TASK_STATUSES.filter((status) => !isTaskEnded(status));

export async function countOpenTasks(db: Sql): Promise<{ status: TaskStatus; count: number }[]> {
  return db.query('select status, count(*)::int as count from tasks where status = any($1) group by status', [
    OPEN_STATUSES,
  ]);
}

/** Subtasks of the tasks that have not ended. */
export async function countOpenSubtasks(db: Sql): Promise<{ status: SubtaskStatus; count: number }[]> {
  return db.query(
    `select s.status, count(*)::int as count from tasks t join subtasks s on s.task_id = t.id
     where t.status = any($1) group by s.status`,
    [OPEN_STATUSES],
  );
}

export interface QueuedSet {
  required_capabilities: Capability[];
  ready: number;
  oldest_ready_at: string;
}

/** Ready subtasks that are counted: more are a queue for hours. */
const READY_MAX = 100_000;

/** Ready subtasks by what they need, READY_MAX of them at most. */
export async function countReady(db: Sql): Promise<QueuedSet[]> {
  return db.query(
    `select required_capabilities, count(*)::int as ready, min(ready_at) as oldest_ready_at
     from (select required_capabilities, ready_at from subtasks where status = 'ready' limit $1) as queued
     group by required_capabilities`,
    [READY_MAX],
  );
}

/** Subtasks that run. */
export async function countRunning(db: Sql): Promise<number> {
  const [row] = await db.query<{ count: number }>(
    `select count(*)::int as count from subtasks where status = 'running'`,
  );
  return row?.count ?? 0;
}

export interface AgentEnds {
  agent_id: string;
  completed: number;
  failed: number;
  last_at: string;
}

/** Attempts that ended within 24 hours, by agent. */
export async function countEndsByAgent(db: Sql): Promise<AgentEnds[]> {
  return db.query(
    `select agent_id, count(*) filter (where status = 'completed')::int as completed,
       count(*) filter (where status = 'failed')::int as failed, max(created_at) as last_at
     from (
       select agent_id, status, created_at from subtask_results
       where created_at >= now() - interval '24 hours' order by created_at desc limit $1
     ) as ended
     group by agent_id`,
    [ENDED_MAX],
  );
}

/** A running attempt as whoever watches its agent sees it. */
export interface Work {
  agent_id: string;
  task_id: string;
  subtask_id: string;
  attempt: number;
  /** Its first 200 characters. */
  description: string;
  started_at: string;
}

export async function listWork(db: Sql): Promise<Work[]> {
  return db.query(
    `select agent_id, task_id, id as subtask_id, attempt, left(description, 200) as description, started_at
     from subtasks where status = 'running' order by started_at, id`,
  );
}

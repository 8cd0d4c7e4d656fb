// Reading tasks: one whole task, and pages of the list. No transition here.
import type { SubtaskResult } from '../domain/attempt.ts';
import { AppError } from '../domain/errors.ts';
import type { Subtask } from '../domain/subtask.ts';
import type { Task } from '../domain/task.ts';
import type { TaskStatus } from '../domain/transitions.ts';
import type { Sql } from './db.ts';

export interface WholeTask {
  task: Task;
  subtasks: Subtask[];
  results: SubtaskResult[];
}

type TaskRow = Omit<Task, 'result'> & { summary: string | null };

const TASK_COLUMNS =
  't.id, t.user_id, t.description, t.status, t.plan_source, t.summary, t.error, t.created_at, t.updated_at, t.started_at, t.finished_at';

/** A task with its subtasks in plan order and every result so far, oldest first; null when there is none. */
export async function getTask(db: Sql, taskId: string): Promise<WholeTask | null> {
  const [row] = await db.query<TaskRow>(`select ${TASK_COLUMNS} from tasks t where t.id = $1`, [taskId]);
  if (!row) return null;
  const [subtasks, results] = await Promise.all([listSubtasks(db, taskId), listResults(db, taskId)]);
  const { summary, ...task } = row;
  const completed = results.filter((result) => result.status === 'completed');
  const result = summary === null ? null : { summary, subtask_results: completed };
  return { task: { ...task, result }, subtasks, results };
}

async function listSubtasks(db: Sql, taskId: string): Promise<Subtask[]> {
  return db.query<Subtask>(
    `select s.id, s.task_id, s.position, s.description, s.required_capabilities, s.priority, s.estimated_duration,
       s.input_data, s.rank, s.status, s.attempt, s.failures, s.agent_id, s.due_at, s.deadline_at, s.error,
       s.created_at, s.updated_at, s.ready_at, s.started_at, s.finished_at,
       coalesce((select array_agg(d.depends_on order by source.position) from dependencies d
         join subtasks source on source.id = d.depends_on where d.subtask_id = s.id), '{}') as dependencies
     from subtasks s where s.task_id = $1 order by s.position`,
    [taskId],
  );
}

async function listResults(db: Sql, taskId: string): Promise<SubtaskResult[]> {
  return db.query<SubtaskResult>(
    `select task_id, subtask_id, attempt, agent_id, status, output, error, error_code, execution_time, input_tokens,
       output_tokens, cost_usd, created_at
     from subtask_results where task_id = $1 order by created_at, subtask_id, attempt`,
    [taskId],
  );
}

export interface TaskFilter {
  status?: TaskStatus | undefined;
  user_id?: string | undefined;
  text?: string | undefined;
  created_after?: string | undefined;
  created_before?: string | undefined;
  limit: number;
  cursor?: string | undefined;
}

export type ListedTask = Omit<Task, 'result'> & {
  subtasks_total: number;
  subtasks_completed: number;
  subtasks_running: number;
  cost_usd: number;
};

export interface Page<T> {
  rows: T[];
  next_cursor: string | null;
}

/** Newest first. The cursor names the last row of the page before: an AppError when it is not one of ours. */
export async function listTasks(db: Sql, filter: TaskFilter): Promise<Page<ListedTask>> {
  const [before, beforeId] = filter.cursor ? readTaskCursor(filter.cursor) : [null, null];
  const rows = await db.query<ListedTask>(
    `select t.id, t.user_id, t.description, t.status, t.plan_source, t.error, t.created_at, t.updated_at, t.started_at,
       t.finished_at, s.total as subtasks_total, s.completed as subtasks_completed, s.running as subtasks_running,
       (select coalesce(sum(r.cost_usd), 0) from subtask_results r where r.task_id = t.id) as cost_usd
     from tasks t, lateral (
       select count(*)::int as total, count(*) filter (where status = 'completed')::int as completed,
         count(*) filter (where status = 'running')::int as running
       from subtasks where task_id = t.id
     ) as s
     where ($1::text is null or t.status = $1) and ($2::text is null or t.user_id = $2)
       and ($3::text is null or position(lower($3) in lower(t.description)) > 0)
       and ($4::timestamptz is null or t.created_at >= $4) and ($5::timestamptz is null or t.created_at < $5)
       and ($6::timestamptz is null or (t.created_at, t.id) < ($6, $7::text))
     order by t.created_at desc, t.id desc limit $8`,
    [
      filter.status ?? null,
      filter.user_id ?? null,
      filter.text ?? null,
      filter.created_after ?? null,
      filter.created_before ?? null,
      before,
      beforeId,
      filter.limit + 1,
    ],
  );
  return pageOf(rows, filter.limit, (task) => `${task.created_at}~${task.id}`);
}

/** Cuts the one row too many that tells whether there is a next page. */
export function pageOf<T>(rows: T[], limit: number, cursorOf: (row: T) => string): Page<T> {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const next_cursor = rows.length > limit && last ? Buffer.from(cursorOf(last)).toString('base64url') : null;
  return { rows: page, next_cursor };
}

/** Undoes the encoding of pageOf. */
export function readCursor(cursor: string, shape: RegExp): string[] {
  const match = shape.exec(Buffer.from(cursor, 'base64url').toString('utf8'));
  if (!match) throw badCursor(cursor);
  return match.slice(1);
}

function readTaskCursor(cursor: string): [string, string] {
  const [createdAt = '', id = ''] = readCursor(cursor, /^(\d{4}-\d\d-\d\dT[\d:.]+Z)~(task_[a-z0-9]+)$/);
  if (Number.isNaN(Date.parse(createdAt))) throw badCursor(cursor);
  return [createdAt, id];
}

function badCursor(cursor: string): AppError {
  const message = `cursor ${JSON.stringify(cursor)} is not one that a page returned: use next_cursor as it is`;
  return new AppError('invalid_request', message, { field: 'cursor' });
}

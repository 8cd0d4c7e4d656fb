// Reading tasks: one whole task, and pages of the list. No transition here. How a page is found is pages.ts's.
import type { SubtaskResult } from '../domain/attempt.ts';
import type { Subtask } from '../domain/subtask.ts';
import type { Task } from '../domain/task.ts';
import { isTaskEnded, TASK_STATUSES, type TaskStatus } from '../domain/transitions.ts';
import type { Sql } from './db.ts';
import { readEdges, withDependencies } from './edges.ts';
import { type Page, type PageRequest, readPage } from './pages.ts';

export interface WholeTask {
  task: Task;
  subtasks: Subtask[];
  results: SubtaskResult[];
}

type TaskRow = Omit<Task, 'result'> & { summary: string | null };

export const TASK_COLUMNS =
  't.id, t.user_id, t.description, t.status, t.plan_source, t.summary, t.error, t.created_at, t.updated_at, t.started_at, t.finished_at';

/** Of `subtasks s`; its dependencies are edges.ts's. */
export const SUBTASK_COLUMNS = `s.id, s.task_id, s.position, s.description, s.required_capabilities, s.priority,
  s.estimated_duration, s.input_data, s.rank, s.status, s.attempt, s.failures, s.agent_id, s.due_at, s.deadline_at, s.error,
  s.created_at, s.updated_at, s.ready_at, s.started_at, s.finished_at`;

/** Of `subtask_results`. */
export const RESULT_COLUMNS = `task_id, subtask_id, attempt, agent_id, status, output, error, error_code, execution_time,
  input_tokens, output_tokens, cost_usd, created_at`;

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

/** Null when there is no such task. */
export async function getTaskStatus(db: Sql, taskId: string): Promise<TaskStatus | null> {
  const [row] = await db.query<{ status: TaskStatus }>('select status from tasks where id = $1', [taskId]);
  return row?.status ?? null;
}

async function listSubtasks(db: Sql, taskId: string): Promise<Subtask[]> {
  const [rows, edges] = await Promise.all([
    db.query<Omit<Subtask, 'dependencies'>>(
      `select ${SUBTASK_COLUMNS} from subtasks s where s.task_id = $1 order by s.position`,
      [taskId],
    ),
    readEdges(db, taskId),
  ]);
  return withDependencies(rows, edges);
}

async function listResults(db: Sql, taskId: string): Promise<SubtaskResult[]> {
  return db.query<SubtaskResult>(
    `select ${RESULT_COLUMNS} from subtask_results where task_id = $1 order by created_at, subtask_id, attempt`,
    [taskId],
  );
}

export interface TaskFilter extends PageRequest {
  status?: TaskStatus | undefined;
  user_id?: string | undefined;
  /** Looked for in the description, whatever its case. */
  text?: string | undefined;
  created_after?: string | undefined;
  created_before?: string | undefined;
}

export type ListedTask = Omit<Task, 'result'> & {
  subtasks_total: number;
  subtasks_completed: number;
  subtasks_running: number;
  subtasks_failed: number;
  cost_usd: number;
};

/** Newest first. */
export async function listTasks(db: Sql, filter: TaskFilter): Promise<Page<ListedTask>> {
  return readPage<ListedTask>(
    db,
    {
      table: 'tasks',
      at: 'created_at',
      columns: LISTED_COLUMNS,
      joins: COUNTS,
      indexed: [
        ['user_id = ?', filter.user_id],
        [filter.user_id === undefined ? 'status = ?' : 'status collate "C" = ?', filter.status],
      ],
      from: filter.created_after,
      before: filter.created_before,
      sifted: [['position(lower(?) in lower(description)) > 0', filter.text]],
    },
    filter,
  );
}

/** The rows of the list for these tasks, in no order; those that are gone are left out. */
export async function findListed(db: Sql, ids: readonly string[]): Promise<ListedTask[]> {
  return db.query<ListedTask>(`select ${LISTED_COLUMNS} from tasks as page ${COUNTS} where page.id = any($1)`, [ids]);
}

/** Open tasks that are looked at, of each open status. */
const OPEN_MAX = 200;

const OPEN_STATUSES = TASK_STATUSES.filter((status) => !isTaskEnded(status));

/** The newest open tasks, each with the number of its last event, which tells whether anything has changed. */
export async function listOpenMarks(db: Sql): Promise<{ id: string; last_event: number }[]> {
  return db.query(
    `select newest.id, newest.last_event from unnest($1::text[]) as open (status) cross join lateral (
       select id, last_event from tasks where tasks.status = open.status
       order by (created_at at time zone 'UTC') desc, id desc limit $2
     ) as newest`,
    [OPEN_STATUSES, OPEN_MAX],
  );
}

const LISTED_COLUMNS = `page.id, page.user_id, page.description, page.status, page.plan_source, page.error,
  page.created_at, page.updated_at, page.started_at, page.finished_at, counted.*, spent.*`;

const COUNTS = `cross join lateral (
    select count(*)::int as subtasks_total, count(*) filter (where status = 'completed')::int as subtasks_completed,
      count(*) filter (where status = 'running')::int as subtasks_running,
      count(*) filter (where status = 'failed')::int as subtasks_failed
    from subtasks where task_id = page.id
  ) as counted cross join lateral (
    select coalesce(sum(cost_usd), 0) as cost_usd from subtask_results where task_id = page.id
  ) as spent`;

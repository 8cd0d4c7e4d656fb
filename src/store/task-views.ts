// Reading tasks: one whole task, and pages of the list. No transition here. How a page is found is pages.ts's.
import type { SubtaskResult } from '../domain/attempt.ts';
import type { Purse } from '../domain/budget.ts';
import type { Subtask } from '../domain/subtask.ts';
import type { Task } from '../domain/task.ts';
import { isTaskEnded, TASK_STATUSES, type TaskStatus } from '../domain/transitions.ts';
import type { Condition } from './conditions.ts';
import type { Sql } from './db.ts';
import { readEdges, withDependencies } from './edges.ts';
import { type Page, type PageRequest, readPage } from './pages.ts';

export interface WholeTask {
  task: Task;
  /** Of its budget. */
  purse: Purse;
  subtasks: Subtask[];
  results: SubtaskResult[];
  /** The span of its submit. */
  trace_parent: string | null;
}

const TASK_FIELDS = [
  ...[
    'id',
    'user_id',
    'description',
    'status',
    'plan_source',
    'error',
    'budget_usd',
    'max_turns',
    'spent_usd',
    'spent_turns',
  ],
  ...['planner_input_tokens', 'planner_output_tokens', 'created_at', 'updated_at', 'started_at', 'finished_at'],
];

/** What a purse has and a task as it is shown has not. */
const PURSE_ONLY = ['reserved_usd', 'reserved_turns', 'reservations', 'open_subtasks'] as const;

/** Of `subtasks s`; its dependencies are edges.ts's. */
export const SUBTASK_COLUMNS = `s.id, s.task_id, s.position, s.description, s.required_capabilities, s.priority,
  s.estimated_duration, s.input_data, s.rank, s.status, s.attempt, s.failures, s.overruns, s.reserved_usd,
  s.reserved_turns, s.agent_id, s.due_at, s.deadline_at, s.error,
  s.created_at, s.updated_at, s.ready_at, s.started_at, s.finished_at`;

/** Of `subtask_results`. */
export const RESULT_COLUMNS = `task_id, subtask_id, attempt, agent_id, status, output, error, error_code, execution_time,
  input_tokens, output_tokens, cost_usd, turns, created_at`;

/** A task with its subtasks in plan order and every result so far, oldest first; null when there is none. */
export async function getTask(db: Sql, taskId: string): Promise<WholeTask | null> {
  const row = await readTaskRow(db, taskId);
  if (!row) return null;
  const [subtasks, results] = await Promise.all([listSubtasks(db, taskId), listResults(db, taskId)]);
  const completed = results.filter((result) => result.status === 'completed');
  const result = row.summary === null ? null : { summary: row.summary, subtask_results: completed };
  return { task: { ...row.task, result }, purse: row.purse, trace_parent: row.trace_parent, subtasks, results };
}

export interface TaskRow {
  task: Omit<Task, 'result'>;
  summary: string | null;
  /** Of its budget. */
  purse: Purse;
  /** Number of its last event. */
  last_event: number;
  /** The span of its submit. */
  trace_parent: string | null;
}

type Beside = Pick<TaskRow, 'summary' | 'last_event' | 'trace_parent'>;
type StoredTask = TaskRow['task'] & Beside & Pick<Purse, (typeof PURSE_ONLY)[number]>;

/** The task without its subtasks; null when there is none. */
export async function readTaskRow(db: Sql, taskId: string): Promise<TaskRow | null> {
  const columns = [...TASK_FIELDS, 'summary', 'last_event', 'trace_parent', ...PURSE_ONLY];
  const [row] = await db.query<StoredTask>(`select ${columns.join(', ')} from tasks where id = $1`, [taskId]);
  if (!row) return null;
  const { summary, last_event, trace_parent, ...rest } = row;
  const { reserved_usd, reserved_turns, reservations, open_subtasks, ...task } = rest;
  const { budget_usd, max_turns, spent_usd, spent_turns } = task;
  const limits = { budget_usd, max_turns, spent_usd, spent_turns };
  const purse = { ...limits, reserved_usd, reserved_turns, reservations, open_subtasks };
  return { task, summary, last_event, trace_parent, purse };
}

/** Null when there is no such task. */
export async function getTaskStatus(db: Sql, taskId: string): Promise<TaskStatus | null> {
  const [row] = await db.query<{ status: TaskStatus }>('select status from tasks where id = $1', [taskId]);
  return row?.status ?? null;
}

/** Null when there is no such task. */
export async function getTaskOwner(db: Sql, taskId: string): Promise<string | null> {
  const [row] = await db.query<{ user_id: string }>('select user_id from tasks where id = $1', [taskId]);
  return row?.user_id ?? null;
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
  /** One of these. */
  status?: TaskStatus | readonly TaskStatus[] | undefined;
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

/** Newest first, unless told otherwise. */
export async function listTasks(db: Sql, filter: TaskFilter): Promise<Page<ListedTask>> {
  const statusKey = filter.user_id === undefined ? 'status' : 'status collate "C"';
  return readPage<ListedTask>(
    db,
    {
      table: 'tasks',
      at: 'created_at',
      columns: LISTED_COLUMNS,
      joins: COUNTS,
      indexed: [['user_id = ?', filter.user_id]],
      anyOf: statusesOf(filter).map((status): Condition => [`${statusKey} = ?`, status]),
      from: filter.created_after,
      before: filter.created_before,
      sifted: [['position(lower(?) in lower(description)) > 0', filter.text]],
    },
    filter,
  );
}

function statusesOf({ status = [] }: TaskFilter): TaskStatus[] {
  return [...new Set(typeof status === 'string' ? [status] : status)];
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

const LISTED_COLUMNS = `${TASK_FIELDS.map((field) => `page.${field}`).join(', ')}, counted.*, spent.*`;

const COUNTS = `cross join lateral (
    select count(*)::int as subtasks_total, count(*) filter (where status = 'completed')::int as subtasks_completed,
      count(*) filter (where status = 'running')::int as subtasks_running,
      count(*) filter (where status = 'failed')::int as subtasks_failed
    from subtasks where task_id = page.id
  ) as counted cross join lateral (
    select coalesce(sum(cost_usd), 0) as cost_usd from subtask_results where task_id = page.id
  ) as spent`;

// Reading tasks: one whole task, and pages of the list. No transition here. How a page is found is pages.ts's.
import type { SubtaskResult } from '../domain/attempt.ts';
import type { Purse } from '../domain/budget.ts';
import type { Subtask } from '../domain/subtask.ts';
import type { Task } from '../domain/task.ts';
import type { TaskStatus } from '../domain/transitions.ts';
import type { Sql } from './db.ts';
import { type Page, type PageRequest, readPage } from './pages.ts';

export interface WholeTask {
  task: Task;
  /** Of its budget. */
  purse: Purse;
  subtasks: Subtask[];
  results: SubtaskResult[];
}

type TaskRow = Omit<Task, 'result'> & Pick<Purse, (typeof PURSE_ONLY)[number]> & { summary: string | null };

const TASK_COLUMNS = `id, user_id, description, status, plan_source, error, budget_usd, max_turns, spent_usd, spent_turns,
  planner_input_tokens, planner_output_tokens, created_at, updated_at, started_at, finished_at`;

/** What a purse has and a task as it is shown has not. */
const PURSE_ONLY = ['reserved_usd', 'reserved_turns', 'reservations', 'open_subtasks'] as const;

/** A task with its subtasks in plan order and every result so far, oldest first; null when there is none. */
export async function getTask(db: Sql, taskId: string): Promise<WholeTask | null> {
  const [row] = await db.query<TaskRow>(
    `select ${TASK_COLUMNS}, summary, ${PURSE_ONLY.join(', ')} from tasks where id = $1`,
    [taskId],
  );
  if (!row) return null;
  const [subtasks, results] = await Promise.all([listSubtasks(db, taskId), listResults(db, taskId)]);
  const { summary, reserved_usd, reserved_turns, reservations, open_subtasks, ...task } = row;
  const { budget_usd, max_turns, spent_usd, spent_turns } = task;
  const held = { reserved_usd, reserved_turns, reservations, open_subtasks };
  const completed = results.filter((result) => result.status === 'completed');
  const result = summary === null ? null : { summary, subtask_results: completed };
  const purse = { budget_usd, max_turns, spent_usd, spent_turns, ...held };
  return { task: { ...task, result }, purse, subtasks, results };
}

async function listSubtasks(db: Sql, taskId: string): Promise<Subtask[]> {
  return db.query<Subtask>(
    `select s.id, s.task_id, s.position, s.description, s.required_capabilities, s.priority, s.estimated_duration,
       s.input_data, s.rank, s.status, s.attempt, s.failures, s.overruns, s.reserved_usd, s.reserved_turns, s.agent_id, s.due_at, s.deadline_at, s.error,
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
       output_tokens, cost_usd, turns, created_at
     from subtask_results where task_id = $1 order by created_at, subtask_id, attempt`,
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
  cost_usd: number;
};

/** Newest first. */
export async function listTasks(db: Sql, filter: TaskFilter): Promise<Page<ListedTask>> {
  return readPage<ListedTask>(
    db,
    {
      table: 'tasks',
      at: 'created_at',
      columns: `${TASK_COLUMNS.replaceAll(/\w+/g, 'page.$&')}, counted.*, spent.*`,
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

const COUNTS = `cross join lateral (
    select count(*)::int as subtasks_total, count(*) filter (where status = 'completed')::int as subtasks_completed,
      count(*) filter (where status = 'running')::int as subtasks_running
    from subtasks where task_id = page.id
  ) as counted cross join lateral (
    select coalesce(sum(cost_usd), 0) as cost_usd from subtask_results where task_id = page.id
  ) as spent`;

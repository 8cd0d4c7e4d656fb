// One task as a graph: every subtask in short, its edges, its attempts and what they cost, all as of one instant. Statements
// over the whole task, none for each of its subtasks: there may be thousands.
import type { AttemptSpan } from '../domain/attempt.ts';
import type { Subtask } from '../domain/subtask.ts';
import type { Task } from '../domain/task.ts';
import { listResultSums, listSpans, type ResultSum } from './attempt-spans.ts';
import type { Db, Sql } from './db.ts';
import { readEdges, withDependencies } from './edges.ts';
import { TASK_COLUMNS } from './task-views.ts';

/** Characters of a description and of an error that a graph shows. */
const TITLE_MAX = 120;
const ERROR_MAX = 200;

export type GraphSubtask = Omit<
  Subtask,
  'task_id' | 'description' | 'input_data' | 'deadline_at' | 'created_at' | 'updated_at'
> & {
  /** The beginning of its description. */
  title: string;
  /** Seconds since it started, by the database's clock; 0 unless it runs. */
  running_seconds: number;
};

export interface TaskGraph {
  task: Omit<Task, 'result'> & { summary: string | null };
  /** Number of the last event that all of this includes. */
  last_event: number;
  /** In the order of the plan. */
  subtasks: GraphSubtask[];
  results: ResultSum[];
  attempts: AttemptSpan[];
}

/** Null when there is no such task. */
export async function getTaskGraph(db: Db, taskId: string): Promise<TaskGraph | null> {
  return db.transaction(
    async (tx) => {
      const [row] = await tx.query<TaskGraph['task'] & { last_event: number }>(
        `select ${TASK_COLUMNS}, t.last_event from tasks t where t.id = $1`,
        [taskId],
      );
      if (!row) return null;
      const { last_event, ...task } = row;
      const subtasks = withDependencies(await listInShort(tx, taskId), await readEdges(tx, taskId));
      const results = await listResultSums(tx, taskId);
      return { task, last_event, subtasks, results, attempts: await listSpans(tx, taskId, results) };
    },
    { snapshot: true },
  );
}

async function listInShort(db: Sql, taskId: string): Promise<Omit<GraphSubtask, 'dependencies'>[]> {
  return db.query(
    `select id, position, left(description, $2) as title, required_capabilities, priority, estimated_duration, rank, status,
       attempt, failures, agent_id, due_at, left(error, $3) as error, ready_at, started_at, finished_at,
       case when status = 'running' then greatest(0, extract(epoch from now() - started_at)) else 0 end::float8 as running_seconds
     from subtasks where task_id = $1 order by position`,
    [taskId, TITLE_MAX, ERROR_MAX],
  );
}

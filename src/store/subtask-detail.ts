// One subtask in full, with its neighbours in the graph and the results of its attempts. No transition here.
import type { SubtaskResult } from '../domain/attempt.ts';
import type { Subtask } from '../domain/subtask.ts';
import type { Sql } from './db.ts';
import { RESULT_COLUMNS, SUBTASK_COLUMNS } from './task-views.ts';

type Neighbour = Pick<Subtask, 'id' | 'position' | 'description' | 'status'>;

export interface SubtaskDetail {
  subtask: Subtask;
  /** What it depends on, with the output of each that completed. */
  inputs: (Neighbour & { output: Record<string, unknown> | null })[];
  dependents: Neighbour[];
  /** Oldest first. */
  results: SubtaskResult[];
}

export interface SubtaskKey {
  task_id: string;
  subtask_id: string;
}

/** Null when the task has no such subtask. */
export async function getSubtask(db: Sql, { task_id, subtask_id }: SubtaskKey): Promise<SubtaskDetail | null> {
  const [row] = await db.query<Omit<Subtask, 'dependencies'>>(
    `select ${SUBTASK_COLUMNS} from subtasks s where s.id = $1 and s.task_id = $2`,
    [subtask_id, task_id],
  );
  if (!row) return null;
  const [inputs, dependents, results] = await Promise.all([
    listInputs(db, subtask_id),
    listDependents(db, subtask_id),
    listResultsOf(db, subtask_id),
  ]);
  return { subtask: { ...row, dependencies: inputs.map((input) => input.id) }, inputs, dependents, results };
}

async function listInputs(db: Sql, subtaskId: string): Promise<SubtaskDetail['inputs']> {
  return db.query(
    `select s.id, s.position, s.description, s.status, r.output
     from dependencies d join subtasks s on s.id = d.depends_on
       left join subtask_results r on r.subtask_id = s.id and r.status = 'completed'
     where d.subtask_id = $1 order by s.position`,
    [subtaskId],
  );
}

async function listDependents(db: Sql, subtaskId: string): Promise<Neighbour[]> {
  return db.query(
    `select s.id, s.position, s.description, s.status
     from dependencies d join subtasks s on s.id = d.subtask_id
     where d.depends_on = $1 order by s.position`,
    [subtaskId],
  );
}

async function listResultsOf(db: Sql, subtaskId: string): Promise<SubtaskResult[]> {
  return db.query(`select ${RESULT_COLUMNS} from subtask_results where subtask_id = $1 order by attempt`, [subtaskId]);
}

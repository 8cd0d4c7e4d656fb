// The edges of one task's graph, read at once and told apart by subtask: a query for each row of thousands would be slow.
import type { Sql } from './db.ts';

/** By subtask: the ids of those it depends on, in no order. */
export type Edges = ReadonlyMap<string, readonly string[]>;

export async function readEdges(db: Sql, taskId: string): Promise<Edges> {
  const rows = await db.query<{ subtask_id: string; depends_on: string[] }>(
    `select d.subtask_id, array_agg(d.depends_on) as depends_on
     from subtasks s join dependencies d on d.subtask_id = s.id
     where s.task_id = $1 group by d.subtask_id`,
    [taskId],
  );
  return new Map(rows.map((row) => [row.subtask_id, row.depends_on]));
}

/** With the ids of its dependencies added to each subtask, in the order of the plan. `subtasks` are those of one task. */
export function withDependencies<S extends { id: string; position: number }>(
  subtasks: readonly S[],
  edges: Edges,
): (S & { dependencies: string[] })[] {
  const positions = new Map(subtasks.map((subtask) => [subtask.id, subtask.position]));
  const inPlan = (a: string, b: string) => (positions.get(a) ?? 0) - (positions.get(b) ?? 0);
  return subtasks.map((subtask) => ({ ...subtask, dependencies: [...(edges.get(subtask.id) ?? [])].sort(inPlan) }));
}

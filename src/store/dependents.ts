// What becomes of subtasks when others end: those that waited for what completed become ready, those that waited for what
// failed are blocked. Part of the transaction of attempts.ts, which holds their tasks.
import type { ReadySubtask } from '../domain/subtask.ts';
import { SUBTASK_TRANSITIONS } from '../domain/transitions.ts';
import type { Sql } from './db.ts';

export interface Touched {
  id: string;
  task_id: string;
}

/**
 * Counts the completed dependencies ($1) of each dependent down, under its row lock; whoever reaches 0 becomes ready. The
 * states that may be left are $2, and $3 is the one that is reached.
 */
export const UNBLOCK = `update subtasks s set waiting_for = s.waiting_for - d.done, updated_at = now(),
     status = case when s.waiting_for = d.done and s.status = any($2) then $3 else s.status end,
     ready_at = case when s.waiting_for = d.done and s.status = any($2) then now() else s.ready_at end
   from (select subtask_id, count(*)::int as done from dependencies where depends_on = any($1) group by subtask_id) as d
   where s.id = d.subtask_id
   returning s.id, s.task_id, s.user_id, s.status, s.required_capabilities, s.priority, s.rank, s.ready_at`;

/** Those that became ready. */
export async function unblockDependents(tx: Sql, completed: readonly string[]): Promise<ReadySubtask[]> {
  if (completed.length === 0) return [];
  const { from, to } = SUBTASK_TRANSITIONS.unblock;
  const rows = await tx.query<Omit<ReadySubtask, 'due_in_ms'> & { status: string }>(UNBLOCK, [completed, from, to]);
  return rows.filter((row) => row.status === to).map(({ status: _, ...row }) => ({ ...row, due_in_ms: 0 }));
}

/**
 * Everything that can no longer run because a dependency, near or far, failed for good; each after what blocks it. An
 * array, not a join: the planner guesses a recursion to be large, and would read the whole table for it.
 */
export async function blockDownstream(tx: Sql, failed: readonly string[]): Promise<Touched[]> {
  if (failed.length === 0) return [];
  const { from, to } = SUBTASK_TRANSITIONS.block;
  const rows = await tx.query<Touched & { rank: number }>(
    `with recursive downstream (id) as (
       select subtask_id from dependencies where depends_on = any($1)
       union
       select d.subtask_id from dependencies d join downstream on d.depends_on = downstream.id
     )
     update subtasks s set status = $3, finished_at = now(), updated_at = now()
     where s.id = any(array(select id from downstream)) and s.status = any($2)
     returning s.id, s.task_id, s.rank`,
    [failed, from, to],
  );
  // The rank falls strictly along every edge, so it is an order of the graph.
  return rows.sort((a, b) => b.rank - a.rank);
}

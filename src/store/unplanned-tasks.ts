// The lease on a pending task's planning: whoever plans it renews the lease, and what was left alone is taken over. Its stored
// end tells holders apart, too: it is what a holder wrote last, unless another has taken the task over meanwhile.
import { type Db, type Sql, toJson } from './db.ts';
import type { UnplannedTask } from './tasks.ts';

export interface Claims {
  /** Tasks to take over at most. */
  limit?: number;
  /** Ids of tasks that are left out: whoever asks plans them already. */
  except?: readonly string[];
}

/**
 * Takes over pending tasks whose planner let its time pass (it died, or had no room for them), for another `planningMs`: at
 * most `limit`, of each user the oldest first, users in turn.
 */
export async function claimUnplanned(
  db: Sql,
  planningMs: number,
  { limit = 10, except = [] }: Claims = {},
): Promise<UnplannedTask[]> {
  return db.query<UnplannedTask>(
    `with left_alone as (
       select id, created_at, row_number() over (partition by user_id order by created_at, id) as turn
       from tasks where status = 'pending' and planning_until <= now() and id <> all($3)
     ), due as (
       select id from tasks
       where id in (select id from left_alone order by turn, created_at, id limit $2)
         and status = 'pending' and planning_until <= now()
       order by id for update skip locked
     )
     update tasks t set planning_until = now() + $1 * interval '1 millisecond' from due where t.id = due.id
     returning t.id, t.user_id, t.description, t.given_plan, t.trace_parent, t.created_at`,
    [planningMs, limit, except],
  );
}

export interface HeldTask {
  id: string;
  /** Until when its holder has it, as the last renewal said; null before the first. */
  until: string | null;
}

/**
 * Goes on planning these tasks, but for those that are pending no more, or that another took over because the time had passed.
 * Resolves to the others: id → until when they are held now.
 */
export async function renewPlanning(
  db: Db,
  held: readonly HeldTask[],
  planningMs: number,
): Promise<Map<string, string>> {
  const rows = await db.transaction((tx) =>
    tx.last<{ id: string; planning_until: string }>(
      `update tasks t set planning_until = now() + $2 * interval '1 millisecond'
       from (
         select mine.id from jsonb_to_recordset($1::jsonb) as held (id text, until timestamptz)
           join tasks mine on mine.id = held.id
         where mine.status = 'pending'
           and (held.until is null or mine.planning_until = held.until or mine.planning_until <= now())
         order by mine.id for update of mine
       ) as kept where t.id = kept.id
       returning t.id, t.planning_until`,
      [toJson(held), planningMs],
    ),
  );
  return new Map(rows.map((row) => [row.id, row.planning_until]));
}

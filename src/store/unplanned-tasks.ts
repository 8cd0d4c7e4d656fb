// The lease on a pending task's planning: whoever plans it renews the lease, and what was left alone is taken over. Its stored
// end tells holders apart, too: it is what a holder wrote last, unless another has taken the task over meanwhile.
import { type Db, toJson } from './db.ts';
import type { UnplannedTask } from './tasks.ts';

const CLAIMED = 't.id, t.user_id, t.description, t.given_plan, t.trace_parent, t.created_at';
const LEFT_ALONE = "t.status = 'pending' and t.planning_until <= now()";

/**
 * Takes over pending tasks that came with their plan and whose planner died, for another `planningMs`: at most `limit`, oldest
 * first.
 */
export async function claimGiven(db: Db, planningMs: number, limit = 10): Promise<UnplannedTask[]> {
  return db.transaction((tx) =>
    tx.last<UnplannedTask>(
      `with due as (
         select t.id from tasks t where ${LEFT_ALONE} and t.given_plan is not null
         order by t.created_at, t.id limit $2 for update skip locked
       )
       update tasks t set planning_until = now() + $1 * interval '1 millisecond' from due where t.id = due.id
       returning ${CLAIMED}`,
      [planningMs, limit],
    ),
  );
}

export interface Claims {
  /** Tasks to take over at most. */
  limit?: number;
  /** Ids of tasks that are left out: whoever asks plans them already. */
  except?: readonly string[];
}

/** As the index tasks_without_plan has it. */
const WITHOUT_PLAN = "t.status = 'pending' and t.given_plan is null";
const USER = 't.user_id collate "C"';

/** From one user to the next, each found by the index; each has an equal share, so that what is read is little more than `limit`. */
const CLAIM_UNPLANNED = `with recursive users (id) as (
     (select ${USER} from tasks t where ${WITHOUT_PLAN} order by ${USER} limit 1)
     union all
     select (select ${USER} from tasks t where ${WITHOUT_PLAN} and ${USER} > users.id order by ${USER} limit 1)
     from users where users.id is not null
   ), whose as (
     select id, ceil($2::int::numeric / count(*) over ())::int as share from users where id is not null
   ), found as (
     select task.id, task.created_at, row_number() over (partition by whose.id order by task.created_at, task.id) as turn
     from whose cross join lateral (
       select t.id, t.created_at from tasks t
       where ${WITHOUT_PLAN} and ${USER} = whose.id and t.planning_until <= now() and t.id <> all($3::text[])
       order by t.created_at, t.id limit whose.share
     ) as task
   ), due as (
     select free.id from (select id from found order by turn, created_at, id limit $2::int) as first cross join lateral (
       select t.id from tasks t where t.id = first.id and ${LEFT_ALONE} for update skip locked
     ) as free
   )
   update tasks t set planning_until = now() + $1 * interval '1 millisecond' from due where t.id = due.id
   returning ${CLAIMED}`;

/**
 * Takes over pending tasks without a plan whose planner let its time pass (it died, or had no room for them), for another
 * `planningMs`: at most `limit`, of each user the oldest first, users in turn.
 */
export async function claimUnplanned(
  db: Db,
  planningMs: number,
  { limit = 10, except = [] }: Claims = {},
): Promise<UnplannedTask[]> {
  return db.transaction((tx) => tx.last<UnplannedTask>(CLAIM_UNPLANNED, [planningMs, limit, except]));
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

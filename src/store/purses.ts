// The budgets of tasks as rows: locked with their task, reserved by a claim, given back and charged when an attempt ends.
// What a share is, and what an end is counted with, is decided by domain/budget.ts.
import type { ModelTokens } from '../domain/attempt.ts';
import { type Amount, allot, isLimited, NOTHING, type Purse, plus } from '../domain/budget.ts';
import { SUBTASK_TRANSITIONS } from '../domain/transitions.ts';
import { type Sql, toJson } from './db.ts';

export type TaskPurse = Purse & { id: string };

export const PURSE_COLUMNS =
  'budget_usd, max_turns, spent_usd, spent_turns, reserved_usd, reserved_turns, reservations, open_subtasks';

/**
 * Locks these tasks, in id order. Every transition of a subtask begins so. No key is ever changed, so that rows which refer
 * to a task (documents of the search) can be written meanwhile, in any order.
 */
export async function lockTasks(tx: Sql, taskIds: readonly string[]): Promise<FinishingTask[]> {
  return tx.query<FinishingTask>(
    `select id, failed_subtasks, ${PURSE_COLUMNS} from tasks where id = any($1) order by id for no key update`,
    [[...new Set(taskIds)]],
  );
}

export type FinishingTask = TaskPurse & { failed_subtasks: number };
export type ClaimedTask = TaskPurse & { user_id: string; description: string; trace_parent: string | null };

/** The same for the tasks of these subtasks, with what a claim hands on of them. */
export async function lockTasksOf(tx: Sql, subtaskIds: readonly string[]): Promise<ClaimedTask[]> {
  return tx.query<ClaimedTask>(
    `select id, user_id, description, trace_parent, ${PURSE_COLUMNS} from tasks
     where id in (select task_id from subtasks where id = any($1)) order by id for no key update`,
    [subtaskIds],
  );
}

/** Subtask id → what an attempt of it may use; null: it has to wait. Those of tasks without a budget are missing. */
export type Shares = ReadonlyMap<string, Amount | null>;

/** Divides what the locked tasks have left among the subtasks to be claimed, which are given most urgent first. */
export async function shareOut(
  tx: Sql,
  purses: readonly TaskPurse[],
  subtaskIds: readonly string[],
): Promise<{ shares: Shares; waiting: WaitingTask[] }> {
  const limited = new Map(purses.filter(isLimited).map((purse) => [purse.id, purse]));
  if (limited.size === 0) return { shares: new Map(), waiting: [] };
  const rows = await tx.query<{ id: string; task_id: string; overruns: number }>(
    `select id, task_id, overruns from subtasks
     where id = any($1) and task_id = any($2) and status = any($3) and (due_at is null or due_at <= now())
     order by array_position($1, id)`,
    [subtaskIds, [...limited.keys()], SUBTASK_TRANSITIONS.claim.from],
  );
  const shares = new Map<string, Amount | null>();
  const waiting: WaitingTask[] = [];
  for (const purse of limited.values()) {
    const claims = rows.filter((row) => row.task_id === purse.id);
    const given = allot(purse, claims);
    for (const [index, claim] of claims.entries()) shares.set(claim.id, given[index] ?? null);
    const granted = given.filter((share) => share !== null).length;
    if (granted < given.length) waiting.push({ task_id: purse.id, running: purse.reservations + granted });
  }
  return { shares, waiting };
}

/** A task of which a ready subtask waits for budget, and how many of its attempts run: when one ends, there may be some. */
export interface WaitingTask {
  task_id: string;
  running: number;
}

interface Change {
  task_id: string;
  held: Amount;
}

/** Takes back what was reserved, for attempts that used nothing of it. */
export async function dropReservations(tx: Sql, changes: readonly Change[]): Promise<void> {
  const sums = sumByTask(changes);
  if (sums.length === 0) return;
  await tx.query(
    `update tasks t set reserved_usd = t.reserved_usd - c.usd, reserved_turns = t.reserved_turns - c.turns,
       reservations = t.reservations - c.attempts
     from jsonb_to_recordset($1::jsonb) as c (id text, usd numeric, turns int, attempts int)
     where t.id = c.id`,
    [toJson(sums)],
  );
}

export function holds(held: Amount): boolean {
  return held.usd > 0 || held.turns > 0;
}

/** Of the attempts that hold anything. */
function sumByTask(changes: readonly Change[]) {
  const sums = new Map<string, Amount & { id: string; attempts: number }>();
  for (const { task_id, held } of changes) {
    if (!holds(held)) continue;
    const { attempts, ...amount } = sums.get(task_id) ?? { ...NOTHING, attempts: 0 };
    sums.set(task_id, { ...plus(amount, held), id: task_id, attempts: attempts + 1 });
  }
  return [...sums.values()];
}

/** Adds what planning or the summary used: known in tokens only, and covered by no budget. */
export async function addPlannerTokens(db: Sql, taskId: string, tokens: ModelTokens): Promise<void> {
  await db.query(
    `update tasks set planner_input_tokens = planner_input_tokens + $2,
       planner_output_tokens = planner_output_tokens + $3 where id = $1`,
    [taskId, tokens.input_tokens, tokens.output_tokens],
  );
}

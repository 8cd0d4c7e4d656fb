// What must hold in the store at every instant, asked of the rows themselves. Each query lists what breaks one rule.
import type { Sql } from '../../src/store/db.ts';

const RULES: Record<string, string> = {
  'a result belongs to a claim that was made, and is not of the running attempt': `
    select r.subtask_id, r.attempt from subtask_results r join subtasks s on s.id = r.subtask_id
    where r.attempt > s.attempt or (s.status = 'running' and r.attempt = s.attempt)`,
  'a completed subtask has exactly one completed result, any other none': `
    select s.id, s.status from subtasks s
    where (s.status = 'completed')::int <> (
      select count(*) from subtask_results r where r.subtask_id = s.id and r.status = 'completed')`,
  'a result carries the task of its subtask': `
    select r.subtask_id from subtask_results r join subtasks s on s.id = r.subtask_id where r.task_id <> s.task_id`,
  'no subtask has started before all its dependencies completed': `
    select s.id from subtasks s join dependencies d on d.subtask_id = s.id join subtasks source on source.id = d.depends_on
    where s.attempt > 0 and source.status <> 'completed'`,
  'waiting_for counts the dependencies that have not completed': `
    select s.id, s.waiting_for from subtasks s
    where s.waiting_for <> (
      select count(*) from dependencies d join subtasks source on source.id = d.depends_on
      where d.subtask_id = s.id and source.status <> 'completed')`,
  'a subtask that waits for nothing is not pending': `
    select id from subtasks where status = 'pending' and waiting_for = 0`,
  'a subtask is blocked exactly when a dependency failed or is blocked, unless it was cancelled': `
    select s.id, s.status from subtasks s
    where s.status <> 'cancelled' and (s.status = 'blocked') <> exists (
      select from dependencies d join subtasks source on source.id = d.depends_on
      where d.subtask_id = s.id and source.status in ('failed', 'blocked'))`,
  'open_subtasks and failed_subtasks are the counts they stand for': `
    select t.id, t.open_subtasks, t.failed_subtasks from tasks t
    where t.open_subtasks <> (select count(*) from subtasks where task_id = t.id and status in ('pending', 'ready', 'running'))
      or t.failed_subtasks <> (select count(*) from subtasks where task_id = t.id and status = 'failed')`,
  'a task that has ended has no open subtask, and a failed one has a failed subtask': `
    select id, status from tasks
    where (status in ('completed', 'failed', 'cancelled') and open_subtasks > 0) or (status = 'failed' and failed_subtasks = 0)`,
  'a task in progress has something left to do, or nothing that failed': `
    select id from tasks where status = 'in_progress' and open_subtasks = 0 and failed_subtasks > 0`,
  'only a completed task has only completed subtasks and a summary': `
    select t.id from tasks t where t.status = 'completed'
      and exists (select from subtasks where task_id = t.id and status <> 'completed')`,
  'a task holds what its running attempts hold': `
    select t.id, t.reserved_usd, t.reserved_turns, t.reservations from tasks t
    where (t.reserved_usd, t.reserved_turns, t.reservations) <> (
      select coalesce(sum(reserved_usd), 0), coalesce(sum(reserved_turns), 0),
        count(*) filter (where reserved_usd > 0 or reserved_turns > 0)
      from subtasks where task_id = t.id)`,
  'an attempt holds something of exactly what its task limits': `
    select s.id from subtasks s join tasks t on t.id = s.task_id
    where s.status = 'running'
      and ((s.reserved_usd > 0) <> (t.budget_usd is not null) or (s.reserved_turns > 0) <> (t.max_turns is not null))`,
  'a task in progress with something left to do has something left to spend': `
    select id, spent_usd, spent_turns from tasks
    where status = 'in_progress' and open_subtasks > 0 and (spent_usd >= budget_usd or spent_turns >= max_turns)`,
  'events are numbered from 1 without gaps': `
    select t.id from tasks t
    where t.last_event <> (select count(*) from events where task_id = t.id)
      or t.last_event <> (select coalesce(max(seq), 0) from events where task_id = t.id)`,
  // A subtask whose task cannot pay for it fails without an attempt.
  'each claim, and each end of an attempt, has its event': `
    select s.id from subtasks s
    where s.attempt <> (select count(*) from events where subtask_id = s.id and type = 'subtask.claimed')
      or (select count(*) from subtask_results where subtask_id = s.id) <> (
        select count(*) from events where subtask_id = s.id and data -> 'attempt' is not null
          and type in ('subtask.completed', 'subtask.failed', 'subtask.retry_scheduled'))`,
};

/** The rules that do not hold, each with the rows that break it. */
export async function brokenInvariants(db: Sql): Promise<Record<string, unknown[]>> {
  const broken: Record<string, unknown[]> = {};
  for (const [rule, query] of Object.entries(RULES)) {
    const rows = await db.query(query);
    if (rows.length > 0) broken[rule] = rows;
  }
  return broken;
}

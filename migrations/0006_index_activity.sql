-- What the overview and the page of agents read: attempts and tasks by the instant at which they ended. Both indexes hold
-- every column that is read, so that a window of thousands of rows is not thousands of visits to the table.

-- Seconds from ready to started; null for attempts that ended before this column was there.
alter table subtask_results add column waited_seconds double precision check (waited_seconds >= 0);

create index subtask_results_by_end on subtask_results (created_at)
  include (agent_id, status, execution_time, waited_seconds, cost_usd);

drop index tasks_by_end;
create index tasks_by_end on tasks (finished_at, id) include (status) where finished_at is not null;

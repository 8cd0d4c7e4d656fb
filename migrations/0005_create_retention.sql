-- Indexes for every list and sweep at a million finished tasks, and how far old events have been pruned.

-- Lists with a filter are ordered by `created_at at time zone 'UTC'`, which is the same order, but not that of the index
-- of all tasks: the planner would walk through that one, and look at every younger task of the others, whenever it
-- believes that what is asked for is common. For the same reason the status of a user's tasks is compared under another
-- collation than that of everybody's.
drop index tasks_by_user;
drop index tasks_by_status;
create index tasks_by_user on tasks (user_id, (created_at at time zone 'UTC') desc, id desc);
create index tasks_by_status on tasks (status, (created_at at time zone 'UTC') desc, id desc);
create index tasks_by_user_and_status
  on tasks (user_id, status collate "C", (created_at at time zone 'UTC') desc, id desc);

-- What is pruned by age: finished tasks, oldest first.
create index tasks_by_end on tasks (finished_at, id) where finished_at is not null;

-- Lines are listed and pruned by their time, in each of the ways in which they are asked for.
drop index agent_logs_by_task;
drop index agent_logs_by_agent;
create index agent_logs_by_time on agent_logs (time desc, id desc);
create index agent_logs_by_agent on agent_logs (agent_id, (time at time zone 'UTC') desc, id desc);
create index agent_logs_by_task on agent_logs (task_id, (time at time zone 'UTC') desc, id desc);
create index agent_logs_by_subtask on agent_logs (subtask_id, (time at time zone 'UTC') desc, id desc);
create index agent_logs_of_trouble on agent_logs ((time at time zone 'UTC') desc, id desc)
  where level in ('WARN', 'ERROR');

-- A user's documents, newest first.
drop index search_documents_by_user;
create index search_documents_by_user on search_documents (user_id, id desc);

-- The last task whose events were pruned, in the order of tasks_by_end: whatever ended before it is done. A task that is
-- retried ends anew, after it.
create table pruned_events (
  only_row boolean primary key default true check (only_row),
  finished_at timestamptz(3) not null,
  task_id text not null
);
insert into pruned_events (finished_at, task_id) values ('1970-01-01Z', '');

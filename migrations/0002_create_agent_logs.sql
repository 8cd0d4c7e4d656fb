-- What agents said and did. No foreign keys: a line may arrive after its task was pruned, and must not be refused.
create table agent_logs (
  id bigint generated always as identity primary key,
  time timestamptz(3) not null,
  agent_id text not null,
  task_id text not null,
  subtask_id text not null,
  attempt int not null,
  level text not null check (level in ('DEBUG', 'INFO', 'WARN', 'ERROR')),
  message text not null,
  metadata jsonb not null default '{}'
);
create index agent_logs_by_task on agent_logs (task_id, id desc);
create index agent_logs_by_agent on agent_logs (agent_id, id desc);

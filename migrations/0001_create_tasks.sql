-- The truth about tasks. States and moves are those of src/domain/transitions.ts; a test compares the two.
-- Lock order everywhere: rows of tasks by id, then rows of subtasks by id. Whoever changes a subtask holds its task.
-- Instants have millisecond precision, so that one read by a client and sent back compares equal.

create table tasks (
  id text primary key check (id ~ '^task_[a-z0-9]+$'),
  user_id text not null check (user_id <> ''),
  description text not null check (char_length(description) between 10 and 5000),
  status text not null default 'pending'
    check (status in ('pending', 'in_progress', 'completed', 'failed', 'cancelled')),
  given_plan jsonb,
  plan_source text check (plan_source in ('given', 'model', 'fallback')),
  -- Whoever plans the task renews this; once it has passed, another process may plan it.
  planning_until timestamptz(3),
  summary text,
  error text,
  -- Subtasks that are pending, ready or running, and those that failed; kept by the transitions under the row lock.
  open_subtasks int not null default 0 check (open_subtasks >= 0),
  failed_subtasks int not null default 0 check (failed_subtasks >= 0),
  last_event int not null default 0,
  idempotency_key text,
  request_hash text,
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now(),
  started_at timestamptz(3),
  finished_at timestamptz(3),
  check (updated_at >= created_at),
  check ((summary is not null) = (status = 'completed')),
  check ((error is not null) = (status = 'failed')),
  check ((finished_at is not null) = (status in ('completed', 'failed', 'cancelled'))),
  unique (user_id, idempotency_key)
);
create index tasks_by_age on tasks (created_at desc, id desc);
create index tasks_by_user on tasks (user_id, created_at desc, id desc);
create index tasks_by_status on tasks (status, created_at desc, id desc);
create index tasks_unplanned on tasks (planning_until) where status = 'pending';
create index tasks_to_summarise on tasks (updated_at) where status = 'in_progress' and open_subtasks = 0;

create table subtasks (
  id text primary key check (id ~ '^subtask_[a-z0-9]+$'),
  task_id text not null references tasks on delete cascade,
  position int not null check (position >= 0),
  description text not null check (char_length(description) between 10 and 1000),
  required_capabilities text[] not null
    check (
      cardinality(required_capabilities) >= 1
      and required_capabilities <@ array[
        'data_analysis', 'web_scraping', 'code_generation', 'file_processing', 'database_operations', 'api_integration'
      ]
    ),
  priority int not null check (priority between 0 and 10),
  estimated_duration int check (estimated_duration > 0),
  input_data jsonb not null default '{}',
  rank double precision not null,
  status text not null
    check (status in ('pending', 'ready', 'running', 'completed', 'failed', 'blocked', 'cancelled')),
  -- Dependencies that have not completed.
  waiting_for int not null check (waiting_for >= 0),
  -- Counts claims: the fence. A report that carries another number changes nothing.
  attempt int not null default 0,
  failures int not null default 0,
  agent_id text,
  agent_instance text,
  due_at timestamptz(3),
  deadline_at timestamptz(3),
  error text,
  created_at timestamptz(3) not null default now(),
  updated_at timestamptz(3) not null default now(),
  ready_at timestamptz(3),
  started_at timestamptz(3),
  finished_at timestamptz(3),
  unique (task_id, position),
  check ((status = 'running') = (deadline_at is not null)),
  check (status <> 'running' or (agent_id is not null and attempt > 0)),
  check (status not in ('ready', 'running', 'completed') or waiting_for = 0),
  check (due_at is null or status = 'ready'),
  check ((finished_at is not null) = (status in ('completed', 'failed', 'blocked', 'cancelled')))
);
create index subtasks_ready on subtasks (priority desc, rank desc, ready_at, id) where status = 'ready';
create index subtasks_running on subtasks (deadline_at) where status = 'running';

create table dependencies (
  subtask_id text not null references subtasks on delete cascade,
  depends_on text not null references subtasks on delete cascade,
  primary key (subtask_id, depends_on),
  check (subtask_id <> depends_on)
);
create index dependencies_by_source on dependencies (depends_on);

-- One row for each attempt that ended and was current.
create table subtask_results (
  subtask_id text not null references subtasks on delete cascade,
  attempt int not null check (attempt > 0),
  task_id text not null references tasks on delete cascade,
  agent_id text not null,
  status text not null check (status in ('completed', 'failed')),
  output jsonb,
  error text,
  error_code text,
  execution_time double precision not null check (execution_time > 0),
  input_tokens int not null default 0 check (input_tokens >= 0),
  output_tokens int not null default 0 check (output_tokens >= 0),
  cost_usd double precision not null default 0 check (cost_usd >= 0),
  created_at timestamptz(3) not null default now(),
  primary key (subtask_id, attempt),
  check ((output is not null) = (status = 'completed')),
  check ((error is not null) = (status = 'failed')),
  check ((error_code is not null) = (status = 'failed'))
);
create index subtask_results_by_task on subtask_results (task_id, created_at);
create unique index subtask_results_one_completed on subtask_results (subtask_id) where status = 'completed';

-- Every committed change, numbered from 1 in each task without gaps.
create table events (
  task_id text not null references tasks on delete cascade,
  seq int not null check (seq > 0),
  type text not null,
  subtask_id text,
  data jsonb not null default '{}',
  created_at timestamptz(3) not null default now(),
  primary key (task_id, seq)
);

-- Who leads: one row a role, renewed by its holder, free once it has passed.
create table leases (
  name text primary key,
  holder text not null,
  expires_at timestamptz(3) not null
);

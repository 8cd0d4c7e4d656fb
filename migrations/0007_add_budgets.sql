-- What a task may cost, what its attempts have cost, and what the running ones hold in reserve. Columns with constant
-- defaults only: no row of a large table is written anew. The rule is that of src/domain/budget.ts.

alter table tasks
  -- Null: without limit.
  add column budget_usd numeric(12, 6) check (budget_usd > 0),
  add column max_turns int check (max_turns > 0),
  -- Of the attempts that ended. One that nobody could report counts with all that it held.
  add column spent_usd numeric not null default 0 check (spent_usd >= 0),
  add column spent_turns int not null default 0 check (spent_turns >= 0),
  -- Sums over the attempts that run, and how many of them hold something; kept by the transitions under the row lock.
  add column reserved_usd numeric not null default 0 check (reserved_usd >= 0),
  add column reserved_turns int not null default 0 check (reserved_turns >= 0),
  add column reservations int not null default 0 check (reservations >= 0),
  -- Of planning and of the summary, which no budget covers.
  add column planner_input_tokens int not null default 0 check (planner_input_tokens >= 0),
  add column planner_output_tokens int not null default 0 check (planner_output_tokens >= 0),
  add check ((reservations = 0) = (reserved_usd = 0 and reserved_turns = 0)),
  add check (reserved_usd = 0 or budget_usd is not null),
  add check (reserved_turns = 0 or max_turns is not null);

alter table subtasks
  -- What its running attempt may use at most; 0 where its task has no such limit.
  add column reserved_usd numeric not null default 0 check (reserved_usd >= 0),
  add column reserved_turns int not null default 0 check (reserved_turns >= 0),
  -- Attempts that used up their share: each doubles the next one.
  add column overruns int not null default 0 check (overruns >= 0),
  add check (status = 'running' or (reserved_usd = 0 and reserved_turns = 0));

alter table subtask_results add column turns int not null default 0 check (turns >= 0);

-- What the sweep looks for, each by an index of its own: pending tasks that came with their plan, oldest first, and the others
-- by user, so that it finds some of each without reading what else waits. Neither speaks of the lease, which is renewed every
-- two seconds: that writes no index anew (heap-only tuples).
drop index tasks_unplanned;
create index tasks_with_plan on tasks (created_at, id) where status = 'pending' and given_plan is not null;
create index tasks_without_plan on tasks (user_id collate "C", created_at, id)
  where status = 'pending' and given_plan is null;

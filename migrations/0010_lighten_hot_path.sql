-- What every step pays for: fewer index entries and fewer checks of references for the rows that each step writes.

-- A counter of a running task that changes is no reason to write all indexes of its row anew (heap-only tuples): no index
-- may speak of a counter or of `updated_at`, and a page needs room for the next version of its rows.
alter table tasks
  -- When the last of its subtasks completed; null while something is left to run, or failed.
  add column done_at timestamptz(3);
update tasks set done_at = updated_at where status = 'in_progress' and open_subtasks = 0;
drop index tasks_to_summarise;
create index tasks_to_summarise on tasks (done_at) where status = 'in_progress';
alter table tasks set (fillfactor = 60);
alter table subtasks set (fillfactor = 70);

-- Written by transitions that hold the task only, and removed by name with it.
alter table events drop constraint events_task_id_fkey;
-- These go with their subtasks, which go with the task.
alter table subtask_results drop constraint subtask_results_task_id_fkey;
alter table dependencies drop constraint dependencies_depends_on_fkey;

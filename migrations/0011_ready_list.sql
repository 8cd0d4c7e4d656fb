-- What the leader reads when its list runs low: the ready subtasks by what they need, how urgent they are by now, and whose
-- they are, so that it finds some of every set and of every user without reading all. See docs/decisions/0020-ready-list.md.

-- Whose it is, kept with the row, since the index has to speak of it. Null in rows that completed before: they are never
-- ready again, and there may be millions. And the words of a set in the order of src/domain/capability.ts, as they are written
-- from now on: to the index, the same words in another order are another set.
alter table subtasks add column user_id text;
update subtasks s set user_id = t.user_id, required_capabilities = array(
  select word from unnest(array[
    'data_analysis', 'web_scraping', 'code_generation', 'file_processing', 'database_operations', 'api_integration'
  ]) with ordinality as known (word, nth) where word = any (s.required_capabilities) order by nth
) from tasks t where t.id = s.task_id and s.status <> 'completed';
alter table subtasks add check (user_id is not null or status = 'completed');

-- The level is the priority less the ten minutes since 1970 that had passed when it became ready: two rows compare the same
-- by it at all times, although both gain a priority every ten minutes. The expression is repeated by src/store/ready-list.ts.
drop index subtasks_ready;
create index subtasks_ready on subtasks (
  required_capabilities collate "C",
  (priority - floor(extract(epoch from ready_at at time zone 'UTC') / 600)::int) desc,
  user_id collate "C",
  rank desc,
  ready_at,
  id
) where status = 'ready';

// A database as it is after years: `size` finished tasks over the last 60 days, half of them of one user, each with random
// ids as the product makes them. A tenth, and the newest, have subtasks, results, events, log lines and a document.
import type { Db } from '../../src/store/db.ts';

/** The user of every other task. */
export const HEAVY_USER = 'heavy';
/** The user and the agent of much of the oldest third, and of nothing since. */
export const GONE_USER = 'gone';
export const GONE_AGENT = 'agent_gone';

/** Some minutes for a million on a slow machine, half a minute on a fast one. */
const STATEMENT_MS = 300_000;

export async function fill(db: Db, size: number): Promise<void> {
  await db.transaction(
    async (tx) => {
      // Neither triggers that look up each foreign key, nor indexes kept row by row: they are built afterwards, the same.
      await tx.query("select set_config('session_replication_role', 'replica', true)");
      await tx.query("select set_config('maintenance_work_mem', '256MB', true)");
      const indexes = await tx.query<{ name: string; definition: string }>(
        `select c.relname as name, pg_get_indexdef(c.oid) as definition from pg_index i join pg_class c on c.oid = i.indexrelid
         where c.relnamespace = 'public'::regnamespace
           and not exists (select from pg_constraint where conindid = c.oid)`,
      );
      for (const { name } of indexes) await tx.query(`drop index ${name}`);
      for (const statement of STATEMENTS) await tx.query(statement, statement.includes('$1') ? [size] : []);
      for (const { definition } of indexes) await tx.query(definition);
    },
    { statementTimeoutMs: STATEMENT_MS },
  );
  await db.query('analyze');
}

const STATEMENTS = [
  // The oldest were cancelled, every hundredth failed: what is rare is hard to find without an index.
  `insert into tasks (id, user_id, description, status, summary, error, created_at, updated_at, started_at, finished_at,
     last_event)
   select 'task_' || left(md5(n::text), 20), case when n % 2 = 0 then '${HEAVY_USER}' when n < $1::int / 3 and n % 4 = 1 then '${GONE_USER}' else 'user_' || n % 1000 end,
     'Work on part ' || n || ' of the whole', status, case when status = 'completed' then 'done' end,
     case when status = 'failed' then 'it failed' end, at, at + interval '20 s', at, at + interval '20 s', 8
   from generate_series(1, $1::int) as n,
     lateral (select now() - ($1::int - n + 10) * (interval '60 days' / $1::int) as at) as a,
     lateral (select case when n <= 100 then 'cancelled' when n % 100 = 1 then 'failed' else 'completed' end as status) as s
   order by n`,
  `create temp table worked on commit drop as
   select id, created_at, finished_at, user_id, n from (
     select *, row_number() over (order by created_at desc) as n from tasks) as numbered
   where n <= 300 or n % 10 = 0`,
  `insert into subtasks (id, task_id, user_id, position, description, required_capabilities, priority, rank, status, waiting_for,
     attempt, agent_id, created_at, updated_at, ready_at, started_at, finished_at)
   select 'subtask_' || left(md5(id || p), 20), id, user_id, p, 'Do one step of it', '{data_analysis}', 5, 60, 'completed', 0, 1,
     'agent_1', created_at, finished_at, created_at, created_at, finished_at
   from worked, generate_series(0, 2) as p`,
  `insert into dependencies (subtask_id, depends_on)
   select 'subtask_' || left(md5(id || p), 20), 'subtask_' || left(md5(id || (p - 1)), 20)
   from worked, generate_series(1, 2) as p`,
  `insert into subtask_results (subtask_id, attempt, task_id, agent_id, status, output, execution_time, created_at)
   select id, 1, task_id, 'agent_1', 'completed', '{"success": true}', 1, finished_at from subtasks`,
  `insert into events (task_id, seq, type, data, created_at)
   select id, seq, case seq when 8 then 'task.completed' else 'subtask.ready' end, '{}', finished_at
   from worked, generate_series(1, 8) as seq`,
  // Almost nothing goes wrong, and each of 50 agents says something in turn.
  `insert into agent_logs (time, agent_id, task_id, subtask_id, attempt, level, message)
   select finished_at, case when finished_at < now() - interval '40 days' and line = 2 then '${GONE_AGENT}' else 'agent_' || 1 + n % 50 end, id, 'subtask_' || left(md5(id || '0'), 20), 1,
     case when n % 100000 = 0 then 'ERROR' when n % 5000 = 0 then 'WARN' when line = 1 then 'DEBUG' else 'INFO' end,
     'called a tool for the ' || line || '. time'
   from worked, generate_series(1, 5) as line order by finished_at`,
  // "report" is in every document, "invoice" in one of 20, "zebra" in one of 20,000.
  `insert into search_documents (user_id, task_id, source, title, body)
   select user_id, id, 'result:1', 'a report', 'part ' || n
     || case when n % 200 = 0 then ' invoice' else '' end || case when n % 200000 = 0 then ' zebra' else '' end
   from worked order by created_at`,
];

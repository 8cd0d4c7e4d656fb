import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commandOf, judgeCommand, judgeQuery } from './workspace-sql.ts';

async function reasonOf(verdict: ReturnType<typeof judgeQuery>): Promise<string> {
  const judged = await verdict;
  return judged.ok ? 'accepted' : judged.reason;
}

describe('judgeQuery', () => {
  it.each([
    'select 1',
    'values (1), (2)',
    'table weather',
    'with a as (select 1 as x) select * from a',
    'select city, avg(temp) from workspace.weather group by city',
    "select table_name from information_schema.tables where table_schema = 'workspace'",
    'explain select 1',
    'explain analyze select 1',
    "select pg_typeof(1), now(), pg_catalog.lower('A'), extract(year from now())",
    "select '; drop table x' -- ; drop table y",
  ])('accepts %s', async (sql) => {
    expect(await reasonOf(judgeQuery(sql))).toBe('accepted');
  });

  it.each([
    [
      'select 1; commit; drop table tasks',
      /found 3 statements \(SELECT; a transaction statement; DROP\); give exactly one/,
    ],
    ['', /give one PostgreSQL statement/],
    ['-- only a comment', /found 0 statements \(none\)/],
    ['selct 1', /syntax error at or near "selct"; give one/],
    ['select 1\0; drop table x', /NUL/],
    ['insert into a values (1)', /INSERT is not a read-only statement/],
    ['with a as (insert into t values (1) returning *) select * from a', /INSERT inside a query changes data/],
    ['with a as (delete from t returning *) select * from (with b as (select 1) select * from b) c', /DELETE inside/],
    ['explain analyze delete from a', /DELETE is not a read-only/],
    ['explain create table x as select 1', /CREATE TABLE AS is not a read-only/],
    ['select * into x from y', /SELECT INTO makes a table/],
    ['select * from a for update', /lock rows/],
    ['select * from (select * from a for share) b', /lock rows/],
    ['set role postgres', /SET is not a read-only/],
    ['reset role', /SET is not/],
    ['show all', /SHOW is not/],
    ['commit', /a transaction statement is not/],
    ["copy a to '/tmp/x'", /COPY is not/],
    ['do $$ begin end $$', /DO is not/],
    ['call f()', /CALL is not/],
    ['listen x', /LISTEN is not/],
    ['prepare p as select 1', /PREPARE is not/],
    ['select * from public.tasks', /public\.tasks is outside the workspace schema/],
    ['select * from pg_catalog.pg_authid', /outside the workspace/],
    ['select * from pg_roles', /pg_roles is outside/],
    ['select * from other_db.workspace.x', /other_db\.workspace\.x is outside/],
    ['select (select count(*) from public.tasks)', /outside/],
    ['select secret()', 'accepted'],
    ['select public.secret()', /function public\.secret is outside/],
  ])('judges %j', async (sql, expected) => {
    expect(await reasonOf(judgeQuery(sql))).toMatch(expected);
  });

  it.each([
    "set_config('role', 'postgres', false)",
    "pg_catalog.set_config('role', 'postgres', false)",
    "\"set_config\"('role', 'postgres', false)",
    "current_setting('data_directory')",
    'pg_sleep(10)',
    "pg_sleep_for('1 h')",
    "pg_read_file('/etc/passwd')",
    "pg_ls_dir('/')",
    'pg_advisory_lock(1)',
    'pg_terminate_backend(1)',
    'pg_cancel_backend(1)',
    'pg_reload_conf()',
    "lo_import('/etc/passwd')",
    'loread(1, 2)',
    "dblink('', 'select 1')",
    "query_to_xml('select 1', true, true, '')",
    "database_to_xml(true, true, '')",
    "ts_stat('select set_config(1)')",
    "nextval('x')",
    "setval('x', 1)",
    'inet_server_addr()',
    'txid_current()',
  ])('refuses the function in select %s, wherever it stands', async (call) => {
    const places = [
      `select ${call}`,
      `select 1 where exists (select * from ${call} as f)`,
      `with a as (select 1 order by ${call}) select * from a`,
    ];
    for (const sql of places) expect(await reasonOf(judgeQuery(sql))).toMatch(/the function \w+ is not allowed here/);
  });

  it('answers a statement that is too deep for the parser, and judges the next one', async () => {
    expect(await reasonOf(judgeQuery(`select ${'('.repeat(50_000)}`))).toMatch(/give one PostgreSQL statement/);
    expect(await reasonOf(judgeQuery(`select 1${'+1'.repeat(3_000)}`))).toBe('accepted');
  });

  it('cuts the statement out by bytes, so that text before it in other scripts does not shift it', async () => {
    const verdict = await judgeQuery("/* é */ select 'é' ; -- later");
    expect(verdict).toMatchObject({ ok: true, kind: 'SelectStmt', text: expect.stringMatching(/select 'é'$/) });
  });

  it('never accepts a text in which a second statement follows, whatever the first one is', async () => {
    const first = fc.constantFrom('select 1', "select ';'", 'values (1)', 'select $$;$$', 'explain select 1');
    const second = fc.constantFrom('commit', 'drop table tasks', 'reset role', 'select 2');
    const gap = fc.constantFrom(';', ' ; ', ';\n', '/* ; */;', ';;', '--\n;');
    await fc.assert(
      fc.asyncProperty(first, gap, second, async (one, between, two) => {
        expect((await judgeQuery(one + between + two)).ok).toBe(false);
      }),
    );
  });
});

describe('judgeCommand', () => {
  it.each([
    "create table a (id serial primary key, b int references c (id), d text default lower('X'))",
    'create table if not exists workspace.a (id int)',
    'create unlogged table a (id int)',
    'create table a as select * from b',
    'create index on a (id)',
    'create view v as select * from a',
    'create or replace view v as select 1 as x',
    'alter table a add column x int, alter column y type text, drop constraint z',
    'alter table a rename to b',
    'alter table a rename column x to y',
    'alter index i rename to j',
    'drop table if exists a, workspace.b cascade',
    'drop index i',
    'drop view v',
    'insert into a values (1) on conflict do nothing returning *',
    'with src as (select 1 as x) insert into a select x from src',
    'update a set x = 1 from b where a.id = b.id',
    'delete from a using b where a.id = b.id',
    'merge into a using b on a.id = b.id when matched then delete',
    'truncate a, workspace.b restart identity',
    "comment on table workspace.a is 'x'",
    "comment on column a.x is 'x'",
    "comment on column workspace.a.x is 'x'",
    "insert into a values (nextval('a_id_seq'))",
  ])('accepts %s', async (sql) => {
    expect(await reasonOf(judgeCommand(sql))).toBe('accepted');
  });

  it.each([
    ['select 1', /SELECT changes nothing; use database_query/],
    ['explain delete from a', /EXPLAIN changes nothing/],
    ['insert into a values (1); delete from a', /found 2 statements \(INSERT; DELETE\)/],
    ['create temp table tasks (id int)', /tasks is temporary/],
    ['create temp view tasks as select 1', /tasks is temporary/],
    ['create temp table x as select 1', /x is temporary/],
    ['create table pg_temp.tasks (id int)', /outside the workspace/],
    ['create table public.x (id int)', /public\.x is outside/],
    ['create table x (like public.tasks)', /public\.tasks is outside/],
    ['create table x (id int references public.tasks (id))', /public\.tasks is outside/],
    ['create table x partition of public.tasks default', /public\.tasks is outside/],
    ['create table x () inherits (public.tasks)', /public\.tasks is outside/],
    ['create view v as select * from public.tasks', /public\.tasks is outside/],
    ['create view v as select * from information_schema.tables', /outside/],
    ["create view v as select set_config('role', 'postgres', false)", /set_config is not allowed/],
    ["create table x (a text default pg_read_file('/etc/passwd'))", /pg_read_file is not allowed/],
    ['create index on a (pg_sleep(1))', /pg_sleep is not allowed/],
    ['create materialized view m as select 1', /CREATE AS of matview is not allowed/],
    ['create table x as execute p', /CREATE TABLE AS EXECUTE is not allowed/],
    ['with a as (delete from b returning *) insert into c select * from a', /DELETE inside another statement/],
    ['insert into a select * into b from c', /SELECT INTO/],
    ['alter table a owner to postgres', /ALTER TABLE with change owner is not allowed/],
    ['alter table a enable row level security', /enable row security is not allowed/],
    ['alter table a disable trigger all', /disable trig all is not allowed/],
    ['alter table a set tablespace x', /set table space is not allowed/],
    ['alter table a set schema public', /ALTER OBJECT SCHEMA is not allowed/],
    ['alter table public.tasks add column x int', /public\.tasks is outside/],
    ['alter sequence s restart', /ALTER SEQ is not allowed/],
    ['alter schema workspace rename to x', /RENAME of schema is not allowed/],
    ['alter role postgres superuser', /ALTER ROLE is not allowed/],
    ['drop table public.tasks', /public\.tasks is outside/],
    ['drop table a, public.tasks', /public\.tasks is outside/],
    ['drop schema workspace cascade', /DROP schema is not allowed/],
    ['drop function f', /DROP function is not allowed/],
    ['truncate public.tasks', /public\.tasks is outside/],
    ["comment on table public.tasks is 'x'", /public\.tasks is outside/],
    ["comment on column public.tasks.id is 'x'", /public\.tasks\.id is outside/],
    ["comment on database x is 'y'", /COMMENT ON database is not allowed/],
    ['create function f() returns int language sql as $$ select 1 $$', /CREATE FUNCTION is not allowed/],
    ['create trigger t before insert on a execute function f()', /CREATE TRIG is not allowed/],
    ['create rule r as on insert to a do nothing', /RULE is not allowed/],
    ['create policy p on a', /CREATE POLICY is not allowed/],
    ['create schema s', /CREATE SCHEMA is not allowed/],
    ['create role r', /CREATE ROLE is not allowed/],
    ['create extension dblink', /CREATE EXTENSION is not allowed/],
    ['create sequence s', /CREATE SEQ is not allowed/],
    ['grant all on a to public', /GRANT is not allowed/],
    ["copy a from program 'id'", /COPY is not allowed/],
    ['do $$ begin end $$', /DO is not allowed/],
    ['call f()', /CALL is not allowed/],
    ['set role postgres', /SET is not allowed/],
    ['begin', /a transaction statement is not allowed/],
    ['vacuum', /VACUUM is not allowed/],
    ["notify x, 'y'", /NOTIFY is not allowed/],
    ['lock table a', /LOCK is not allowed/],
  ])('refuses %j', async (sql, expected) => {
    expect(await reasonOf(judgeCommand(sql))).toMatch(expected);
  });
});

it('names kinds of statements as people do', () => {
  expect(['CreateStmt', 'CreateTableAsStmt', 'CreateRoleStmt'].map(commandOf)).toEqual([
    'CREATE TABLE',
    'CREATE TABLE AS',
    'CREATE ROLE',
  ]);
});

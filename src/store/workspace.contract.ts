// What agents may expect of the workspace, and what it keeps from them, on every implementation of the Db port.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Db } from './db.ts';
import { migrate } from './migrate.ts';
import { createWorkspace } from './workspace.ts';

export function describeWorkspace(name: string, openDb: () => Db | Promise<Db>): void {
  describe(`the workspace on ${name}`, () => {
    let db: Db;
    let workspace: ReturnType<typeof createWorkspace>;

    beforeAll(async () => {
      db = await openDb();
      await migrate(db);
      workspace = createWorkspace(db);
      await workspace.execute(
        'create table weather (city text primary key, temp numeric(4,1), seen timestamptz, day date)',
      );
      await workspace.execute(
        "insert into weather values ('Berlin', 21.5, '2026-01-02T03:04:05Z', '2026-01-02'), ('Oslo', 12, null, null)",
      );
    });

    afterAll(() => db?.close());

    describe('query', () => {
      it('answers columns in order and rows of plain JSON values', async () => {
        const answer = await workspace.query('select city, temp, seen from weather order by city;');
        expect(answer).toEqual({
          columns: ['city', 'temp', 'seen'],
          rows: [
            { city: 'Berlin', temp: 21.5, seen: '2026-01-02T03:04:05.000Z' },
            { city: 'Oslo', temp: 12, seen: null },
          ],
          rowCount: 2,
          truncated: false,
        });
      });

      it('turns values that JSON lacks into text', async () => {
        const { rows } = await workspace.query(
          "select day, 'NaN'::float8 as nan, '\\x0102'::bytea as bin, array['infinity'::float8] as list, 5::bigint as big from weather where day is not null",
        );
        expect(rows).toEqual([
          {
            day: expect.stringMatching(/^2026-01-02/),
            nan: 'NaN',
            bin: '[bytea, 2 bytes]',
            list: ['Infinity'],
            big: 5,
          },
        ]);
      });

      it('names the columns of an empty result too', async () => {
        expect(await workspace.query('select city, temp as degrees from weather where false -- none')).toEqual({
          columns: ['city', 'degrees'],
          rows: [],
          rowCount: 0,
          truncated: false,
        });
      });

      it.each([
        'values (1), (2)',
        'table weather',
        'with a as (select 1 as x) select x from a union select 2 order by 1',
      ])('runs %s', async (sql) => {
        expect(await workspace.query(sql)).toMatchObject({ rowCount: 2 });
      });

      it('explains a query', async () => {
        const plan = await workspace.query('explain select * from weather');
        expect(plan.columns).toEqual(['QUERY PLAN']);
        expect(plan.rows[0]?.['QUERY PLAN']).toMatch(/Scan/);
      });

      it('stops at 1000 rows and says that there are more', async () => {
        expect(await workspace.query('select * from generate_series(1, 1000) as n')).toMatchObject({
          rowCount: 1000,
          truncated: false,
        });
        expect(await workspace.query('select * from generate_series(1, 1001) as n')).toMatchObject({
          rowCount: 1000,
          truncated: true,
        });
      });

      it('refuses rows that are too wide for an answer, whatever they would become', async () => {
        for (const sql of [
          "select repeat('x', 5000000)",
          "select array_agg(repeat('x', 1000)) as a, 2 as a from generate_series(1, 1000)",
          "select case when n = 1000 then repeat('x', 200000) end as late from generate_series(1, 1000) as n order by n",
        ])
          await expect(workspace.query(sql)).rejects.toThrow(/^a row is wider than 100000 bytes: select fewer columns/);
        expect(
          await workspace.query("select repeat('x', 900000) as x, n from generate_series(1, 3) as n limit 0"),
        ).toEqual({
          columns: ['x', 'n'],
          rows: [],
          rowCount: 0,
          truncated: false,
        });
      });

      it('keeps the order that was asked for, and columns of one name', async () => {
        const { rows } = await workspace.query('select n from generate_series(1, 300) as n order by n desc limit 250');
        expect(rows.map(({ n }) => n)).toEqual(Array.from({ length: 250 }, (_, nth) => 300 - nth));
        expect(await workspace.query('select 1 as a, 2 as b, 3 as a')).toMatchObject({
          columns: ['a', 'b'],
          rowCount: 1,
        });
      });

      it('stops fetching when the rows are wide', async () => {
        const answer = await workspace.query("select repeat('x', 50000) as wide from generate_series(1, 900)");
        expect(answer.truncated).toBe(true);
        expect(answer.rowCount).toBeLessThan(200);
      });

      it("passes PostgreSQL's own words on, in one line", async () => {
        await expect(workspace.query('select *\nfrom nowhere')).rejects.toThrow(/^relation "nowhere" does not exist$/);
        await expect(workspace.query("select 'x'::int")).rejects.toThrow(/invalid input syntax for type integer: "x"/);
      });

      it('refuses what is not one read-only statement, and says why', async () => {
        await expect(workspace.query('select 1; commit; drop table weather')).rejects.toThrow(
          /^sql: found 3 statements/,
        );
        await expect(
          workspace.query('with gone as (delete from weather returning *) select * from gone'),
        ).rejects.toThrow(/^sql: DELETE inside a query/);
        expect(await workspace.query('select count(*)::int as n from weather')).toMatchObject({ rows: [{ n: 2 }] });
      });

      it("sees none of Muster's own tables, by name or in the information schema", async () => {
        await expect(workspace.query('select * from tasks')).rejects.toThrow(/relation "tasks" does not exist/);
        const listed = await workspace.query(
          "select distinct table_schema from information_schema.tables where table_schema not in ('pg_catalog', 'information_schema')",
        );
        expect(listed.rows).toEqual([{ table_schema: 'workspace' }]);
      });
    });

    describe('execute', () => {
      it.each([
        ['create table numbers (id serial primary key, n int)', 'CREATE TABLE', 0],
        ['insert into numbers (n) select generate_series(1, 10)', 'INSERT', 10],
        ['insert into numbers (id, n) values (1, 1) on conflict do nothing returning id -- again', 'INSERT', 0],
        ['with one as (select 1 as id) update numbers set n = 100 from one where numbers.id = one.id', 'UPDATE', 1],
        [
          'merge into numbers using (values (2), (3)) as gone (id) on numbers.id = gone.id when matched then delete',
          'MERGE',
          2,
        ],
        ['delete from numbers where n > 8', 'DELETE', 3],
        ['create table "Copied ""Rows""" as select * from numbers', 'CREATE TABLE AS', 5],
        ['create index on numbers (n)', 'CREATE INDEX', 0],
        ['create view few as select * from numbers', 'CREATE VIEW', 0],
        ['alter table numbers add column label text', 'ALTER TABLE', 0],
        ["comment on table numbers is 'some'", 'COMMENT', 0],
        ['truncate numbers', 'TRUNCATE', 0],
        ['drop view few', 'DROP', 0],
        ['drop table numbers', 'DROP', 0],
      ])('runs %s', async (sql, command, rowCount) => {
        expect(await workspace.execute(sql)).toEqual({ command, rowCount });
      });

      it('lets readers see what was made, views included', async () => {
        await workspace.execute('create view warm as select city from weather where temp > 20');
        expect(await workspace.query('select * from warm')).toMatchObject({ rows: [{ city: 'Berlin' }] });
      });

      it('changes nothing when the statement fails', async () => {
        await expect(workspace.execute("insert into weather (city) values ('Rome'), ('Oslo')")).rejects.toThrow(
          /duplicate key value/,
        );
        expect(await workspace.query("select * from weather where city = 'Rome'")).toMatchObject({ rowCount: 0 });
      });

      it("cannot touch Muster's tables, nor leave its role or search path behind", async () => {
        await expect(workspace.execute('delete from tasks')).rejects.toThrow(/relation "tasks" does not exist/);
        await expect(workspace.execute('delete from public.tasks')).rejects.toThrow(/^sql: public\.tasks is outside/);
        await expect(workspace.execute('drop table pg_class')).rejects.toThrow(/must be owner of table pg_class/);
        const [session] = await db.query(
          "select current_user = session_user as own, current_setting('search_path') as path, current_setting('transaction_read_only') as read_only",
        );
        expect(session).toMatchObject({ own: true, read_only: 'off' });
        expect(session?.path).not.toContain('workspace');
      });
    });

    it('blames the statement for what the statement did, and nothing else', async () => {
      const blamed = { code: 'invalid_request', field: 'sql' };
      await expect(workspace.query('select 1; select 2')).rejects.toMatchObject(blamed);
      await expect(workspace.query('select 1/0')).rejects.toMatchObject({ ...blamed, message: 'division by zero' });
      await expect(workspace.execute('insert into nowhere values (1)')).rejects.toMatchObject(blamed);
      const away = {
        ...db,
        transaction: () => Promise.reject(Object.assign(new Error('it is away'), { code: '57P01' })),
      };
      await expect(createWorkspace(away).query('select 1')).rejects.toMatchObject({ code: '57P01' });
    });

    it('counts what a statement changed, not what it returns or cascades to', async () => {
      await workspace.execute('create table parts (id int primary key, whole int references parts on delete cascade)');
      const count = async (sql: string) => (await workspace.execute(sql)).rowCount;
      expect(
        await count("insert into parts values (1, null), (2, 1), (3, 1) returning 'it''s $$ muster.statement'"),
      ).toBe(3);
      expect(await count('delete from parts where id = 1')).toBe(1);
      expect(await count('delete from parts')).toBe(0);
      await expect(workspace.execute('insert into parts values (4, 5)')).rejects.toThrow(/violates foreign key/);
    });

    it('keeps the roles inside the workspace even if a statement were not judged', async () => {
      const asRole = (role: string, sql: string) =>
        db.transaction(async (tx) => {
          await tx.query(`set local role ${role}`);
          return tx.query(sql);
        });
      await expect(asRole('muster_reader', 'select * from public.tasks')).rejects.toThrow(/permission denied/);
      await expect(asRole('muster_reader', 'delete from workspace.weather')).rejects.toThrow(/permission denied/);
      await expect(asRole('muster_worker', 'create table public.x (id int)')).rejects.toThrow(/permission denied/);
      await expect(asRole('muster_worker', 'drop schema workspace cascade')).rejects.toThrow(/must be owner/);
    });
  });
}

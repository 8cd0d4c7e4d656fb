// What every implementation of the Db port promises. Its own test file calls describeDb with a way to open a database;
// the suite makes and drops the one table it uses.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { gate } from '../../tests/support/gate.ts';
import type { Db } from './db.ts';

export function describeDb(name: string, openDb: () => Db | Promise<Db>): void {
  describe(`the database on ${name}`, () => {
    let db: Db;
    beforeAll(async () => {
      db = await openDb();
      await db.script(
        'drop table if exists contract_rows; create table contract_rows (id int primary key, n int not null)',
      );
    });
    afterAll(async () => {
      await db.query('drop table contract_rows');
      await db.close();
    });
    beforeEach(() => db.query('delete from contract_rows'));

    const insert = 'insert into contract_rows (id, n) values ($1, $2)';
    const count = async () => (await db.query<{ count: number }>('select count(*) from contract_rows'))[0]!.count;

    describe('gives values that look the same everywhere:', () => {
      it.each<[string, string, unknown]>([
        ['timestamptz as ISO 8601 in UTC', "timestamptz '2030-06-01 12:00:00.5+02'", '2030-06-01T10:00:00.500Z'],
        ['an instant that never comes as its word', "timestamptz 'infinity'", 'infinity'],
        ['int4 as a number', '7', 7],
        ['int8 as a number', '7::int8', 7],
        ['a negative int8 as a number', '(-9007199254740991)::int8', -9_007_199_254_740_991],
        ['numeric as a number', '1.50::numeric', 1.5],
        ['float8 as a number', '1.25::float8', 1.25],
        ['bool as a boolean', 'true', true],
        ['null as null', 'null::text', null],
        ['text as a string', "'it''s'", "it's"],
        ['text[] as a list', "array['a', 'b, \"c\"', null]", ['a', 'b, "c"', null]],
        ['an empty text[] as an empty list', "'{}'::text[]", []],
        ['jsonb objects as values', `'{"a": [1, null, "x"]}'::jsonb`, { a: [1, null, 'x'] }],
        ['jsonb scalars as values', `'"text"'::jsonb`, 'text'],
        ['json as values', `'[1]'::json`, [1]],
      ])('%s', async (...[, sql, value]) => {
        expect(await db.query(`select ${sql} as value`)).toEqual([{ value }]);
      });
    });

    describe('takes parameters:', () => {
      it.each<[string, string, unknown]>([
        ['text', '$1::text', "'; drop table contract_rows; --"],
        ['emoji', '$1::text', '😀'],
        ['a number', '$1::int', 42],
        ['a fraction', '$1::float8', 0.1],
        ['a boolean', '$1::bool', false],
        ['null', '$1::text', null],
        ['a list of texts', '$1::text[]', ['a', 'b"c', '', null]],
        ['an empty list', '$1::text[]', []],
        ['an instant', '$1::timestamptz', '2030-01-01T00:00:00.123Z'],
      ])('%s', async (...[, sql, value]) => {
        expect(await db.query(`select ${sql} as value`, [value])).toEqual([{ value }]);
      });

      it('JSON as text', async () => {
        expect(await db.query('select $1::jsonb as value', ['[{"a": 1}]'])).toEqual([{ value: [{ a: 1 }] }]);
      });

      it('and replaces the U+0000 that no text of PostgreSQL can hold', async () => {
        const rows = await db.query('select $1::text as one, $2::text[] as many', ['a\u0000', ['\u0000b']]);
        expect(rows).toEqual([{ one: 'a\ufffd', many: ['\ufffdb'] }]);
        await expect(db.query('select 1\u0000; select 2')).rejects.toMatchObject({ code: expect.any(String) });
      });
    });

    describe('runs statements:', () => {
      it('no rows are an empty list', async () => {
        expect(await db.query('select * from contract_rows')).toEqual([]);
        expect(await db.query(insert, [1, 1])).toEqual([]);
      });

      it('a script may hold several', async () => {
        await db.script("insert into contract_rows values (1, 1); insert into contract_rows values (2, 2); select ';'");
        expect(await count()).toBe(2);
      });

      it('a script in which one fails changes nothing', async () => {
        const script = 'insert into contract_rows values (1, 1); insert into contract_rows values (1, 2)';
        await expect(db.script(script)).rejects.toMatchObject({ code: '23505' });
        expect(await count()).toBe(0);
      });

      it('many at once are all answered, each with its own rows', async () => {
        const asked = Array.from({ length: 50 }, (_, nth) => db.query('select $1::int as nth', [nth]));
        expect((await Promise.all(asked)).map(([row]) => row?.nth)).toEqual([...asked.keys()]);
      });
    });

    describe('tells why a statement failed by its SQLSTATE:', () => {
      it.each([
        ['a syntax error', 'selct 1', '42601'],
        ['an unknown table', 'select * from nowhere_at_all', '42P01'],
        ['a division by zero', 'select 1 / 0', '22012'],
        ['a bad value', "select 'x'::int", '22P02'],
        ['two statements in one query', 'select 1; select 2', '42601'],
        ['a broken rule', 'insert into contract_rows (id) values (1)', '23502'],
      ])('%s', async (...[, sql, code]) => {
        await expect(db.query(sql)).rejects.toMatchObject({ code, message: expect.any(String) });
        expect(await db.query('select 1 as alive')).toEqual([{ alive: 1 }]);
      });

      it('a key that is taken, with the name of the constraint', async () => {
        await db.query(insert, [1, 1]);
        await expect(db.query(insert, [1, 1])).rejects.toMatchObject({
          code: '23505',
          constraint: 'contract_rows_pkey',
        });
      });
    });

    describe('runs transactions:', () => {
      it('committed, with what the work returned, when it resolves', async () => {
        const answer = await db.transaction(async (tx) => {
          await tx.query(insert, [1, 1]);
          await tx.script('insert into contract_rows values (2, 2); insert into contract_rows values (3, 3)');
          return 'done';
        });
        expect([answer, await count()]).toEqual(['done', 3]);
      });

      it('rolled back, with the error of the work, when it rejects', async () => {
        const error = new Error('changed my mind');
        const work = db.transaction(async (tx) => {
          await tx.query(insert, [1, 1]);
          throw error;
        });
        await expect(work).rejects.toBe(error);
        expect(await count()).toBe(0);
      });

      it('rolled back when a statement fails, even if the work goes on as if nothing had happened', async () => {
        const work = db.transaction(async (tx) => {
          await tx.query(insert, [1, 1]);
          await tx.query('select 1 / 0').catch(() => undefined);
        });
        await expect(work).rejects.toMatchObject({ code: '22012' });
        expect(await count()).toBe(0);
      });

      it('rolled back when it is the commit that fails', async () => {
        await db.query('alter table contract_rows add constraint late unique (n) deferrable initially deferred');
        const work = db.transaction(async (tx) => {
          await tx.query(insert, [1, 1]);
          await tx.query(insert, [2, 1]);
        });
        await expect(work).rejects.toMatchObject({ code: '23505' });
        await db.query('alter table contract_rows drop constraint late');
        expect(await count()).toBe(0);
      });

      it('of which nobody outside sees a half', async () => {
        const [begun, go] = [gate(), gate()];
        const work = db.transaction(async (tx) => {
          await tx.query(insert, [1, 1]);
          begun.open();
          await go.passed;
          await tx.query(insert, [2, 2]);
        });
        await begun.passed;
        const seen = count();
        setImmediate(() => go.open());
        expect([0, 2]).toContain(await seen);
        await work;
        expect(await count()).toBe(2);
      });

      it('of which nobody outside sees anything when it is rolled back', async () => {
        const begun = gate();
        const work = db.transaction(async (tx) => {
          await tx.query(insert, [1, 1]);
          begun.open();
          throw new Error('no');
        });
        await begun.passed;
        const seen = count();
        await expect(work).rejects.toThrow('no');
        expect(await seen).toBe(0);
      });

      it('as a snapshot, which sees one instant whatever is committed meanwhile', async () => {
        let inserted: Promise<unknown> = Promise.resolve();
        const seen = await db.transaction(
          async (tx) => {
            const before = await tx.query('select id from contract_rows');
            // An embedded database lets the insert wait for its turn; a server commits it beside the snapshot.
            inserted = db.query(insert, [1, 1]);
            await tx.query('select pg_sleep(0.05)');
            return [before, await tx.query('select id from contract_rows')];
          },
          { snapshot: true },
        );
        expect(seen).toEqual([[], []]);
        await inserted;
        expect(await count()).toBe(1);
      });

      it('as a snapshot, which changes nothing', async () => {
        const work = db.transaction((tx) => tx.query(insert, [1, 1]), { snapshot: true });
        await expect(work).rejects.toMatchObject({ code: '25006' });
        expect(await count()).toBe(0);
      });

      it('many at once, of which none overwrites what another has done', async () => {
        await db.query(insert, [1, 0]);
        const add = () =>
          db.transaction(async (tx) => {
            const [row] = await tx.query<{ n: number }>('select n from contract_rows where id = 1 for update');
            await tx.query('update contract_rows set n = $1 where id = 1', [row!.n + 1]);
          });
        await Promise.all(Array.from({ length: 20 }, add));
        expect(await db.query('select n from contract_rows')).toEqual([{ n: 20 }]);
      });

      it('one that failed does not keep the next from running', async () => {
        const results = await Promise.allSettled([
          db.transaction((tx) => tx.query('select 1 / 0')),
          db.transaction((tx) => tx.query(insert, [1, 1])),
          db.transaction((tx) => tx.query('select nothing')),
          db.query(insert, [2, 2]),
        ]);
        expect(results.map((result) => result.status)).toEqual(['rejected', 'fulfilled', 'rejected', 'fulfilled']);
        expect(await count()).toBe(2);
      });
    });

    it('cancels a statement that is over its time with 57014, and works afterwards', async () => {
      const own = await openDb();
      const slow = own.transaction((tx) => tx.query('select pg_sleep(60)'), { statementTimeoutMs: 300 });
      const next = own.query('select 1 as alive');
      await expect(slow).rejects.toMatchObject({ code: '57014' });
      expect(await next).toEqual([{ alive: 1 }]);
      expect(await own.transaction((tx) => tx.query('select 2 as alive'))).toEqual([{ alive: 2 }]);
      await own.close();
    });

    it('lets a statement run without a limit of time when none is wanted', async () => {
      const own = await openDb();
      const ran = await own.transaction(
        (tx) => tx.query("select current_setting('statement_timeout') as limited from pg_sleep(0.05)"),
        { statementTimeoutMs: 0 },
      );
      expect(ran).toEqual([{ limited: '0' }]);
      await own.close();
    });

    it('answers what was asked before it was closed, and refuses what is asked later', async () => {
      const own = await openDb();
      const asked = own.query('select 1 as alive');
      const closed = own.close();
      expect(await asked).toEqual([{ alive: 1 }]);
      await closed;
      await expect(own.query('select 1')).rejects.toThrow('closed');
      await expect(own.transaction(async () => 'never')).rejects.toThrow('closed');
      await own.close();
    });
  });
}

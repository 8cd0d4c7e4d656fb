import { readdirSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Db } from './db.ts';
import { openPglite } from './db-pglite.ts';
import { migrate } from './migrate.ts';

let db: Db;
beforeEach(() => {
  db = openPglite();
});
afterEach(() => db.close());

const files = readdirSync(new URL('../../migrations', import.meta.url)).sort();
const applied = async () =>
  (await db.query<{ name: string }>('select name from schema_migrations order by name')).map((row) => row.name);

describe('migrating', () => {
  it('applies each file once, in the order of its number', async () => {
    expect(await migrate(db)).toEqual(files);
    expect(await applied()).toEqual(files);
    expect(await migrate(db)).toEqual([]);
  });

  it('of two processes that start at once, one does the work', async () => {
    const both = await Promise.all([migrate(db), migrate(db)]);
    expect(both.toSorted((a, b) => b.length - a.length)).toEqual([files, []]);
    expect(await applied()).toEqual(files);
  });

  it('that fails leaves nothing behind, and can be repeated once the cause is gone', async () => {
    await db.query('create table events (in_the_way int)');
    await expect(migrate(db)).rejects.toThrow('0001_create_tasks.sql');
    const tables = await db.query("select tablename from pg_tables where schemaname = 'public'");
    expect(tables).toEqual([{ tablename: 'events' }]);
    await db.query('drop table events');
    expect(await migrate(db)).toEqual(files);
  });

  it('numbers its files without gaps or doubles', () => {
    expect(files.map((name) => Number(/^(\d{4})_[a-z]+(_[a-z]+)*\.sql$/.exec(name)?.[1]))).toEqual(
      files.map((_, index) => index + 1),
    );
  });
});

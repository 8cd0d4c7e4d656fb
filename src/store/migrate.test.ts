import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CAPABILITIES } from '../domain/capability.ts';
import type { Db } from './db.ts';
import { openPglite } from './db-pglite.ts';
import { migrate } from './migrate.ts';

let db: Db;
beforeEach(() => {
  db = openPglite();
});
afterEach(() => db.close());

const FOLDER = new URL('../../migrations/', import.meta.url);
const files = readdirSync(FOLDER).sort();
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

  it('brings what may still run into the shape that 0011 wants', async () => {
    const [older, newer] = [files.filter((name) => name < '0011'), files.filter((name) => name >= '0011')];
    await db.script(
      'create table schema_migrations (name text primary key, applied_at timestamptz not null default now())',
    );
    for (const name of older) {
      await db.script(readFileSync(new URL(name, FOLDER), 'utf8'));
      await db.query('insert into schema_migrations (name) values ($1)', [name]);
    }
    const backwards = CAPABILITIES.toReversed();
    await db.query(
      `insert into tasks (id, user_id, description, status) values ('task_1', 'ann', 'A task of before', 'in_progress')`,
    );
    await db.query(
      `insert into subtasks (id, task_id, position, description, required_capabilities, priority, rank, status, waiting_for,
         ready_at, finished_at)
       select 'subtask_' || nth, 'task_1', nth, 'A step of before', $1, 5, 30, status, 0, now(),
         case when status <> 'ready' then now() end
       from unnest(array['ready', 'failed', 'completed']) with ordinality as given (status, nth)`,
      [backwards],
    );
    expect(await migrate(db)).toEqual(newer);
    expect(await db.query('select status, user_id, required_capabilities from subtasks order by position')).toEqual([
      { status: 'ready', user_id: 'ann', required_capabilities: CAPABILITIES },
      { status: 'failed', user_id: 'ann', required_capabilities: CAPABILITIES },
      { status: 'completed', user_id: null, required_capabilities: backwards },
    ]);
  });

  it('numbers its files without gaps or doubles', () => {
    expect(files.map((name) => Number(/^(\d{4})_[a-z]+(_[a-z]+)*\.sql$/.exec(name)?.[1]))).toEqual(
      files.map((_, index) => index + 1),
    );
  });
});

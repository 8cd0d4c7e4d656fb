import { afterAll, describe, expect, it } from 'vitest';
import { graph } from '../../tests/support/plans.ts';
import { freshPostgres } from '../../tests/support/servers.ts';
import { startTask } from '../../tests/support/store.ts';
import { createLogger } from '../log.ts';
import { describeDb } from './db.contract.ts';
import { openPg } from './db-pg.ts';
import { migrate } from './migrate.ts';
import { lockTasksOf } from './purses.ts';
import { indexDocuments } from './search.ts';
import { createWorkspace } from './workspace.ts';

const logger = createLogger('silent');
const server = await freshPostgres('db');
afterAll(() => server?.drop());

const url = server?.url ?? '';
if (server) describeDb('PostgreSQL', () => openPg({ url, logger }));

describe.skipIf(!server)('the database on a server', () => {
  it('is created when it is missing, by any number of processes at once', async () => {
    const missing = new URL(url);
    missing.pathname += '_missing';
    const dbs = await Promise.all(Array.from({ length: 4 }, () => openPg({ url: missing.href, logger })));
    const applied = await Promise.all(dbs.map(migrate));
    expect(applied.filter((names) => names.length > 0)).toHaveLength(1);
    await Promise.all(dbs.map((db) => db.close()));
    const admin = await openPg({ url, logger });
    await admin.query(`drop database ${missing.pathname.slice(1)} with (force)`);
    await admin.close();
  });

  it('is migrated without a limit of time, by plans for whole tables', async () => {
    const fresh = await freshPostgres('db_migrating');
    const db = await openPg({ url: fresh!.url, logger });
    try {
      // Each migration that is noted here notes how it was run.
      const settings = [
        'statement_timeout',
        'enable_seqscan',
        'enable_hashjoin',
        'enable_mergejoin',
        'enable_material',
      ];
      const values = settings.map((setting) => `current_setting('${setting}')`).join(', ');
      await db.script(
        `create table schema_migrations (name text primary key, applied_at timestamptz not null default now(),
           ran_by text[] not null default array[${values}])`,
      );
      await migrate(db);
      const ran = await db.query('select distinct ran_by from schema_migrations');
      expect(ran).toEqual([{ ran_by: ['0', 'on', 'on', 'on', 'on'] }]);
    } finally {
      await db.close();
      await fresh!.drop();
    }
  });

  it('says what an administrator has to run for an account that may not make roles, and works once that is done', async () => {
    const admin = await openPg({ url, logger });
    const account = `limited_${process.pid}`;
    const own = new URL(url);
    own.username = account;
    own.pathname += '_limited';
    const name = own.pathname.slice(1);
    await admin.script(`create role ${account} login`);
    await admin.query(`create database ${name} owner ${account}`);
    const db = await openPg({ url: own.href, logger });
    try {
      await expect(migrate(db)).rejects.toThrow(
        /limited_\d+ may not .* grant muster_reader, muster_worker to limited_/,
      );
      await admin.script(`grant muster_reader, muster_worker to ${account}`);
      expect(await migrate(db)).toContain('0004_create_workspace.sql');
      const workspace = createWorkspace(db);
      await workspace.execute('create table fruit (name text)');
      expect(await workspace.query('select * from fruit')).toMatchObject({ columns: ['name'], rowCount: 0 });
    } finally {
      await db.close();
      await admin.query(`drop database ${name} with (force)`);
      await admin.script(`drop role ${account}`);
      await admin.close();
    }
  });

  it('lets documents of a task be written while the task is being changed', async () => {
    const db = await openPg({ url, logger });
    await migrate(db);
    const { id, subtasks } = await startTask(db, graph([]));
    await db.transaction(async (tx) => {
      await lockTasksOf(tx, subtasks);
      await indexDocuments(db, [{ task_id: id, source: 'file:a', title: 'a', body: 'words' }]);
    });
    expect(await db.query('select title from search_documents where task_id = $1', [id])).toEqual([{ title: 'a' }]);
    await db.close();
  });

  it('cancels a statement that is over the time of its transaction, and goes on', async () => {
    const db = await openPg({ url, logger });
    const slow = db.transaction((tx) => tx.query('select pg_sleep(20)'), { statementTimeoutMs: 50 });
    await expect(slow).rejects.toMatchObject({ code: '57014' });
    expect(await db.query('select 1 as one')).toEqual([{ one: 1 }]);
    await db.close();
  });

  it('replaces a connection that the server ended', async () => {
    const db = await openPg({ url, logger });
    const ended = db.transaction(async (tx) => {
      await tx.query('select pg_terminate_backend(pg_backend_pid())');
    });
    await expect(ended).rejects.toThrow();
    expect(await db.query('select 1 as one')).toEqual([{ one: 1 }]);
    await db.close();
  });

  it('says at once when the password or the role is wrong', async () => {
    const wrong = new URL(url);
    wrong.username = 'nobody_here';
    await expect(openPg({ url: wrong.href, logger })).rejects.toThrow('nobody_here');
  });

  it('waits for a server that is not up yet, and gives up after the time it was given', async () => {
    const nowhere = openPg({ url: 'postgresql://postgres@127.0.0.1:1/x', logger, waitMs: 250 });
    await expect(nowhere).rejects.toThrow('ECONNREFUSED');
  });
});

import { afterAll, describe, expect, it } from 'vitest';
import { freshPostgres } from '../../tests/support/servers.ts';
import { createLogger } from '../log.ts';
import { describeDb } from './db.contract.ts';
import { openPg } from './db-pg.ts';
import { migrate } from './migrate.ts';

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

import { afterAll, describe, expect, it } from 'vitest';
import { freshPostgres } from '../../tests/support/servers.ts';
import { createLogger } from '../log.ts';
import { openPg } from './db-pg.ts';
import { openPglite } from './db-pglite.ts';
import { migrate } from './migrate.ts';
import { describeRetention } from './retention.contract.ts';
import { prune } from './retention.ts';

const logger = createLogger('silent');
const server = await freshPostgres('retention');
afterAll(() => server?.drop());
const url = server?.url ?? '';

describeRetention('PGlite', () => openPglite());
if (server) describeRetention('PostgreSQL', () => openPg({ url, logger }));

describe.skipIf(!server)('forgetting by two processes at once', () => {
  it('passes over what the other one, or a retry, holds', async () => {
    const db = await openPg({ url, logger });
    await migrate(db);
    await db.query('truncate tasks cascade');
    await db.query(
      `insert into tasks (id, user_id, description, status, error, created_at, updated_at, finished_at)
       select 'task_old' || n, 'tester', 'A task of long ago', 'failed', 'it failed', t, t, t
       from generate_series(1, 3) as n, (select now() - interval '50 days' as t) as past`,
    );
    const keep = { tasks: 30, events: null, logs: null };
    const removed: string[] = [];
    await db.transaction(async (retry) => {
      await retry.query("select id from tasks where id = 'task_old2' for update");
      await prune(db, keep, async (ids) => {
        removed.push(...ids);
        expect(await prune(db, keep, async () => undefined)).toMatchObject({ tasks: 0 });
      });
    });
    expect(removed).toEqual(['task_old1', 'task_old3']);
    expect(await db.query('select id from tasks')).toEqual([{ id: 'task_old2' }]);
    await db.close();
  });
});

import { createServer } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Fixture, openFixture } from '../../tests/contract/orchestrator-fixture.ts';
import { workspaceThrough } from './workspace-client.ts';

const TOKEN = 'a token of this test';
let service: Fixture;
let url: string;
beforeAll(async () => {
  const config = {
    sharedFiles: '',
    bodyLimitBytes: 1_000_000,
    planningMs: 10_000,
    planningSlots: 8,
    agentToken: TOKEN,
  };
  service = await openFixture({ config });
  url = await service.app.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(() => service.close());

const workspace = (token: string | undefined = TOKEN) => workspaceThrough(() => url, token);

describe('the workspace behind the API', () => {
  it('does what the statements say', async () => {
    expect(await workspace().execute('create table weather (city text, temp int)')).toEqual({
      command: 'CREATE TABLE',
      rowCount: 0,
    });
    expect(await workspace().execute("insert into weather values ('Berlin', 21), ('Oslo', 12)")).toEqual({
      command: 'INSERT',
      rowCount: 2,
    });
    expect(await workspace().query('select city, temp from weather order by city')).toEqual({
      columns: ['city', 'temp'],
      rows: [
        { city: 'Berlin', temp: 21 },
        { city: 'Oslo', temp: 12 },
      ],
      rowCount: 2,
      truncated: false,
    });
  });

  it("passes on what was wrong, in PostgreSQL's words or those of the judge", async () => {
    await expect(workspace().query('select * from nowhere')).rejects.toThrow('relation "nowhere" does not exist');
    await expect(workspace().query('delete from weather')).rejects.toThrow(/^sql: DELETE is not a read-only statement/);
    await expect(workspace().execute('select 1')).rejects.toThrow('use database_query');
    await expect(workspace().execute('')).rejects.toThrow('sql: must not be empty');
    await expect(workspace().query('-- '.padEnd(20_001, 'x'))).rejects.toThrow('at most 20000 characters');
  });

  it("sees none of Muster's own tables", async () => {
    await expect(workspace().query('select * from public.tasks')).rejects.toThrow('outside the workspace schema');
    await expect(workspace().execute('drop table tasks')).rejects.toThrow('table "tasks" does not exist');
  });

  it('is for those who know the token', async () => {
    for (const token of [undefined, 'another token']) {
      await expect(workspaceThrough(() => url, token).query('select 1')).rejects.toThrow('MUSTER_AGENT_TOKEN');
      await expect(workspaceThrough(() => url, token).execute('drop table weather')).rejects.toThrow(
        'MUSTER_AGENT_TOKEN',
      );
    }
    expect(await workspace().query('select city from weather')).toMatchObject({ rowCount: 2 });
  });

  it('names the field to whoever calls it by hand', async () => {
    const answer = await service.app.inject({
      method: 'POST',
      url: '/workspace/query',
      headers: { authorization: `Bearer ${TOKEN}` },
      payload: { sql: 'select 1; select 2' },
    });
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toEqual({
      code: 'invalid_request',
      field: 'sql',
      detail: 'sql: found 2 statements (SELECT; SELECT); give exactly one',
    });
  });

  it('says what came instead when something else answers', async () => {
    const elsewhere = workspaceThrough(() => `${url}/nowhere/`, TOKEN);
    await expect(elsewhere.query('select 1')).resolves.toMatchObject({ rowCount: 1 });
    const proxy = createServer((_, response) => response.writeHead(502).end('<html>bad gateway</html>'));
    await new Promise<void>((listening) => proxy.listen(0, '127.0.0.1', listening));
    const address = proxy.address() as { port: number };
    const behind = workspaceThrough(() => `http://127.0.0.1:${address.port}`, TOKEN);
    await expect(behind.query('select 1')).rejects.toThrow('the workspace answered 502');
    await new Promise((closed) => proxy.close(closed));
  });
});

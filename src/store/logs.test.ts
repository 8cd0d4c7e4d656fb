import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openStore } from '../../tests/support/store.ts';
import { type AgentLog, LOG_LEVELS } from '../domain/log.ts';
import type { Db } from './db.ts';
import { insertLogs, type LogFilter, listLogs } from './logs.ts';

let db: Db;
beforeAll(async () => {
  db = await openStore();
});
afterAll(() => db.close());
beforeEach(() => db.query('truncate agent_logs'));

const log = (given: Partial<AgentLog> = {}): AgentLog => ({
  agent_id: 'agent_1',
  task_id: 'task_a',
  subtask_id: 'subtask_a',
  attempt: 1,
  level: 'INFO',
  message: 'called run_code',
  metadata: { tool: 'run_code' },
  time: '2030-01-01T12:00:00.000Z',
  ...given,
});
const messages = async (filter: Partial<LogFilter>) =>
  (await listLogs(db, { limit: 50, ...filter })).rows.map((row) => row.message);

describe('agent logs', () => {
  it('come back as they were written, newest first', async () => {
    await insertLogs(db, [log({ message: 'first' }), log({ message: 'second', metadata: { deep: [1, { a: null }] } })]);
    await insertLogs(db, [log({ message: 'third' })]);
    const { rows } = await listLogs(db, { limit: 50 });
    expect(rows.map((row) => row.message)).toEqual(['third', 'second', 'first']);
    expect(rows[1]).toEqual({
      ...log({ message: 'second', metadata: { deep: [1, { a: null }] } }),
      id: expect.any(Number),
    });
  });

  it('keep lines of tasks that are not, or no longer, there', async () => {
    await insertLogs(db, [log({ task_id: 'task_pruned' })]);
    expect(await messages({ task_id: 'task_pruned' })).toHaveLength(1);
  });

  it('may hold anything a tool printed', async () => {
    const message = `zero \u0000, half \ud83d, 'quotes' "double" \\ ${'long '.repeat(20_000)}`;
    await insertLogs(db, [log({ message, metadata: { 'k\u0000': '\udc00' } })]);
    const [row] = (await listLogs(db, { limit: 1 })).rows;
    expect(row!.message).toBe(message.replace('\u0000', '\ufffd').replace('\ud83d', '\ufffd'));
    expect(row!.metadata).toEqual({ 'k\ufffd': '\ufffd' });
  });

  it('may be none', async () => {
    await insertLogs(db, []);
    expect(await listLogs(db, { limit: 5 })).toEqual({ rows: [], next_cursor: null });
  });

  it('are filtered by agent, task, subtask, words and time, alone and together', async () => {
    await insertLogs(db, [
      log({ message: 'Alpha 100%' }),
      log({ message: 'beta', agent_id: 'agent_2' }),
      log({ message: 'gamma', task_id: 'task_b' }),
      log({ message: 'delta', subtask_id: 'subtask_b', time: '2030-01-02T00:00:00.000Z' }),
    ]);
    expect(await messages({ agent_id: 'agent_2' })).toEqual(['beta']);
    expect(await messages({ task_id: 'task_b' })).toEqual(['gamma']);
    expect(await messages({ subtask_id: 'subtask_b' })).toEqual(['delta']);
    expect(await messages({ text: 'ALPHA' })).toEqual(['Alpha 100%']);
    expect(await messages({ text: '%' })).toEqual(['Alpha 100%']);
    expect(await messages({ text: 'a\u0000' })).toEqual([]);
    expect(await messages({ after: '2030-01-02T00:00:00.000Z' })).toEqual(['delta']);
    expect(await messages({ before: '2030-01-02T00:00:00.000Z' })).toEqual(['gamma', 'beta', 'Alpha 100%']);
    expect(await messages({ agent_id: 'agent_1', task_id: 'task_a', text: 'e' })).toEqual(['delta']);
  });

  it('of a level include the graver ones', async () => {
    await insertLogs(
      db,
      LOG_LEVELS.map((level) => log({ level, message: level })),
    );
    expect(await messages({ level: 'DEBUG' })).toEqual(['ERROR', 'WARN', 'INFO', 'DEBUG']);
    expect(await messages({ level: 'WARN' })).toEqual(['ERROR', 'WARN']);
    expect(await messages({ level: 'ERROR' })).toEqual(['ERROR']);
  });

  it('come in pages that hold every line once', async () => {
    await insertLogs(
      db,
      Array.from({ length: 7 }, (_, nth) => log({ message: `line ${nth}` })),
    );
    for (const limit of [1, 3, 7]) {
      const seen: string[] = [];
      let cursor: string | null | undefined;
      do {
        const page = await listLogs(db, { limit, cursor: cursor ?? undefined });
        seen.push(...page.rows.map((row) => row.message));
        cursor = page.next_cursor;
      } while (cursor);
      expect(seen).toEqual([6, 5, 4, 3, 2, 1, 0].map((nth) => `line ${nth}`));
    }
  });

  it.each([
    'nonsense',
    '%',
    Buffer.from('-1').toString('base64url'),
    Buffer.from('1'.repeat(30)).toString('base64url'),
  ])('refuse the cursor %j, naming the field', async (cursor) => {
    await expect(listLogs(db, { limit: 5, cursor })).rejects.toMatchObject({
      code: 'invalid_request',
      field: 'cursor',
    });
  });
});

// What a step costs the database, counted instead of timed: transactions, statements, and round trips (statements that are
// given together travel together). The same for a batch as for one.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { graph } from '../../tests/support/plans.ts';
import { completed, LEADER, openStore, startTask } from '../../tests/support/store.ts';
import { finishAttempts } from './attempts.ts';
import type { Db, Sql, Tx } from './db.ts';
import { holdLease } from './leases.ts';
import { claimSubtasks } from './subtasks.ts';

let db: Db;
beforeAll(async () => {
  db = await openStore();
});
afterAll(() => db.close());

interface Costs {
  transactions: number;
  statements: number;
  /** Without `begin`, which travels with the first statement, and `commit`. */
  trips: number;
}

async function costsOf(work: (counted: Db) => Promise<unknown>): Promise<Costs> {
  const costs = { transactions: 0, statements: 0, trips: 0 };
  let underWay = 0;
  const count = async <R>(statement: Promise<R>) => {
    costs.statements += 1;
    if (underWay === 0) costs.trips += 1;
    underWay += 1;
    return statement.finally(() => {
      underWay -= 1;
    });
  };
  const counting = (sql: Sql): Sql => ({
    script: (text) => sql.script(text),
    query: (text, params) => count(sql.query<never>(text, params)),
  });
  const countingTx = (tx: Tx): Tx => ({
    ...counting(tx),
    last: (text, params) => count(tx.last<never>(text, params)),
  });
  await work({
    ...counting(db),
    transaction: (given, options) => {
      costs.transactions += 1;
      return db.transaction((tx) => given(countingTx(tx)), options);
    },
    close: () => db.close(),
  });
  return costs;
}

/** Tasks of a diamond each, of which the first steps are claimed. */
async function claimed(tasks: number) {
  const started = await Promise.all(Array.from({ length: tasks }, () => startTask(db, graph([], [0], [0], [1, 2]))));
  const claims = started.map(({ subtasks }) => ({
    subtask_id: subtasks[0] ?? '',
    agent_id: 'agent_1',
    agent_instance: 'one',
  }));
  await holdLease(db, LEADER, 60_000);
  return { claims, claim: (counted: Db) => claimSubtasks(counted, claims, { lease: LEADER, timeoutMs: 60_000 }) };
}

it.each([1, 50])('claiming %i subtasks is one transaction of 3 statements in 2 round trips', async (count) => {
  const { claim } = await claimed(count);
  expect(await costsOf(claim)).toEqual({ transactions: 1, statements: 3, trips: 2 });
});

it.each([1, 50])('finishing %i subtasks is one transaction of 5 statements in 2 round trips', async (count) => {
  const { claim } = await claimed(count);
  const taken = await claim(db);
  if (taken.outcome !== 'claimed') throw new Error('this test does not lead');
  expect(taken.subtasks).toHaveLength(count);
  const reports = taken.subtasks.map((subtask) => completed(subtask));
  const costs = await costsOf(async (counted) => {
    expect((await finishAttempts(counted, reports, () => 0)).unblocked).toHaveLength(2 * count);
  });
  expect(costs).toEqual({ transactions: 1, statements: 5, trips: 2 });
});

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createManualClock } from '../../tests/support/manual-clock.ts';
import { graph } from '../../tests/support/plans.ts';
import { take } from '../../tests/support/ready-queue.ts';
import { openStore, startTask } from '../../tests/support/store.ts';
import { NOTICE_MAX, readyNotice } from '../domain/ready-notice.ts';
import type { ReadySubtask } from '../domain/subtask.ts';
import type { Db } from '../store/db.ts';
import { BudgetWaits } from './budget-waits.ts';
import { REFILL_ROWS, ReadyIntake } from './ready-intake.ts';
import { ReadyQueue } from './ready-queue.ts';

let db: Db;
beforeAll(async () => {
  db = await openStore();
});
afterAll(() => db.close());
beforeEach(() => db.script('truncate tasks, leases cascade'));

const OFFERED = [['data_analysis' as const]];

/** A task with this many ready subtasks. */
async function crowd(user_id: string, count: number): Promise<void> {
  const { id } = await startTask(db, graph([]), { user_id });
  await db.query(
    `insert into subtasks (id, task_id, user_id, position, description, required_capabilities, priority, rank, status,
       waiting_for, ready_at)
     select 'subtask_' || left(md5($1 || n), 20), $1, $2, n, 'Do one step of it', '{data_analysis}', 5, 90, 'ready', 0, now()
     from generate_series(1, $3::int - 1) as n`,
    [id, user_id, count],
  );
}

function openIntake() {
  const queue = new ReadyQueue();
  const intake = new ReadyIntake({ db, clock: createManualClock(), queue, waits: new BudgetWaits() });
  /** What a round of the scheduler does with them: claimed, and gone from the ready ones. */
  const place = async (count: number) => {
    const taken = take(queue, count);
    await db.query(
      `update subtasks set status = 'running', attempt = 1, agent_id = 'a', deadline_at = now() where id = any($1)`,
      [taken.map((one) => one.id)],
    );
    return taken;
  };
  return { queue, intake, place };
}

describe('the intake of ready subtasks', () => {
  it('reads a part that has some of everybody, and more when that runs low, until all are placed', async () => {
    await crowd('ada', REFILL_ROWS + 2_000);
    await crowd('bob', 3);
    const { queue, intake, place } = openIntake();
    await intake.refill(OFFERED);
    expect(queue.size).toBeLessThanOrEqual(REFILL_ROWS + 1);
    const first = await place(6);
    expect(first.filter((one) => one.user_id === 'bob')).toHaveLength(3);
    let placed = first.length;
    let refills = 0;
    while (queue.size > 0) {
      expect(queue.runsLow).toBe(false);
      placed += (await place(700)).length;
      if (!queue.runsLow) continue;
      refills += 1;
      await intake.refill(OFFERED);
    }
    expect(placed).toBe(REFILL_ROWS + 2_003);
    expect(refills).toBeLessThan(5);
  });

  it('is not low of what it holds whole, nor of what it never had', async () => {
    await crowd('ada', 3);
    const { queue, intake, place } = openIntake();
    await intake.refill(OFFERED);
    await place(3);
    expect(queue.size).toBe(0);
    expect(queue.runsLow).toBe(false);
    await intake.refill([]);
    expect(queue.runsLow).toBe(false);
  });

  it('reads what a notice did not name once most of what it named is placed', async () => {
    await crowd('ada', NOTICE_MAX * 2);
    const rows = await db.query<ReadySubtask>('select *, 0 as due_in_ms from subtasks');
    const { queue, intake, place } = openIntake();
    intake.hear(readyNotice({ unblocked: rows }));
    await intake.learn();
    expect(queue.size).toBe(NOTICE_MAX);
    expect(queue.runsLow).toBe(false);
    await place(NOTICE_MAX);
    expect(queue.runsLow).toBe(true);
    await intake.refill(OFFERED);
    expect(queue.size).toBe(NOTICE_MAX);
    expect(queue.runsLow).toBe(false);
  });

  it('hears no more between two rounds than it can keep, and reads the rest', async () => {
    await crowd('ada', 1);
    const [row] = await db.query<ReadySubtask>('select *, 0 as due_in_ms from subtasks');
    const { queue, intake, place } = openIntake();
    for (let nth = 0; nth < 3; nth += 1)
      intake.hear({ unblocked: Array.from({ length: 9_000 }, (_, one) => ({ ...row!, id: `s${nth}_${one}` })) });
    await intake.learn();
    expect(queue.size).toBe(10_000);
    await place(10_000);
    expect(queue.runsLow).toBe(true);
    await intake.refill(OFFERED);
    expect(queue.size).toBe(1);
  });
});

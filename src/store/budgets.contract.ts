// How budgets hold in the rows: run on both databases. Nothing here reads a clock.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { graph } from '../../tests/support/plans.ts';
import {
  claim,
  claimOne,
  completed,
  failed,
  type StartedTask,
  startTask,
  subtaskStatuses,
} from '../../tests/support/store.ts';
import { brokenInvariants } from '../../tests/support/store-invariants.ts';
import type { AttemptReport, ReportedUsage } from '../domain/attempt.ts';
import { finishAttempts } from './attempts.ts';
import type { Db } from './db.ts';
import { migrate } from './migrate.ts';
import { releaseSubtasks } from './subtasks.ts';
import { getTask } from './task-views.ts';
import { cancelTask, retryTask } from './tasks.ts';

export function describeBudgets(name: string, open: () => Db | Promise<Db>): void {
  describe(`budgets on ${name}`, () => {
    let db: Db;

    beforeAll(async () => {
      db = await open();
      await migrate(db);
    });
    afterEach(async () => {
      expect(await brokenInvariants(db)).toEqual({});
      await db.query('truncate tasks cascade');
    });
    afterAll(() => db.close());

    const finish = (...reports: AttemptReport[]) => finishAttempts(db, reports, () => 0);
    const purseOf = async ({ id }: StartedTask) => (await getTask(db, id))?.purse;
    const errorOf = async ({ id }: StartedTask) => (await getTask(db, id))?.task.error;

    describe('a claim', () => {
      it('reserves a share on the subtask and on its task', async () => {
        const task = await startTask(db, graph([], [], [0]), { budget_usd: 0.9, max_turns: 60 });
        const claimed = await claim(db, task.subtasks.slice(0, 2));
        expect(claimed).toMatchObject([
          { reserved_usd: 0.3, reserved_turns: 20 },
          { reserved_usd: 0.3, reserved_turns: 20 },
        ]);
        expect(await purseOf(task)).toMatchObject({ reserved_usd: 0.6, reserved_turns: 40, reservations: 2 });
      });

      it('takes nothing from a task without limits', async () => {
        const task = await startTask(db);
        expect(await claimOne(db, task.subtasks[0]!)).toMatchObject({ reserved_usd: 0, reserved_turns: 0 });
        expect(await purseOf(task)).toMatchObject({ budget_usd: null, reserved_usd: 0, reservations: 0 });
      });

      it('leaves those ready that there is no share for, and takes the others', async () => {
        const poor = await startTask(db, graph([], [], []), { budget_usd: 0.03 });
        const rich = await startTask(db);
        const claimed = await claim(db, [...poor.subtasks, ...rich.subtasks]);
        expect(claimed.map((one) => one.id).sort()).toEqual([poor.subtasks[0]!, rich.subtasks[0]!].sort());
        expect(await subtaskStatuses(db, poor.id)).toEqual(['running', 'ready', 'ready']);
      });

      it('of many at once, from several places, never reserves more than there is', async () => {
        const task = await startTask(db, graph(...Array.from({ length: 20 }, () => [])), {
          budget_usd: 0.25,
          max_turns: 77,
        });
        const batches = Array.from({ length: 5 }, (_, nth) => task.subtasks.filter((_id, place) => place % 5 === nth));
        const claimed = (await Promise.all(batches.map((batch) => claim(db, batch)))).flat();
        expect(claimed.length).toBeGreaterThan(2);
        const sum = claimed.reduce((total, one) => total + Math.round(one.reserved_usd * 1e6), 0);
        expect(sum).toBeLessThanOrEqual(250_000);
        expect(await purseOf(task)).toMatchObject({ reserved_usd: sum / 1e6, reservations: claimed.length });
      });
    });

    describe('the end of an attempt', () => {
      it('gives back what it held and counts what it used', async () => {
        const task = await startTask(db, graph([], []), { budget_usd: 1, max_turns: 50 });
        await finish(using(completed(await claimOne(db, task.subtasks[0]!)), { cost_usd: 0.1234567, turns: 7 }));
        expect(await purseOf(task)).toMatchObject({
          spent_usd: 0.123457,
          spent_turns: 7,
          reserved_usd: 0,
          reservations: 0,
        });
        expect(await claimOne(db, task.subtasks[1]!)).toMatchObject({ reserved_usd: 0.876543, reserved_turns: 43 });
      });

      it('is counted for tasks without limits too, so that a later budget knows', async () => {
        const task = await startTask(db);
        await finish(using(failed(await claimOne(db, task.subtasks[0]!)), { cost_usd: 0.5 }));
        expect(await retryTask(db, task.id, { budget_usd: 0.4 })).toMatchObject({ outcome: 'spent' });
        expect(await retryTask(db, task.id, { budget_usd: 0.6 })).toMatchObject({ outcome: 'changed' });
        expect(await claimOne(db, task.subtasks[0]!)).toMatchObject({ reserved_usd: 0.1 });
      });

      it('that nobody can report counts with all that the attempt held', async () => {
        const task = await startTask(db, graph([], []), { budget_usd: 1, max_turns: 50 });
        const lost = failed(await claimOne(db, task.subtasks[0]!), 'agent_lost');
        await finish(using(lost, { cost_usd: 0, turns: 0, unknown: ['cost_usd', 'turns'] }));
        expect(await purseOf(task)).toMatchObject({ spent_usd: 0.5, spent_turns: 25 });
        await finish(using(lost, { cost_usd: 0.3 }));
        expect(await purseOf(task)).toMatchObject({ spent_usd: 0.5, spent_turns: 25 });
      });

      it('is free when no agent took it up, and what it cost when it was handed back', async () => {
        const task = await startTask(db, graph([]), { budget_usd: 1 });
        const refused = await claimOne(db, task.subtasks[0]!);
        await releaseSubtasks(db, [{ subtask_id: refused.id, attempt: refused.attempt }], 0);
        expect(await purseOf(task)).toMatchObject({ spent_usd: 0, reserved_usd: 0, reservations: 0 });
        const again = completed(await claimOne(db, task.subtasks[0]!));
        const handedBack = { ...again, outcome: { status: 'handed_back', reason: 'shut down' } as const };
        expect(await finish(using(handedBack, { cost_usd: 0.25 }))).toMatchObject({ retried: task.subtasks });
        expect(await purseOf(task)).toMatchObject({ spent_usd: 0.25, reserved_usd: 0 });
      });

      it('by a cancelled task counts with all that the running attempts held', async () => {
        const task = await startTask(db, graph([], []), { budget_usd: 1 });
        await claim(db, task.subtasks);
        await cancelTask(db, task.id);
        expect(await purseOf(task)).toMatchObject({ spent_usd: 1, reserved_usd: 0, reservations: 0 });
      });
    });

    describe('a share that is used up', () => {
      it('is followed by a larger one, without a failure or a delay, while the task has something left', async () => {
        const task = await startTask(db, graph([], [], [], []), { budget_usd: 1 });
        const first = await claimOne(db, task.subtasks[0]!);
        expect(first.reserved_usd).toBe(0.25);
        const { retried } = await finish(using(failed(first, 'budget_exceeded'), { cost_usd: 0.25 }));
        expect(retried).toEqual([first.id]);
        expect((await getTask(db, task.id))?.subtasks[0]).toMatchObject({ failures: 0, overruns: 1 });
        expect(await claimOne(db, first.id)).toMatchObject({ attempt: 2, reserved_usd: 0.375 });
      });

      it('waits for the larger one while others hold it', async () => {
        const task = await startTask(db, graph([], []), { budget_usd: 1 });
        const [first, second] = await claim(db, task.subtasks);
        await finish(using(failed(first!, 'budget_exceeded'), { cost_usd: 0.5 }));
        expect(await claim(db, [first!.id])).toEqual([]);
        await finish(using(completed(second!), { cost_usd: 0.1 }));
        expect(await claimOne(db, first!.id)).toMatchObject({ reserved_usd: 0.4 });
      });

      it('ends the task when that was all: what is left fails or is blocked, with what to do', async () => {
        const task = await startTask(db, graph([], [], [1], [2]), { budget_usd: 0.03 });
        const [first] = await claim(db, [task.subtasks[0]!]);
        const ended = await finish(using(completed(first!), { cost_usd: 0.031 }));
        expect(ended).toMatchObject({ unblocked: [], retried: [], failed: [task.id], stopped: [], toSummarise: [] });
        expect(await subtaskStatuses(db, task.id)).toEqual(['completed', 'failed', 'blocked', 'blocked']);
        expect(await errorOf(task)).toMatch(
          /^the budget is used up, \$0\.031 of \$0\.03: go on with more by muster retry/,
        );
        expect(await errorOf(task)).not.toContain('subtask 1');
      });

      it('ends a task with its only subtask', async () => {
        const task = await startTask(db, graph([]), { max_turns: 3 });
        const ended = await finish(using(failed(await claimOne(db, task.subtasks[0]!), 'max_turns'), { turns: 3 }));
        expect(ended).toMatchObject({ failed: [task.id] });
        expect(await errorOf(task)).toMatch(/3 of 3 turns.*subtask 0 .* failed: it was max_turns/);
      });

      it('ends nothing when everything is completed', async () => {
        const task = await startTask(db, graph([]), { budget_usd: 0.03 });
        const ended = await finish(using(completed(await claimOne(db, task.subtasks[0]!)), { cost_usd: 0.05 }));
        expect(ended).toMatchObject({ toSummarise: [task.id], failed: [] });
      });

      it('by more than it was stops what runs beside it', async () => {
        const task = await startTask(db, graph([], []), { budget_usd: 0.1 });
        const [first, second] = await claim(db, task.subtasks);
        const ended = await finish(using(failed(first!, 'budget_exceeded'), { cost_usd: 0.1 }));
        expect(ended.stopped).toMatchObject([{ task_id: task.id, subtask_id: second!.id, attempt: 1 }]);
        expect(ended.failed).toEqual([task.id]);
        expect(await subtaskStatuses(db, task.id)).toEqual(['failed', 'failed']);
        expect(await purseOf(task)).toMatchObject({ spent_usd: 0.15, reserved_usd: 0, reservations: 0 });
        const { results } = (await getTask(db, task.id))!;
        expect(results.map((result) => result.error_code)).toEqual(['budget_exceeded', 'budget_exceeded']);
      });

      it('is a failure where the task has no such limit, or the attempt had all turns that any may have', async () => {
        const free = await startTask(db);
        await finish(failed(await claimOne(db, free.subtasks[0]!), 'max_turns'));
        expect(await subtaskStatuses(db, free.id)).toEqual(['failed']);
        const wide = await startTask(db, graph([]), { max_turns: 1_000 });
        await finish(using(failed(await claimOne(db, wide.subtasks[0]!), 'max_turns'), { turns: 100 }));
        expect(await subtaskStatuses(db, wide.id)).toEqual(['failed']);
      });
    });

    describe('a retry', () => {
      it('of a task with nothing left needs a larger budget, and keeps what is completed', async () => {
        const task = await startTask(db, graph([], [0]), { budget_usd: 0.03 });
        await finish(using(completed(await claimOne(db, task.subtasks[0]!)), { cost_usd: 0.03 }));
        expect(await retryTask(db, task.id)).toMatchObject({
          outcome: 'spent',
          task: { budget_usd: 0.03, spent_usd: 0.03 },
        });
        expect(await retryTask(db, task.id, { budget_usd: 0.03 })).toMatchObject({ outcome: 'spent' });
        expect(await subtaskStatuses(db, task.id)).toEqual(['completed', 'failed']);
        expect(await retryTask(db, task.id, { budget_usd: 0.1 })).toEqual({
          outcome: 'changed',
          ready: [task.subtasks[1]],
        });
        expect(await claimOne(db, task.subtasks[1]!)).toMatchObject({ reserved_usd: 0.07 });
      });

      it('of a task that is not failed says so, whatever its budget', async () => {
        const task = await startTask(db, graph([]), { budget_usd: 1 });
        expect(await retryTask(db, task.id, { budget_usd: 2 })).toEqual({
          outcome: 'wrong_state',
          status: 'in_progress',
        });
        expect(await retryTask(db, 'task_unknown')).toEqual({ outcome: 'not_found' });
      });
    });
  });
}

function using(report: AttemptReport, usage: Partial<ReportedUsage>): AttemptReport {
  return { ...report, usage: { ...report.usage, ...usage } };
}

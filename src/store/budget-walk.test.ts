// Whatever happens, in whatever order: as long as no attempt uses more than it was given, a task never costs more than its
// budget, and never takes more turns than it may; not even with attempts that nobody hears of again.
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { acyclicPlan } from '../../tests/support/plans.ts';
import {
  claim,
  completed,
  endBackOffs,
  failed,
  openStore,
  type StartedTask,
  startTask,
} from '../../tests/support/store.ts';
import { brokenInvariants } from '../../tests/support/store-invariants.ts';
import type { AttemptReport, ReportedUsage } from '../domain/attempt.ts';
import { CAPABILITIES } from '../domain/capability.ts';
import { finishAttempts } from './attempts.ts';
import type { Db } from './db.ts';
import { listReady } from './ready-list.ts';
import { type ClaimedSubtask, releaseSubtasks } from './subtasks.ts';
import { getTask } from './task-views.ts';
import { cancelTask, retryTask } from './tasks.ts';

let db: Db;
beforeAll(async () => {
  db = await openStore();
});
afterAll(() => db.close());
afterEach(() => db.query('truncate tasks cascade'));

/** What an attempt really uses: a part of what it may use. */
interface Run {
  attempt: ClaimedSubtask;
  cost_usd: number;
  turns: number;
}

interface Step {
  kind: 'claim' | 'complete' | 'crash' | 'overrun' | 'lose' | 'hand back' | 'refuse' | 'late' | 'retry' | 'cancel';
  /** Which one, and which part of what it may use. */
  pick: number;
  part: number;
}

const usual: Step['kind'][] = ['claim', 'claim', 'complete', 'complete', 'crash', 'overrun', 'lose'];
const rare: Step['kind'][] = ['hand back', 'refuse', 'late', 'retry'];
const step = fc.record({
  kind: fc.oneof(
    { weight: 20, arbitrary: fc.constantFrom(...usual, ...rare) },
    { weight: 1, arbitrary: fc.constant('cancel' as const) },
  ),
  pick: fc.nat(),
  part: fc.integer({ min: 0, max: 1_000 }),
});

class Spender {
  readonly task: StartedTask;
  private readonly runs: Run[] = [];
  private readonly running: Run[] = [];

  constructor(task: StartedTask) {
    this.task = task;
  }

  get total() {
    return {
      usd: Math.round(this.runs.reduce((sum, run) => sum + run.cost_usd, 0) * 1e9) / 1e9,
      turns: this.runs.reduce((sum, run) => sum + run.turns, 0),
    };
  }

  async take(given: Step): Promise<void> {
    if (given.kind === 'claim') return this.claim(given);
    if (given.kind === 'retry')
      return void (await retryTask(db, this.task.id, given.pick % 2 ? { budget_usd: 0.4 } : {}));
    if (given.kind === 'cancel') return void (await cancelTask(db, this.task.id));
    const among = given.kind === 'late' ? this.runs : this.running;
    const run = among[given.pick % Math.max(1, among.length)];
    if (!run) return;
    if (given.kind !== 'late') this.running.splice(this.running.indexOf(run), 1);
    if (given.kind === 'refuse') return this.refuse(run);
    await finishAttempts(db, [reportOf(given.kind, run)], () => 0);
  }

  /** Everything that can be claimed; an agent begins to spend at once, whether or not it will be heard of. */
  async claim({ pick, part }: Pick<Step, 'pick' | 'part'>): Promise<void> {
    await endBackOffs(db);
    const { rows } = await listReady(db, { offered: [CAPABILITIES], limit: 100 });
    const ids = rows.map((one) => one.id).slice(0, 1 + (pick % 5));
    for (const attempt of await claim(db, ids)) {
      const cost_usd = (attempt.reserved_usd * part) / 1_000;
      const run = { attempt, cost_usd, turns: Math.floor((attempt.reserved_turns * part) / 1_000) };
      this.runs.push(run);
      this.running.push(run);
    }
  }

  /** Agents that use up whatever they are given, until there is nothing more to run. */
  async exhaust(): Promise<void> {
    do {
      await finishAttempts(
        db,
        this.running.splice(0).map((run) => reportOf('overrun', run)),
        () => 0,
      );
      await this.claim({ pick: 4, part: 1_000 });
    } while (this.running.length > 0);
  }

  private async refuse(run: Run): Promise<void> {
    run.cost_usd = 0;
    run.turns = 0;
    await releaseSubtasks(db, [{ subtask_id: run.attempt.id, attempt: run.attempt.attempt }], 0);
  }
}

function reportOf(kind: Step['kind'], { attempt, cost_usd, turns }: Run): AttemptReport {
  const using = (report: AttemptReport, usage: Partial<ReportedUsage> = {}) => ({
    ...report,
    usage: { ...report.usage, cost_usd, turns, ...usage },
  });
  if (kind === 'crash') return using(failed(attempt, 'crashed'));
  if (kind === 'overrun') return using(failed(attempt, attempt.reserved_usd > 0 ? 'budget_exceeded' : 'max_turns'));
  if (kind === 'lose')
    return using(failed(attempt, 'agent_lost'), { cost_usd: 0, turns: 0, unknown: ['cost_usd', 'turns'] });
  if (kind === 'hand back')
    return using({ ...completed(attempt), outcome: { status: 'handed_back', reason: 'stopped' } });
  return using(completed(attempt));
}

const limits = fc.record({
  budget_usd: fc.option(fc.integer({ min: 1, max: 300_000 }).map((micros) => micros / 1e6)),
  max_turns: fc.option(fc.integer({ min: 1, max: 60 })),
});

it('a task costs no more than its budget, and comes to an end', async () => {
  await fc.assert(
    fc.asyncProperty(
      acyclicPlan(7),
      limits,
      fc.array(step, { minLength: 5, maxLength: 25 }),
      async (plan, given, steps) => {
        await db.query('truncate tasks cascade');
        const spender = new Spender(await startTask(db, plan, given));
        const withinBudget = async () => {
          const { budget_usd, max_turns } = (await getTask(db, spender.task.id))!.purse;
          const { usd, turns } = spender.total;
          expect(usd).toBeLessThanOrEqual(budget_usd ?? Infinity);
          expect(turns).toBeLessThanOrEqual(max_turns ?? Infinity);
        };
        for (const one of steps) {
          await spender.take(one);
          await withinBudget();
        }
        expect(await brokenInvariants(db)).toEqual({});
        await spender.exhaust();
        await withinBudget();
        expect(await brokenInvariants(db)).toEqual({});
        expect((await getTask(db, spender.task.id))!.purse.open_subtasks).toBe(0);
      },
    ),
    { numRuns: 40 },
  );
}, 240_000);

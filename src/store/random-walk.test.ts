// The state machine under fire: random operations, in random order, on random graphs; after each of them every invariant
// of the store must hold. The seed of a walk that fails is in the name of its test.
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createDice, type Dice } from '../../tests/support/dice.ts';
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
import type { AttemptReport } from '../domain/attempt.ts';
import { CAPABILITIES } from '../domain/capability.ts';
import { FAILURE_CODES, isRetryable } from '../domain/errors.ts';
import { EVENT_TYPES, isTaskEnded } from '../domain/transitions.ts';
import { finishAttempts } from './attempts.ts';
import type { Db } from './db.ts';
import { listReady } from './ready-list.ts';
import { type ClaimedSubtask, releaseSubtasks } from './subtasks.ts';
import { completeTask } from './task-completion.ts';
import { getTask } from './task-views.ts';
import { cancelTask, listUnsummarised, retryTask } from './tasks.ts';

const STEPS = 250;
const TASKS = 5;

let db: Db;
beforeAll(async () => {
  db = await openStore();
});
afterAll(() => db.close());
afterEach(() => db.query('truncate tasks cascade'));

class Walk {
  readonly tasks: StartedTask[] = [];
  /** Every attempt ever claimed and every report ever sent: both may turn up again, late. */
  private readonly attempts: ClaimedSubtask[] = [];
  private readonly reports: AttemptReport[] = [];
  /** What a task looked like when it ended, until it is retried. */
  private readonly ended = new Map<string, unknown>();
  private readonly roll: Dice;

  constructor(seed: number) {
    this.roll = createDice(seed);
  }

  async start(seed: number): Promise<void> {
    for (const plan of fc.sample(acyclicPlan(10), { seed, numRuns: TASKS })) this.tasks.push(await startTask(db, plan));
  }

  async step(): Promise<void> {
    const operations = [
      () => this.claimSome(),
      () => this.claimSome(),
      () => this.finish(completed),
      () => this.finish(completed),
      () => this.finish(completed),
      () => this.finish((attempt) => failed(attempt, this.pick(FAILURE_CODES.filter(isRetryable))!)),
      () => this.finish((attempt) => failed(attempt, this.pick(FAILURE_CODES.filter((code) => !isRetryable(code)))!)),
      () => this.release(),
      () => this.repeat(),
      () => endBackOffs(db),
      () => this.summarise(),
      () => this.retry(),
      () => (this.roll(10) === 0 ? this.cancel() : this.retry()),
    ];
    await this.pick(operations)!();
    await this.expectEndedUnchanged();
  }

  /** Runs whatever is left to its end, with agents that do not fail. */
  async drive(): Promise<void> {
    let ready: string[];
    do {
      await endBackOffs(db);
      this.attempts.push(...(await claim(db, await this.readyIds())));
      // Of all attempts there ever were: those that run end, the others change nothing.
      await this.send(this.attempts.map((attempt) => completed(attempt)));
      await this.summarise();
      ready = await this.readyIds();
    } while (ready.length > 0);
  }

  private async readyIds(): Promise<string[]> {
    const { rows } = await listReady(db, { offered: [CAPABILITIES], limit: 1_000 });
    return rows.map((one) => one.id);
  }

  private pick<T>(from: readonly T[]): T | undefined {
    return from[this.roll(from.length)];
  }

  private some<T>(from: readonly T[], most: number): T[] {
    return Array.from({ length: this.roll(most + 1) }, () => this.pick(from)).filter((one) => one !== undefined);
  }

  private async claimSome(): Promise<void> {
    const every = this.tasks.flatMap((task) => task.subtasks);
    const wanted = new Set([...this.some(await this.readyIds(), 4), ...this.some(every, 2)]);
    this.attempts.push(...(await claim(db, [...wanted], `agent_${this.roll(3)}`)));
  }

  /** A batch of reports, mostly of attempts that run, some of attempts long past. */
  private finish(reportOf: (attempt: ClaimedSubtask) => AttemptReport): Promise<void> {
    const batch = [...this.some(this.attempts.slice(-6), 3), ...this.some(this.attempts, 2)];
    return this.send(batch.map(reportOf));
  }

  private async send(batch: AttemptReport[]): Promise<void> {
    this.reports.push(...batch);
    const { accepted, superseded } = await finishAttempts(db, batch, () => this.roll(1_000) / 1_000);
    expect(accepted.length + superseded.length).toBe(batch.length);
  }

  private async repeat(): Promise<void> {
    await finishAttempts(db, this.some(this.reports, 5), () => 0);
  }

  private async release(): Promise<void> {
    const batch = this.some(this.attempts.slice(-8), 2);
    await releaseSubtasks(
      db,
      batch.map(({ id, attempt }) => ({ subtask_id: id, attempt })),
      this.roll(2) * 5_000,
    );
  }

  private async summarise(): Promise<void> {
    const due = await listUnsummarised(db, -1_000);
    for (const id of due) expect(await completeTask(db, id, 'all done')).toBe(true);
    expect(await completeTask(db, this.pick(this.tasks)!.id, 'again')).toBe(false);
  }

  private async cancel(): Promise<void> {
    await cancelTask(db, this.pick(this.tasks)!.id);
  }

  private async retry(): Promise<void> {
    const { id } = this.pick(this.tasks)!;
    if ((await retryTask(db, id)).outcome === 'changed') this.ended.delete(id);
  }

  private async expectEndedUnchanged(): Promise<void> {
    for (const { id } of this.tasks) {
      const whole = (await getTask(db, id))!;
      if (!isTaskEnded(whole.task.status)) continue;
      if (this.ended.has(id)) expect(whole).toEqual(this.ended.get(id));
      this.ended.set(id, whole);
    }
  }
}

describe('a random walk', () => {
  const taken = new Set<string>();
  const seeds = [1, 2, 172_680, Date.now() % 1_000_000];

  it.each(seeds)(
    'never breaks an invariant, and every task can be brought to its end (seed %i)',
    async (seed) => {
      const walk = new Walk(seed);
      await walk.start(seed);
      for (let nth = 0; nth < STEPS; nth += 1) {
        await walk.step();
        expect(await brokenInvariants(db)).toEqual({});
      }
      await walk.drive();
      expect(await brokenInvariants(db)).toEqual({});
      for (const { type } of await db.query<{ type: string }>('select distinct type from events')) taken.add(type);
      const statuses = await Promise.all(walk.tasks.map(async ({ id }) => (await getTask(db, id))!.task.status));
      expect(statuses.every(isTaskEnded), statuses.join()).toBe(true);
    },
    240_000,
  );

  it('has taken every transition there is', () => {
    expect([...taken].sort()).toEqual([...EVENT_TYPES].sort());
  });
});

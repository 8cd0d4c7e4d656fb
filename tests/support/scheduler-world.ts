// A scheduler with what surrounds it: a real database, the memory bus, agents over HTTP, and the smallest possible consumer
// of results. Time is manual. The database's own clock runs on by itself, so a test moves its rows into the past instead.
import { pino } from 'pino';
import { vi } from 'vitest';
import type { Bus } from '../../src/bus/bus.ts';
import { createMemoryBus } from '../../src/bus/memory.ts';
import type { Plan } from '../../src/domain/plan.ts';
import { Scheduler, type SchedulerOptions } from '../../src/scheduler/scheduler.ts';
import { finishAttempts } from '../../src/store/attempts.ts';
import type { Db } from '../../src/store/db.ts';
import { completeTask } from '../../src/store/task-completion.ts';
import { createTask, type NewTask, savePlan } from '../../src/store/tasks.ts';
import { ControlMetrics } from '../../src/telemetry/control-metrics.ts';
import { createManualClock, type ManualClock } from './manual-clock.ts';
import { TestAgent, type TestAgentOptions } from './scheduler-agent.ts';

export const quiet = pino({ level: 'silent' });

export interface World {
  db: Db;
  bus: Bus;
  clock: ManualClock;
  agents: TestAgent[];
  agent(options: Omit<TestAgentOptions, 'bus'>): Promise<TestAgent>;
  scheduler(given?: Partial<SchedulerOptions>): Promise<Scheduler>;
  /** Stores a task with this plan and tells the scheduler. Resolves to its id and the ids of its subtasks. */
  submit(plan: Plan, given?: Partial<NewTask>): Promise<{ id: string; subtasks: string[] }>;
  /** Lets time pass, for the database too, in steps in which leases are renewed. */
  pass(ms: number): Promise<void>;
  /** Lets time pass until the check holds. */
  until<T>(check: () => T | Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** `wrap` stands between everyone and the bus. The database must be migrated; its tasks and leases are dropped. */
export async function openWorld(db: Db, wrap: (bus: Bus) => Bus = (bus) => bus): Promise<World> {
  await db.script('truncate tasks cascade; delete from leases;');
  const clock = createManualClock();
  const bus = wrap(createMemoryBus(clock));
  const schedulers: Scheduler[] = [];
  const agents: TestAgent[] = [];
  const over = new AbortController();
  const consumed = consumeResults(db, bus, over.signal);
  const stretchLease = () => db.query(`update leases set expires_at = now() + interval '1 hour'`);
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= 500) {
      await moveBack(db, Math.min(left, 500));
      clock.advance(Math.min(left, 500));
      // Statements take turns, so whatever this step asked of the database has been answered before.
      await stretchLease();
    }
  };
  return {
    db,
    bus,
    clock,
    agents,
    async agent(options) {
      const agent = await new TestAgent({ bus, ...options }).start();
      agents.push(agent);
      return agent;
    },
    async scheduler(given = {}) {
      const scheduler = new Scheduler({
        db,
        bus,
        clock,
        logger: quiet,
        metrics: new ControlMetrics(),
        attemptTimeoutMs: 600_000,
        heartbeatIntervalMs: 10_000,
        heartbeatTtlMs: 60_000,
        recover: async () => {},
        ...given,
      });
      schedulers.push(scheduler);
      await scheduler.start();
      await stretchLease();
      return scheduler;
    },
    async submit(plan, given = {}) {
      const task = { description: 'A task for the scheduler', user_id: 'tester', ...given };
      const { id } = await createTask(db, task, 60_000);
      const saved = await savePlan(db, id, { plan, source: 'given' });
      if (saved.outcome !== 'saved') throw new Error('the plan was not saved');
      await bus.notify('wake', { ready: saved.ready });
      const rows = await db.query<{ id: string }>('select id from subtasks where task_id = $1 order by position', [id]);
      return { id, subtasks: rows.map((row) => row.id) };
    },
    pass,
    until: (check) =>
      eventually(async () => {
        await pass(500);
        return check();
      }),
    async close() {
      for (const scheduler of schedulers) await scheduler.stop();
      over.abort();
      await consumed;
      for (const agent of agents) await agent.hangUp();
      await bus.close();
    },
  };
}

async function moveBack(db: Db, ms: number): Promise<void> {
  const back = `- interval '${ms} milliseconds'`;
  await db.script(
    `update subtasks set due_at = due_at ${back}, deadline_at = deadline_at ${back}, started_at = started_at ${back}
     where status in ('ready', 'running')`,
  );
}

async function consumeResults(db: Db, bus: Bus, signal: AbortSignal): Promise<void> {
  await bus.consume('agent_results', { group: 'results', consumer: 'test', batch: 50, signal }, async (reports) => {
    const { unblocked, retried, stopped, toSummarise } = await finishAttempts(db, reports, () => 0);
    for (const { task_id, subtask_id, attempt } of stopped) await bus.notify('stop', { task_id, subtask_id, attempt });
    for (const id of toSummarise) await completeTask(db, id, 'all done');
    await bus.notify('wake', { ready: retried, unblocked, ended: reports });
  });
}

export async function statusesOf(db: Db, taskId: string): Promise<string[]> {
  const rows = await db.query<{ status: string }>('select status from subtasks where task_id = $1 order by position', [
    taskId,
  ]);
  return rows.map((row) => row.status);
}

export async function taskStatus(db: Db, taskId: string): Promise<string | undefined> {
  const [task] = await db.query<{ status: string }>('select status from tasks where id = $1', [taskId]);
  return task?.status;
}

/** Waits for what the database, the agents or the bus will show. */
export function eventually<T>(check: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(check, { timeout: 10_000, interval: 10 });
}

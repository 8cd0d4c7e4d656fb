// One orchestrator of the simulation: the product's own scheduler and transitions, joined as the real process joins them,
// without HTTP and without a model.
import type { Bus } from '../../src/bus/bus.ts';
import type { AttemptReport } from '../../src/domain/attempt.ts';
import type { Plan } from '../../src/domain/plan.ts';
import { Scheduler } from '../../src/scheduler/scheduler.ts';
import { finishAttempts } from '../../src/store/attempts.ts';
import type { Db } from '../../src/store/db.ts';
import { completeTask } from '../../src/store/task-completion.ts';
import { cancelTask, createTask, listUnsummarised, retryTask, savePlan } from '../../src/store/tasks.ts';
import { claimGiven } from '../../src/store/unplanned-tasks.ts';
import { ControlMetrics } from '../../src/telemetry/control-metrics.ts';
import { quiet } from '../support/scheduler-world.ts';
import type { BusServer } from './bus.ts';
import type { DatabaseServer } from './database.ts';
import { watchReports } from './report-oracle.ts';
import { ATTEMPT_TIMEOUT_MS, HEARTBEAT_MS, HEARTBEAT_TTL_MS, PLANNING_MS, UNSUMMARISED_MS } from './settings.ts';
import { createProcess, kill, type Process, type Timeline } from './timeline.ts';

interface Surroundings {
  timeline: Timeline;
  database: DatabaseServer;
  bus: BusServer;
  /** Hears of what must not be. */
  onViolation: (what: string) => void;
}

export class OrchestratorProcess {
  readonly process: Process;
  /** Requests under way. */
  busy = 0;
  private readonly surroundings: Surroundings;
  private readonly db: Db;
  private readonly bus: Bus;
  private readonly scheduler: Scheduler;

  constructor(name: string, surroundings: Surroundings) {
    const { timeline, database, bus } = surroundings;
    this.surroundings = surroundings;
    this.process = createProcess(name);
    this.db = database.connect(this.process);
    this.bus = bus.connect(this.process);
    this.scheduler = new Scheduler({
      db: this.db,
      bus: this.bus,
      clock: timeline.clockOf(this.process),
      logger: quiet,
      metrics: new ControlMetrics(),
      attemptTimeoutMs: ATTEMPT_TIMEOUT_MS,
      heartbeatIntervalMs: HEARTBEAT_MS,
      heartbeatTtlMs: HEARTBEAT_TTL_MS,
      recover: () => this.recover(),
    });
    timeline.after(0, this.process, () => this.start());
  }

  /** As on SIGTERM: ends what it does, gives the lease back, then the process is gone. */
  stop(): void {
    this.surroundings.timeline.after(0, this.process, () => {
      void this.scheduler.stop().then(() => kill(this.process));
    });
  }

  submit(id: string, plan: Plan): void {
    this.act(async () => {
      const task = { id, description: 'A task of a simulated history', user_id: 'simulation', given_plan: plan };
      await createTask(this.db, task, PLANNING_MS);
      await this.plan(id, plan);
    });
  }

  cancel(id: string): void {
    this.act(async () => {
      await cancelTask(this.db, id);
      await this.tell((bus) => bus.notify('stop', { task_id: id }));
    });
  }

  retry(id: string): void {
    this.act(async () => {
      const retried = await retryTask(this.db, id);
      if (retried.outcome === 'changed') await this.tell((bus) => bus.notify('wake', { ready: retried.ready }));
    });
  }

  private start(): void {
    // One that cannot start exits, and is started again by whoever looks after it.
    void this.scheduler.start().catch(() => kill(this.process));
    const options = { group: 'results', consumer: this.process.name, batch: 10, signal: new AbortController().signal };
    void this.bus.consume('agent_results', options, (reports) => this.finish(reports));
  }

  private async plan(id: string, plan: Plan): Promise<void> {
    const saved = await savePlan(this.db, id, { plan, source: 'given' });
    if (saved.outcome === 'saved') await this.tell((bus) => bus.notify('wake', { ready: saved.ready }));
  }

  private async finish(reports: AttemptReport[]): Promise<void> {
    const { onViolation } = this.surroundings;
    const watched = watchReports(this.db, reports, onViolation);
    const { unblocked, retried, toSummarise } = await finishAttempts(watched, reports, Math.random);
    await this.tell((bus) => bus.notify('wake', { ready: retried, unblocked, ended: reports }));
    for (const id of toSummarise) this.act(() => completeTask(this.db, id, 'all done'));
  }

  private async recover(): Promise<void> {
    for (const id of await listUnsummarised(this.db, UNSUMMARISED_MS)) await completeTask(this.db, id, 'recovered');
    for (const task of await claimGiven(this.db, PLANNING_MS))
      if (task.given_plan) await this.plan(task.id, task.given_plan);
  }

  /** In the background, like a request; one that fails is not repeated. */
  private act(work: () => Promise<unknown>): void {
    this.busy += 1;
    this.surroundings.timeline.after(0, this.process, () => {
      void work()
        .catch(() => undefined)
        .finally(() => {
          this.busy -= 1;
        });
    });
  }

  private tell(notice: (bus: Bus) => Promise<void>): Promise<void> {
    return notice(this.bus).catch(() => undefined);
  }
}

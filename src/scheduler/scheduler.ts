// The heart: whenever something changed (subtasks became ready, a slot came free, a retry is due), the leading process
// matches ready subtasks to agents, claims them in the database and hands them over. Driven by notices; the slow sweep
// finds what no notice mentioned.
import type { Bus, Notices } from '../bus/bus.ts';
import type { Clock } from '../clock.ts';
import type { AgentStatus } from '../domain/agent.ts';
import { matchLine, type Placement } from '../domain/match.ts';
import type { Logger } from '../log.ts';
import type { Db } from '../store/db.ts';
import type { WaitingTask } from '../store/purses.ts';
import { type ClaimedSubtask, claimSubtasks, listRunning, type RunningSubtask } from '../store/subtasks.ts';
import type { ControlMetrics } from '../telemetry/control-metrics.ts';
import { BudgetWaits } from './budget-waits.ts';
import { Courier } from './courier.ts';
import { Crew } from './crew.ts';
import { attemptOf, type Desk, endOnBehalf, handOver } from './hand-over.ts';
import { Leader } from './leader.ts';
import { ReadyIntake } from './ready-intake.ts';
import { ReadyQueue } from './ready-queue.ts';
import type { Candidate } from './ready-user.ts';
import { reap } from './reaper.ts';
import { findStrays } from './strays.ts';
import { tell, tellOfEvents } from './tell.ts';

export interface SchedulerOptions {
  db: Db;
  bus: Bus;
  clock: Clock;
  logger: Logger;
  metrics: ControlMetrics;
  attemptTimeoutMs: number;
  /** Shared with the agents. */
  agentToken?: string | undefined;
  heartbeatIntervalMs: number;
  heartbeatTtlMs: number;
  /**
   * Work that a dead process left: pending tasks to plan, finished ones to summarise. Called now and then while this
   * process leads, never twice at once; it should end soon when the signal aborts, since `stop` waits for it.
   */
  recover: (signal: AbortSignal) => Promise<void>;
}

/** How often the leader looks for what no notice mentioned. */
const SWEEP_MS = 2_000;

export class Scheduler {
  private readonly options: SchedulerOptions;
  private readonly leader: Leader;
  private readonly queue = new ReadyQueue();
  private readonly crew = new Crew();
  private readonly waits = new BudgetWaits();
  private readonly intake: ReadyIntake;
  private readonly desk: Desk;
  private readonly stopping = new AbortController();
  private readonly inFlight = new Set<Promise<void>>();
  private elected = false;
  private sweepIsDue = false;
  /** Ids of agents that said that they changed, until the next round asks for them. */
  private changed = new Set<string>();
  private recovering = false;
  private again = false;
  private rounds: Promise<void> | null = null;
  private cancelSweep: () => void = () => undefined;
  private cancelDue: () => void = () => undefined;
  private unsubscribe: (() => void)[] = [];

  constructor(options: SchedulerOptions) {
    this.options = options;
    const { db, clock, logger, attemptTimeoutMs: timeoutMs, agentToken: token } = options;
    this.intake = new ReadyIntake({ db, clock, queue: this.queue, waits: this.waits });
    const courier = new Courier({ clock, timeoutMs, token, signal: this.stopping.signal });
    this.desk = { ...options, crew: this.crew, courier };
    this.leader = new Leader({ db, clock, logger, onElected: () => this.takeOver() });
  }

  get leads(): boolean {
    return this.leader.leads;
  }

  /** True while this process or, as far as it knows, another leads. */
  get isAlive(): boolean {
    return this.leader.knowsLeader;
  }

  async start(): Promise<void> {
    const { bus } = this.options;
    this.unsubscribe = [
      await bus.subscribe('wake', (notice) => this.hear(notice)),
      await bus.subscribe('agents', ({ agent_id }) => {
        if (!this.leads) return;
        this.changed.add(agent_id);
        this.wake();
      }),
    ];
    await this.leader.start();
    this.planSweep();
  }

  /** Stops scheduling; attempts that run go on, and report to whoever leads next. */
  async stop(): Promise<void> {
    this.stopping.abort();
    for (const unsubscribe of this.unsubscribe) unsubscribe();
    await this.rounds;
    while (this.inFlight.size > 0) await Promise.all(this.inFlight);
    // Only now: a round that was under way may have set them again.
    this.cancelSweep();
    this.cancelDue();
    await this.leader.stop();
  }

  /** Asks for a round, soon and once, however often it is called meanwhile. Rounds never overlap. */
  wake(): void {
    if (this.stopping.signal.aborted) return;
    if (this.rounds) {
      this.again = true;
      return;
    }
    this.rounds = this.safely('a round', () => this.tick()).finally(() => {
      this.rounds = null;
      if (!this.again) return;
      this.again = false;
      this.wake();
    });
  }

  /** One round: learn what changed, match, claim, hand over. What fails in the middle is found by the next sweep. */
  private async tick(): Promise<void> {
    if (!this.leads) return;
    await this.learn();
    const claimed = await this.claim(this.matchReady());
    for (const subtask of claimed) this.track('a hand-over', handOver(this.desk, subtask));
    const taskIds = claimed.map((subtask) => subtask.task_id);
    this.track('telling of events', tellOfEvents(this.options, taskIds));
    if (this.queue.runsLow) this.wake();
    this.planDue();
  }

  private async learn(): Promise<void> {
    if (this.elected) this.startAfresh();
    if (this.sweepIsDue) return this.sweep();
    if (this.changed.size > 0) await this.lookAt(this.changed);
    if (this.queue.runsLow) await this.intake.refill(this.crew.offered());
    else await this.intake.learn();
  }

  /** The safety net: everything that a lost notice, a dead agent or a dead process left behind. */
  private async sweep(): Promise<void> {
    const { db, clock } = this.options;
    const agents = await this.look();
    // After the registry: see findStrays.
    const running = await listRunning(db);
    this.crew.reconcile(running, clock.now().getTime());
    this.waits.reconcile(running);
    // Only now: whoever has just begun to lead must not give out anything before it knows what runs.
    this.sweepIsDue = false;
    await this.safely('reaping', () => this.reap(running));
    await this.safely('stopping strays', () => this.stopStrays(agents, running));
    await this.intake.refill(this.crew.offered());
    this.recover();
  }

  private async look(): Promise<AgentStatus[]> {
    this.changed = new Set();
    const agents = await this.options.bus.listAgents();
    this.crew.update(agents, this.options.clock.now().getTime());
    return agents;
  }

  private async lookAt(agentIds: ReadonlySet<string>): Promise<void> {
    this.changed = new Set();
    const found = await this.options.bus.findAgents([...agentIds]);
    this.crew.updateSome(agentIds, found, this.options.clock.now().getTime());
  }

  private async reap(running: readonly RunningSubtask[]): Promise<void> {
    const { clock, heartbeatIntervalMs, heartbeatTtlMs } = this.options;
    const now = clock.now().getTime();
    const view = { crew: this.crew, now, lostAfterMs: heartbeatTtlMs, unheldAfterMs: heartbeatIntervalMs * 1.5 };
    await endOnBehalf(this.desk, reap(running, view));
  }

  private async stopStrays(agents: readonly AgentStatus[], running: readonly RunningSubtask[]): Promise<void> {
    for (const stray of await findStrays(this.options.db, agents, running)) await tell(this.options, 'stop', stray);
  }

  /** Beside the rounds, which must not wait for a model. */
  private recover(): void {
    if (this.recovering) return;
    this.recovering = true;
    const recovery = this.options.recover(this.stopping.signal).finally(() => {
      this.recovering = false;
    });
    this.track('recovery', recovery);
  }

  private takeOver(): void {
    this.options.logger.info('this process leads the scheduling');
    this.elected = true;
    this.wake();
  }

  private startAfresh(): void {
    this.elected = false;
    this.sweepIsDue = true;
    this.queue.clear();
    this.intake.clear();
    this.crew.clear();
    this.waits.clear();
  }

  private hear({ ended = [], ...ready }: Notices['wake']): void {
    // Whoever begins to lead reads everything from the database.
    if (!this.leads) return;
    this.intake.hear(ready);
    for (const attempt of ended) {
      this.crew.free(attempt);
      if (this.waits.ended(attempt.task_id)) this.intake.hearFreed(attempt.task_id);
    }
    this.wake();
  }

  private matchReady(): Placement<Candidate>[] {
    const seats = this.crew.seats();
    return this.queue.serve(this.options.clock.now().getTime(), this.waits, (line) => matchLine(line, seats));
  }

  /** Claims what was matched. What the guard refuses is ready no more, or will be found again. */
  private async claim(placed: readonly Placement<Candidate>[]): Promise<ClaimedSubtask[]> {
    if (placed.length === 0) return [];
    const claims = placed.map(({ seeker, agentId }) => ({
      subtask_id: seeker.id,
      agent_id: agentId,
      agent_instance: this.crew.find(agentId)?.instance_id ?? '',
    }));
    const claimed = await claimSubtasks(this.options.db, claims, {
      lease: this.leader.lease,
      timeoutMs: this.options.attemptTimeoutMs,
    });
    if (claimed.outcome === 'not_leader') return [];
    this.options.metrics.claimed(claimed.subtasks);
    this.leaveToWait(claimed.waiting);
    const taken = new Set(claimed.subtasks.map((subtask) => subtask.id));
    for (const { seeker } of placed) if (!taken.has(seeker.id)) this.queue.giveBackTurn(seeker.user_id);
    for (const subtask of claimed.subtasks) this.crew.hold(subtask.agent_id, attemptOf(subtask));
    return claimed.subtasks;
  }

  /** The slots meant for them are free for others, which are looked for at once. */
  private leaveToWait(waiting: readonly WaitingTask[]): void {
    if (waiting.length === 0) return;
    this.waits.refused(waiting);
    this.wake();
  }

  private planSweep(): void {
    this.cancelSweep = this.options.clock.after(SWEEP_MS, () => {
      this.planSweep();
      this.sweepIsDue = true;
      this.wake();
    });
  }

  /** Wakes when the next delayed retry is due. */
  private planDue(): void {
    this.cancelDue();
    const now = this.options.clock.now().getTime();
    const dueAt = this.queue.nextDueAt(now);
    if (dueAt !== null) this.cancelDue = this.options.clock.after(dueAt - now, () => this.wake());
  }

  private track(what: string, work: Promise<void>): void {
    const tracked: Promise<void> = this.safely(what, () => work).finally(() => this.inFlight.delete(tracked));
    this.inFlight.add(tracked);
  }

  private async safely(what: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.options.logger.error({ err: error }, `${what} failed`);
    }
  }
}

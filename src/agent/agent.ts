// An agent: takes subtasks while it has a free slot, runs each as one attempt, reports how it ended. What does the work is the
// runtime's, HTTP is server.ts's, the registry entry is kept by heartbeat.ts.
import { randomUUID } from 'node:crypto';
import type { Bus, Notices } from '../bus/bus.ts';
import type { Clock } from '../clock.ts';
import type { AgentRegistration, AgentStatus } from '../domain/agent.ts';
import type { AttemptKey, AttemptReport, HandedBack } from '../domain/attempt.ts';
import type { Capability } from '../domain/capability.ts';
import { AppError } from '../domain/errors.ts';
import type { ExecuteRequest } from '../protocol/agent-api.ts';
import { proofOf } from '../protocol/agent-trust.ts';
import { createRedactor, type Redact, redactDeep } from '../redact.ts';
import type { AgentMetrics, AgentNow } from './agent-metrics.ts';
import { type AttemptLog, LogOutbox, logEnd } from './attempt-log.ts';
import {
  type AttemptFailure,
  type AttemptRunner,
  type AttemptWork,
  failure,
  type ModelUsage,
  UNKNOWN_USAGE,
  workOf,
} from './attempt-runner.ts';
import { Heartbeat } from './heartbeat.ts';
import { observeAttempt, type ServiceLog } from './observed-attempt.ts';
import { pause } from './pause.ts';
import { ReportOutbox } from './report-outbox.ts';
import { readSdkVersion } from './sdk-version.ts';
import { createVitals } from './vitals.ts';

/** 24 days. Node runs a longer timer at once. */
const TIMER_MAX_MS = 2 ** 31 - 1;
/** How long aborted attempts may take to end when the agent stops. */
const ABORT_MS = 5_000;

export interface AgentSettings {
  agentId: string;
  capabilities: readonly Capability[];
  /** Attempts it runs at once. */
  slots: number;
  bus: Bus;
  clock: Clock;
  runtime: AttemptRunner;
  heartbeatIntervalMs: number;
  heartbeatTtlMs: number;
  /** Deadline of an attempt whose request names none, in milliseconds. */
  attemptTimeoutMs: number;
  /** Values that must not reach a log, such as the API key. */
  secrets: readonly string[];
  /** Shared with the orchestrator: asked of whoever gives orders, and proven in the registry. */
  token?: string | undefined;
  /** Names the agent in every line. */
  logger: ServiceLog;
  metrics: AgentMetrics;
}

interface Running {
  key: AttemptKey;
  controller: AbortController;
  /** Why it was aborted; null while it was not. */
  abortedAs: AbortReason | null;
  /** Its work is over and its slot free; the report may still be on its way. */
  ended: boolean;
  done: Promise<void>;
}

type Order = { request: ExecuteRequest; traceparent: string | undefined };

/** Becomes the outcome of the attempt, unless it reached its end all the same. */
type AbortReason = AttemptFailure | HandedBack;

type Worked = Pick<AttemptReport, 'outcome'> & { usage: ModelUsage };

/** What is left out fits every attempt. */
type Selector = { [Name in keyof AttemptKey]?: AttemptKey[Name] | undefined };

export class Agent {
  readonly metrics: AgentMetrics;
  private readonly settings: AgentSettings;
  private readonly running = new Map<string, Running>();
  private readonly instanceId = randomUUID();
  private readonly sdkVersion = readSdkVersion();
  private readonly vitals: ReturnType<typeof createVitals>;
  private readonly heartbeat: Heartbeat;
  private readonly outbox: LogOutbox;
  private readonly reports: ReportOutbox;
  private readonly redact: Redact;
  private readonly gaveUp = new AbortController();
  private address = { url: '', port: 0 };
  private tasksCompleted = 0;
  private unsubscribe: () => void = () => {};
  private stopping: Promise<void> | null = null;

  constructor(settings: AgentSettings) {
    const { agentId, bus, clock, heartbeatIntervalMs: intervalMs, heartbeatTtlMs: ttlMs } = settings;
    this.settings = settings;
    this.vitals = createVitals(clock);
    this.redact = createRedactor(settings.secrets);
    const onError = (error: unknown) => settings.logger.warn({ err: error }, 'The bus is away');
    this.heartbeat = new Heartbeat({
      agentId,
      bus,
      clock,
      intervalMs,
      ttlMs,
      registration: () => this.registration(),
      onError,
    });
    this.reports = new ReportOutbox(settings);
    this.outbox = new LogOutbox({ agentId, bus, clock, redact: this.redact, onError });
    this.metrics = settings.metrics;
    this.metrics.show(() => this.now());
  }

  /** Registers, at the address where its server listens. */
  async start(address: { url: string; port: number }): Promise<void> {
    this.address = address;
    this.unsubscribe = await this.settings.bus.subscribe('stop', (notice) => this.heed(notice));
    await this.heartbeat.start();
  }

  health() {
    return {
      status: 'healthy' as const,
      agent_id: this.settings.agentId,
      is_available: this.isAvailable,
      current_task: this.currentTask,
      sdk_version: this.sdkVersion,
    };
  }

  status(): AgentStatus {
    return {
      agent_id: this.settings.agentId,
      instance_id: this.instanceId,
      ...this.address,
      capabilities: [...this.settings.capabilities],
      slots: this.settings.slots,
      running: [...this.running.values()].map(({ key }) => ({ subtask_id: key.subtask_id, attempt: key.attempt })),
      is_available: this.isAvailable,
      current_task: this.currentTask,
      ...this.vitals(),
      tasks_completed: this.tasksCompleted,
      last_heartbeat: this.heartbeat.lastBeatAt.toISOString(),
    };
  }

  private now(): AgentNow {
    const { slots, runtime } = this.settings;
    const sessions = runtime.sessions?.() ?? { warm: 0, working: 0 };
    return { running: this.running.size, slots, registered: this.heartbeat.isArriving, sessions };
  }

  private registration(): AgentRegistration {
    const status = this.status();
    const { token } = this.settings;
    return token === undefined ? status : { ...status, proof: proofOf(token, status) };
  }

  /**
   * Takes an attempt and runs it in the background. An attempt that runs already is taken again without effect, so that a
   * dispatch whose answer was lost can be repeated. Throws capability_mismatch or busy. `traceparent` is that of the request.
   */
  accept(request: ExecuteRequest, traceparent?: string): void {
    this.refuseBeyondCapabilities(request.subtask.required_capabilities);
    const name = `${request.subtask.id}:${request.attempt}`;
    if (this.running.has(name)) return;
    if (!this.isAvailable) throw new AppError('busy', this.whyBusy());
    const entry: Running = {
      key: { task_id: request.task_id, subtask_id: request.subtask.id, attempt: request.attempt },
      controller: new AbortController(),
      abortedAs: null,
      ended: false,
      done: Promise.resolve(),
    };
    this.running.set(name, entry);
    entry.done = this.execute(entry, { request, traceparent }).finally(() => {
      this.running.delete(name);
      this.heartbeat.changed();
    });
    this.heartbeat.changed();
  }

  /** Aborts the running attempts that fit; false when there is none. */
  abort(selector: Selector, reason: AbortReason): boolean {
    const fitting = [...this.running.values()].filter((entry) => !entry.ended && fits(entry.key, selector));
    for (const entry of fitting) {
      entry.abortedAs ??= reason;
      entry.controller.abort();
    }
    return fitting.length > 0;
  }

  /**
   * Takes nothing new, lets running attempts end for `deadlineMs`, aborts the rest, then leaves the registry. Its runtime is
   * closed; no child is left.
   */
  async stop(deadlineMs: number): Promise<void> {
    this.stopping ??= this.shutDown(deadlineMs);
    await this.stopping;
  }

  private async shutDown(deadlineMs: number): Promise<void> {
    this.heartbeat.changed();
    await this.settled(deadlineMs);
    this.abort({}, { status: 'handed_back', reason: `Agent ${this.settings.agentId} was shut down.` });
    await this.settled(ABORT_MS);
    this.gaveUp.abort();
    this.unsubscribe();
    await this.settings.runtime.close();
    await this.outbox.close();
    await this.heartbeat.stop();
  }

  /** Resolves when no attempt runs, or after `ms`. */
  private async settled(ms: number): Promise<void> {
    const enough = new AbortController();
    const attempts = Promise.all([...this.running.values()].map((entry) => entry.done));
    await Promise.race([attempts, pause(this.settings.clock, ms, enough.signal)]);
    enough.abort();
  }

  private heed(notice: Notices['stop']): void {
    // A notice that names nothing must not stop everything.
    if (!notice.task_id && !notice.subtask_id) return;
    this.abort(
      notice,
      failure('cancelled', 'The attempt was stopped: its task was cancelled or no longer waits for it.'),
    );
  }

  private get isAvailable(): boolean {
    const working = [...this.running.values()].filter((entry) => !entry.ended).length;
    return !this.stopping && this.heartbeat.isArriving && working < this.settings.slots;
  }

  private get currentTask(): string | null {
    return [...this.running.values()].find((entry) => !entry.ended)?.key.subtask_id ?? null;
  }

  private whyBusy(): string {
    const { agentId, slots } = this.settings;
    if (this.stopping) return `Agent ${agentId} is shutting down: send the subtask to another agent.`;
    if (!this.heartbeat.isArriving) return `Agent ${agentId} cannot reach the bus: send the subtask to another agent.`;
    return `Agent ${agentId} already runs ${slots} of ${slots} subtasks: try again when one has ended.`;
  }

  private refuseBeyondCapabilities(required: readonly Capability[]): void {
    const { agentId, capabilities } = this.settings;
    const missing = required.filter((capability) => !capabilities.includes(capability));
    if (missing.length === 0) return;
    throw new AppError(
      'capability_mismatch',
      `Agent ${agentId} lacks ${missing.join(', ')}; it has ${capabilities.join(', ')}: send the subtask to an agent that has them all.`,
      { field: 'subtask.required_capabilities' },
    );
  }

  private async execute(entry: Running, { request, traceparent }: Order): Promise<void> {
    const { clock } = this.settings;
    const observed = observeAttempt(this.settings, entry.key, traceparent);
    const log = this.outbox.logFor(entry.key);
    const startedAt = clock.now().getTime();
    log('INFO', `Attempt ${entry.key.attempt} started: ${request.subtask.description}`, { kind: 'attempt_started' });
    const timeoutMs = Math.min(request.deadline_ms ?? this.settings.attemptTimeoutMs, TIMER_MAX_MS);
    const cancelDeadline = clock.after(timeoutMs, () => this.abort(entry.key, timedOut(timeoutMs)));
    const work = { ...workOf(request), traceparent: observed.traceparent };
    const { outcome, usage } = await this.work(entry, work, log);
    cancelDeadline();
    entry.ended = true;
    // Never 0: a clock in milliseconds may not have moved.
    const execution_time = Math.max(1, clock.now().getTime() - startedAt) / 1000;
    const report = { ...entry.key, agent_id: this.settings.agentId, outcome, usage: { ...usage, execution_time } };
    if (outcome.status === 'completed') this.tasksCompleted += 1;
    logEnd(log, report);
    observed.ended(report);
    // Together: the report is not held up by the log, and a reader of the one finds the other.
    await Promise.all([this.outbox.flush(), this.reports.send(report, this.gaveUp.signal)]);
  }

  private async work(entry: Running, work: AttemptWork, log: AttemptLog): Promise<Worked> {
    const { outcome, usage } = await this.settings.runtime
      .run(work, entry.controller.signal, log)
      .catch((error: unknown) => ({ outcome: failure('crashed', String(error)), usage: UNKNOWN_USAGE }));
    // An attempt that reached its end in the moment it was aborted did reach its end.
    const ended = outcome.status === 'completed' ? outcome : (entry.abortedAs ?? outcome);
    return { outcome: redactDeep(ended, this.redact), usage };
  }
}

function fits(key: AttemptKey, selector: Selector): boolean {
  const { task_id = key.task_id, subtask_id = key.subtask_id, attempt = key.attempt } = selector;
  return key.task_id === task_id && key.subtask_id === subtask_id && key.attempt === attempt;
}

function timedOut(timeoutMs: number): AttemptFailure {
  return failure('timeout', `The attempt passed its deadline of ${timeoutMs / 1000} s and was stopped.`);
}

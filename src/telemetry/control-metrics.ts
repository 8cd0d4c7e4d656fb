// What the deciding half of Muster counts: tasks, attempts, planning, tokens and dollars, as this process sees them pass.
// Nothing here asks the database; each event is counted by the process that committed it, so that the sum over all replicas
// is exact. A report that is delivered again counts as superseded the second time.
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { AttemptKey, AttemptReport, ModelTokens } from '../domain/attempt.ts';
import type { ENDED_TASK_STATUSES } from '../domain/transitions.ts';
import { LONG_SECONDS, SHORT_SECONDS } from './exposition.ts';
import { HttpMetrics } from './http-metrics.ts';
import { LiveGauges } from './live-gauges.ts';

/** Waiting for a free agent may last as long as the work of others. */
const WAITING_SECONDS = [...SHORT_SECONDS, 30, 60, 300, 900, 3_600];

/** What the store made of a batch of reports. */
export interface EndedBatch {
  accepted: readonly AttemptKey[];
  /** Subtasks that are ready again. */
  retried: readonly string[];
  /** Attempts ended for want of budget. */
  stopped: readonly AttemptKey[];
  /** Tasks. */
  failed: readonly string[];
}

/** `repaired`: by the model, at the second try. `busy`: it is asked again. `abandoned`: nobody wanted it any more. */
export type PlanningOutcome = 'model' | 'repaired' | 'fallback' | 'busy' | 'abandoned';

type AttemptOutcome =
  | 'completed'
  | 'failed_transient'
  | 'failed_final'
  | 'handed_back'
  | 'released'
  | 'superseded'
  | 'stopped';

export class ControlMetrics {
  readonly registry = new Registry();
  readonly http = new HttpMetrics(this.registry);
  readonly live = new LiveGauges(this.registry);
  private readonly counters = createCounters(this.registry);
  private readonly times = createHistograms(this.registry);
  private leads = () => false;
  private plans = () => ({ planning: 0, waiting: 0 });

  constructor() {
    addLeadership(this.registry, () => this.leads());
    addPlanning(this.registry, () => this.plans());
  }

  taskCreated(count = 1): void {
    this.counters.created.inc(count);
  }

  taskEnded(status: (typeof ENDED_TASK_STATUSES)[number], count = 1): void {
    this.counters.ended.inc({ status }, count);
  }

  taskRetried(): void {
    this.counters.retried.inc();
  }

  planned(outcome: PlanningOutcome, seconds: number): void {
    this.times.planning.observe({ outcome }, seconds);
  }

  /** A task got a planning slot, so many seconds after it asked for one. */
  planningBegan(waitedSeconds: number): void {
    this.times.planningWait.observe(waitedSeconds);
  }

  /** The planner's first word came, so many seconds after it was asked. */
  plannerSpoke(seconds: number): void {
    this.times.firstWord.observe(seconds);
  }

  /** Asked at each scrape from now on. */
  planningIs(plans: () => { planning: number; waiting: number }): void {
    this.plans = plans;
  }

  /** The model's tokens outside of attempts. */
  modelUsed(purpose: 'planning' | 'summary', tokens: ModelTokens): void {
    this.countTokens(purpose, tokens);
  }

  /** Subtasks that were claimed, each with its time from ready to running. */
  claimed(subtasks: readonly { waited_seconds: number }[]): void {
    for (const { waited_seconds } of subtasks) this.times.waiting.observe(waited_seconds);
  }

  /** An agent did not take it up. */
  attemptReleased(): void {
    this.countAttempt('released');
  }

  attemptsEnded(reports: readonly AttemptReport[], batch: EndedBatch): void {
    const accepted = new Set(batch.accepted.map(nameOf));
    const ready = new Set(batch.retried);
    for (const report of reports) {
      // Deleted: the same report twice in one batch is accepted once.
      if (accepted.delete(nameOf(report))) this.attemptEnded(report, ready.has(report.subtask_id));
      else this.countAttempt('superseded', codeOf(report));
    }
    for (const _ of batch.stopped) this.countAttempt('stopped', 'budget_exceeded');
    if (batch.failed.length > 0) this.taskEnded('failed', batch.failed.length);
  }

  /** A connection to the database or the bus broke, and another takes its place. */
  reconnected(what: 'database' | 'bus'): void {
    this.counters.reconnects[what].inc();
  }

  /** Asked at each scrape from now on. */
  leadsWhile(leads: () => boolean): void {
    this.leads = leads;
  }

  private attemptEnded(report: AttemptReport, again: boolean): void {
    const { outcome, usage } = report;
    const ending = outcomeOf(report, again);
    this.countAttempt(ending, codeOf(report));
    this.countTokens('attempt', usage);
    this.counters.dollars.inc(usage.cost_usd);
    this.counters.turns.inc(usage.turns);
    if (outcome.status !== 'handed_back') this.times.running.observe({ outcome: ending }, usage.execution_time);
  }

  private countAttempt(outcome: AttemptOutcome, error_code = ''): void {
    this.counters.attempts.inc({ outcome, error_code });
  }

  private countTokens(purpose: 'attempt' | 'planning' | 'summary', tokens: ModelTokens): void {
    this.counters.tokens.inc({ purpose, direction: 'input' }, tokens.input_tokens);
    this.counters.tokens.inc({ purpose, direction: 'output' }, tokens.output_tokens);
  }
}

function outcomeOf({ outcome }: AttemptReport, again: boolean): AttemptOutcome {
  if (outcome.status !== 'failed') return outcome.status;
  return again ? 'failed_transient' : 'failed_final';
}

function codeOf({ outcome }: AttemptReport): string {
  return outcome.status === 'failed' ? outcome.error_code : '';
}

function nameOf({ subtask_id, attempt }: AttemptKey): string {
  return `${subtask_id}.${attempt}`;
}

function addLeadership(registry: Registry, leads: () => boolean): void {
  new Gauge({
    name: 'muster_scheduler_leads',
    help: '1 in the one process that leads the scheduling, else 0.',
    registers: [registry],
    collect() {
      this.set(leads() ? 1 : 0);
    },
  });
}

function addPlanning(registry: Registry, plans: () => { planning: number; waiting: number }): void {
  new Gauge({
    name: 'muster_planning_tasks',
    help: 'Tasks of this process that are being planned (planning), or wait for a planning slot (waiting).',
    labelNames: ['state'],
    registers: [registry],
    collect() {
      for (const [state, count] of Object.entries(plans())) this.set({ state }, count);
    },
  });
}

function createCounters(registry: Registry) {
  const counter = <Label extends string = never>(name: string, help: string, ...labelNames: Label[]) =>
    new Counter<Label>({ name, help, labelNames, registers: [registry] });
  return {
    created: counter('muster_tasks_created_total', 'Tasks stored; a repeated Idempotency-Key stores none.'),
    ended: counter('muster_tasks_ended_total', 'Tasks that ended, by status.', 'status'),
    retried: counter('muster_tasks_retried_total', 'Failed tasks that were started again.'),
    attempts: counter(
      'muster_attempts_total',
      'Attempts that ended, by outcome and, when they failed, by error code: failed_transient is tried again, failed_final is not; stopped ones lost their budget, released ones were never taken up, superseded ones nobody waited for.',
      ...['outcome', 'error_code'],
    ),
    tokens: counter(
      'muster_tokens_total',
      "The model's tokens, by purpose (attempt, planning, summary) and direction (input, output).",
      ...['purpose', 'direction'],
    ),
    dollars: counter('muster_cost_usd_total', 'What attempts cost in US dollars, as the Agent SDK estimates it.'),
    turns: counter('muster_turns_total', 'Answers of the model in attempts.'),
    reconnects: {
      database: counter('muster_database_reconnects_total', 'Connections to the database that broke and are replaced.'),
      bus: counter('muster_bus_reconnects_total', 'Connections to the bus that broke and came back.'),
    },
  };
}

function createHistograms(registry: Registry) {
  const registers = [registry];
  return {
    waiting: new Histogram({
      name: 'muster_subtask_waiting_seconds',
      help: 'Time of subtasks from ready to running, backing off included; observed by the process that claimed them.',
      buckets: WAITING_SECONDS,
      registers,
    }),
    running: new Histogram({
      name: 'muster_attempt_running_seconds',
      help: 'Time that attempts ran, by outcome.',
      labelNames: ['outcome'],
      buckets: LONG_SECONDS,
      registers,
    }),
    planning: new Histogram({
      name: 'muster_planning_seconds',
      help: 'Time the planner took, by outcome: a plan of the model, one repaired by it, the fallback of one subtask, busy when the model is asked again later, or abandoned because its task was cancelled. Waiting for a slot, and plans given with the request, are not counted.',
      labelNames: ['outcome'],
      buckets: LONG_SECONDS,
      registers,
    }),
    planningWait: new Histogram({
      name: 'muster_planning_waiting_seconds',
      help: 'Time that tasks waited for a planning slot, a busy model included.',
      buckets: WAITING_SECONDS,
      registers,
    }),
    firstWord: new Histogram({
      name: 'muster_planning_first_word_seconds',
      help: "Time from a question of the planner to the first word of the model's answer.",
      buckets: LONG_SECONDS,
      registers,
    }),
  };
}

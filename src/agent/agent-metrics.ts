// What one agent counts: its attempts, its tool calls, its sessions. What attempts cost is counted by the orchestrator, which
// knows which of them were current.
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { AttemptReport } from '../domain/attempt.ts';
import { LONG_SECONDS, SHORT_SECONDS } from '../telemetry/exposition.ts';
import { HttpMetrics } from '../telemetry/http-metrics.ts';

/** As of now; asked at each scrape. */
export interface AgentNow {
  running: number;
  slots: number;
  /** Its last heartbeat arrived. */
  registered: boolean;
  sessions: SessionCounts;
}

/** `warm` ones wait for an attempt. */
export interface SessionCounts {
  warm: number;
  working: number;
}

export class AgentMetrics {
  readonly registry = new Registry();
  readonly http = new HttpMetrics(this.registry);
  private readonly attempts = new Counter({
    name: 'muster_agent_attempts_total',
    help: 'Attempts that ended here, by outcome (completed, failed, handed_back) and, when they failed, by error code.',
    labelNames: ['outcome', 'error_code'],
    registers: [this.registry],
  });
  private readonly running = new Histogram({
    name: 'muster_agent_attempt_running_seconds',
    help: 'Time that attempts ran here, by outcome.',
    labelNames: ['outcome'],
    buckets: LONG_SECONDS,
    registers: [this.registry],
  });
  private readonly toolCalls = new Histogram({
    name: 'muster_agent_tool_call_seconds',
    help: 'Time that tool calls took, by tool and outcome (answered, failed).',
    labelNames: ['tool', 'outcome'],
    buckets: [...SHORT_SECONDS, 30, 60],
    registers: [this.registry],
  });

  private now: () => AgentNow = () => ({ running: 0, slots: 0, registered: false, sessions: { warm: 0, working: 0 } });

  constructor() {
    addGauges(this.registry, () => this.now());
  }

  attemptEnded({ outcome, usage }: AttemptReport): void {
    const error_code = outcome.status === 'failed' ? outcome.error_code : '';
    this.attempts.inc({ outcome: outcome.status, error_code });
    this.running.observe({ outcome: outcome.status }, usage.execution_time);
  }

  toolCalled(tool: string, outcome: 'answered' | 'failed', seconds: number): void {
    this.toolCalls.observe({ tool, outcome }, seconds);
  }

  /** From now on its gauges show what this says. */
  show(now: () => AgentNow): void {
    this.now = now;
  }
}

/** Each asks for itself what it shows, when it is scraped. */
function addGauges(registry: Registry, now: () => AgentNow): void {
  const registers = [registry];
  const gauge = (name: string, help: string, value: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(value());
      },
    });
  gauge('muster_agent_running_attempts', 'Attempts that run here.', () => now().running);
  gauge('muster_agent_slots', 'Attempts that may run here at once.', () => now().slots);
  gauge('muster_agent_registered', '1 while its heartbeats arrive in the registry, else 0.', () =>
    now().registered ? 1 : 0,
  );
  new Gauge({
    name: 'muster_agent_sessions',
    help: 'Sessions of the Claude Agent SDK, each with a child process: warm ones wait for an attempt.',
    labelNames: ['state'],
    registers,
    collect() {
      const { warm, working } = now().sessions;
      this.set({ state: 'warm' }, warm);
      this.set({ state: 'working' }, working);
    },
  });
}

// One agent of the simulation: the product's own Agent, with its heartbeats and reports, whose work is to let virtual time
// pass and to end as it is told.
import { Agent } from '../../src/agent/agent.ts';
import { AgentMetrics } from '../../src/agent/agent-metrics.ts';
import { type AttemptResult, type AttemptRunner, failure, NO_USAGE } from '../../src/agent/attempt-runner.ts';
import { pause } from '../../src/agent/pause.ts';
import type { Capability } from '../../src/domain/capability.ts';
import { type ExecuteRequest, executeRequest } from '../../src/protocol/agent-api.ts';
import type { Dice } from '../support/dice.ts';
import { quiet } from '../support/scheduler-world.ts';
import type { BusServer } from './bus.ts';
import type { Host, Manner } from './network.ts';
import { ATTEMPT_TIMEOUT_MS, HEARTBEAT_MS, HEARTBEAT_TTL_MS } from './settings.ts';
import { createProcess, kill, type Process, type Timeline } from './timeline.ts';

/** How attempts end. `hangs` ends only when it is stopped; `ignores` does not even then, for a while. */
export const ENDINGS = ['completes', 'crashes', 'cannot', 'hangs', 'ignores'] as const;
export type Ending = (typeof ENDINGS)[number];

const STUBBORN_MS = 15_000;
const RESTART_MS = 1_000;

export interface AgentTraits {
  id: string;
  port: number;
  capabilities: Capability[];
  slots: number;
}

interface Surroundings {
  timeline: Timeline;
  bus: BusServer;
  dice: Dice;
  /** Hears of each attempt that was taken. */
  onAccept: (agent: AgentProcess, request: ExecuteRequest) => void;
}

export class AgentProcess implements Host {
  readonly traits: AgentTraits;
  manner: Manner = 'accepts';
  /** How the next attempts end; then as chance has it. */
  readonly endings: Ending[] = [];
  /** Chance, in percent, that an attempt does not complete. */
  clumsiness = 10;
  process: Process;
  /** Attempts that its present instance works on. */
  atWork = 0;
  private agent: Agent;
  private readonly surroundings: Surroundings;

  constructor(traits: AgentTraits, surroundings: Surroundings) {
    this.traits = traits;
    this.surroundings = surroundings;
    this.process = createProcess(traits.id);
    this.process.alive = false;
    this.agent = this.create();
  }

  /** Begins to run, or begins anew as another instance that remembers nothing. */
  start(): void {
    kill(this.process);
    const { timeline } = this.surroundings;
    this.process = createProcess(this.traits.id);
    this.agent = this.create();
    const { agent } = this;
    const address = { url: this.url, port: this.traits.port };
    // One that cannot start exits, and is started again by whoever looks after it.
    const again = () => timeline.after(RESTART_MS, null, () => agent === this.agent && this.start());
    timeline.after(0, this.process, () => void agent.start(address).catch(again));
  }

  /** Stops as after SIGTERM, then the process is gone. */
  drain(): void {
    const { process, agent } = this;
    this.surroundings.timeline.after(0, process, () => {
      void agent.stop(2_000).then(() => kill(process));
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.traits.port}`;
  }

  get holds(): { subtask_id: string; attempt: number }[] {
    return this.process.alive ? this.agent.status().running : [];
  }

  get agentId(): string {
    return this.traits.id;
  }

  accept(body: string): unknown {
    const request = executeRequest.parse(JSON.parse(body));
    this.agent.accept(request);
    this.surroundings.timeline.note(`${this.traits.id} takes ${request.subtask.id}:${request.attempt}`);
    this.surroundings.onAccept(this, request);
    return { status: 'accepted', agent_id: this.traits.id };
  }

  private create(): Agent {
    const { timeline, bus } = this.surroundings;
    return new Agent({
      agentId: this.traits.id,
      capabilities: this.traits.capabilities,
      slots: this.traits.slots,
      bus: bus.connect(this.process),
      clock: timeline.clockOf(this.process),
      runtime: this.runtime(),
      heartbeatIntervalMs: HEARTBEAT_MS,
      heartbeatTtlMs: HEARTBEAT_TTL_MS,
      attemptTimeoutMs: ATTEMPT_TIMEOUT_MS,
      secrets: [],
      logger: quiet,
      metrics: new AgentMetrics(),
    });
  }

  private runtime(): AttemptRunner {
    const clock = this.surroundings.timeline.clockOf(this.process);
    this.atWork = 0;
    return {
      run: async (_work, signal) => {
        this.atWork += 1;
        const ending = this.endings.shift() ?? this.chance();
        if (ending === 'hangs') await pause(clock, 3_600_000, signal);
        else if (ending === 'ignores') await pause(clock, STUBBORN_MS, new AbortController().signal);
        else await pause(clock, this.duration(), signal);
        // Only the living get here, so it is the present instance.
        this.atWork -= 1;
        return { outcome: signal.aborted ? failure('crashed', 'stopped') : OUTCOMES[ending], usage: NO_USAGE };
      },
      close: async () => undefined,
    };
  }

  private chance(): Ending {
    const { dice } = this.surroundings;
    return dice(100) < this.clumsiness ? (ENDINGS[1 + dice(ENDINGS.length - 1)] ?? 'crashes') : 'completes';
  }

  private duration(): number {
    const { dice } = this.surroundings;
    return dice(4) === 0 ? dice(8_000) : 20 + dice(1_000);
  }
}

const DONE: AttemptResult['outcome'] = { status: 'completed', output: { success: true, summary: 'done', data: {} } };
const OUTCOMES: Record<Ending, AttemptResult['outcome']> = {
  completes: DONE,
  crashes: failure('crashed', 'it crashed'),
  cannot: failure('unsuccessful', 'it cannot be done'),
  hangs: DONE,
  ignores: DONE,
};

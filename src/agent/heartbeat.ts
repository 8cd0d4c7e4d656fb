// Keeps the agent's entry in the registry alive: on a timer, and soon when something changed. What a heartbeat says is
// left to agent.ts.
import type { Bus } from '../bus/bus.ts';
import type { Clock } from '../clock.ts';
import type { AgentRegistration } from '../domain/agent.ts';

export interface HeartbeatOptions {
  agentId: string;
  bus: Pick<Bus, 'putAgent' | 'removeAgent' | 'notify'>;
  clock: Clock;
  intervalMs: number;
  ttlMs: number;
  registration(): AgentRegistration;
  onError(error: unknown): void;
}

/**
 * Changes that come sooner after a beat share the next one. The scheduler does not wait for it: it counts what it gave out
 * and what was reported.
 */
const GAP_MS = 250;

export class Heartbeat {
  private readonly options: HeartbeatOptions;
  private beatAt: Date;
  private sending: Promise<void> | null = null;
  private unsent = false;
  private news = false;
  private arrives = true;
  private stopped = false;
  private cancelTimer: (() => void) | null = null;
  private cancelChange: (() => void) | null = null;
  /** When the last beat was sent, in milliseconds of the agent's clock. */
  private sentAt = Number.NEGATIVE_INFINITY;

  constructor(options: HeartbeatOptions) {
    this.options = options;
    this.beatAt = options.clock.now();
  }

  /** False while the last beat did not arrive: whatever the agent would do now, nobody would hear of it. */
  get isArriving(): boolean {
    return this.arrives;
  }

  get lastBeatAt(): Date {
    return this.beatAt;
  }

  /** Resolves after the first beat. A bus that is away is no error: the next beat tries again. */
  async start(): Promise<void> {
    this.arm();
    this.news = true;
    await this.beat();
  }

  /** Reports the new state and tells who listens, at once or when 250 ms have passed since the last beat. */
  changed(): void {
    this.news = true;
    if (this.cancelChange || this.stopped) return;
    const wait = this.sentAt + GAP_MS - this.options.clock.now().getTime();
    if (wait <= 0) return void this.beat();
    this.cancelChange = this.options.clock.after(wait, () => {
      this.cancelChange = null;
      void this.beat();
    });
  }

  /** No beat after this; the entry is taken out of the registry. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.cancelTimer?.();
    this.cancelChange?.();
    await this.sending;
    const { bus, agentId, onError } = this.options;
    try {
      await bus.removeAgent(agentId);
      await bus.notify('agents', { agent_id: agentId });
    } catch (error) {
      // A bus that is away must not keep an agent from stopping: the entry expires by itself.
      onError(error);
    }
  }

  private arm(): void {
    this.cancelTimer = this.options.clock.after(this.options.intervalMs, () => {
      this.arm();
      void this.beat();
    });
  }

  private async beat(): Promise<void> {
    if (this.stopped) return;
    this.unsent = true;
    this.sending ??= this.send().finally(() => {
      this.sending = null;
    });
    await this.sending;
  }

  private async send(): Promise<void> {
    while (this.unsent && !this.stopped) {
      this.unsent = false;
      try {
        await this.sendOnce();
        this.arrived();
      } catch (error) {
        this.arrives = false;
        this.options.onError(error);
      }
    }
  }

  /** After an outage the entry still says that the agent is cut off: another beat says that it is not. */
  private arrived(): void {
    if (this.arrives) return;
    this.arrives = true;
    this.unsent = true;
    this.news = true;
  }

  private async sendOnce(): Promise<void> {
    const { bus, agentId, clock, ttlMs, registration } = this.options;
    this.beatAt = clock.now();
    this.sentAt = this.beatAt.getTime();
    await bus.putAgent(registration(), ttlMs);
    if (!this.news) return;
    this.news = false;
    await bus.notify('agents', { agent_id: agentId });
  }
}

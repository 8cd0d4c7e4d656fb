// Remembers what agents said of themselves: their last heartbeats as points of a curve, and those that left. In memory, and
// this process's own; it looks into the registry at intervals and when asked, so no lost notice makes it blind.
import type { AgentStatus } from '../domain/agent.ts';
import type { Parts } from './parts.ts';

/** As often as agents report by themselves. */
const LOOK_MS = 10_000;
/** Points closer than this replace one another: a busy agent reports at every attempt. */
const POINT_MS = 5_000;
export const POINTS_MAX = 60;
export const AGENTS_MAX = 1_000;
/** An agent that has been silent for this long is forgotten. */
const FORGET_MS = 86_400_000;

export interface AgentPoint {
  at: string;
  cpu_usage: number;
  memory_usage: number;
  running: number;
}

export interface WatchedAgent {
  status: AgentStatus;
  /** False: it left, or fell silent. */
  registered: boolean;
  /** Oldest first. */
  history: AgentPoint[];
}

type WatchParts = Pick<Parts, 'bus' | 'clock' | 'logger'>;

export class AgentWatch {
  private readonly parts: WatchParts;
  /** The one that was heard of longest ago comes first. */
  private readonly agents = new Map<string, WatchedAgent>();
  private cancelTimer = () => {};
  private looking: Promise<unknown> = Promise.resolve();
  private stopped = false;

  constructor(parts: WatchParts) {
    this.parts = parts;
  }

  /** Looks now and at intervals, until it is stopped. */
  start(): void {
    this.looking = this.look()
      .catch((error: unknown) => this.parts.logger.warn({ err: error }, 'the agent registry does not answer'))
      .finally(() => {
        if (!this.stopped) this.cancelTimer = this.parts.clock.after(LOOK_MS, () => this.start());
      });
  }

  async stop(): Promise<void> {
    this.stopped = true;
    this.cancelTimer();
    await this.looking;
  }

  /** Every agent that is registered or remembered, as of now. Rejects when the registry does not answer. */
  async look(): Promise<WatchedAgent[]> {
    const statuses = await this.parts.bus.listAgents();
    for (const agent of this.agents.values()) agent.registered = false;
    for (const status of statuses) this.take(status);
    // Copies, since another look may come before the caller has read them; and all of them, however few are remembered.
    const seen = [...this.agents.values()].map((agent) => ({ ...agent }));
    this.forget();
    return seen;
  }

  private take(status: AgentStatus): void {
    const known = this.agents.get(status.agent_id);
    this.agents.delete(status.agent_id);
    this.agents.set(status.agent_id, { status, registered: true, history: extended(known?.history ?? [], status) });
  }

  private forget(): void {
    const now = this.parts.clock.now().getTime();
    for (const [id, { status, registered }] of this.agents) {
      const silent = !registered && now - Date.parse(status.last_heartbeat) > FORGET_MS;
      if (silent || this.agents.size > AGENTS_MAX) this.agents.delete(id);
    }
  }
}

function extended(history: readonly AgentPoint[], status: AgentStatus): AgentPoint[] {
  const { last_heartbeat: at, cpu_usage, memory_usage, running } = status;
  const point = { at, cpu_usage, memory_usage, running: running.length };
  const [before, last] = [history.at(-2), history.at(-1)];
  const isClose = last !== undefined && (last.at === at || isWithin(before, at));
  return [...(isClose ? history.slice(0, -1) : history), point].slice(-POINTS_MAX);
}

/** The last point moves along until it is far enough from the one before it. */
function isWithin(before: AgentPoint | undefined, at: string): boolean {
  return before !== undefined && Date.parse(at) - Date.parse(before.at) < POINT_MS;
}

// The bus of a single process: the same promises as Redis keeps, in maps. Nothing survives the process, and nothing
// needs to: every queue is refilled from the database.

import type { Clock } from '../clock.ts';
import type { AgentRegistration } from '../domain/agent.ts';
import type {
  Bus,
  ConsumeOptions,
  NoticeName,
  Notices,
  QueueName,
  Queues,
  StateEntry,
  StateWrite,
  StateWritten,
} from './bus.ts';

/** Pause before a batch whose handler failed is handed over again. */
const REDELIVER_MS = 200;

type Handler = (messages: never[]) => Promise<void>;
type Listener = (payload: never) => void;

interface Expiring<T> {
  value: T;
  expiresAt: number;
}

export function createMemoryBus(clock: Clock): Bus {
  return new MemoryBus(clock);
}

class MemoryBus implements Bus {
  private readonly groups = new Map<QueueName, Map<string, Mailbox>>();
  /** What was published before a queue had its first group: a new group starts from the beginning, as in Redis. */
  private readonly early = new Map<QueueName, unknown[]>();
  private readonly listeners = new Map<NoticeName, Set<Listener>>();
  private readonly agents = new Map<string, Expiring<AgentRegistration>>();
  private readonly state = new Map<string, Expiring<StateEntry>>();
  private readonly clock: Clock;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  async publish<Q extends QueueName>(queue: Q, messages: readonly Queues[Q][]): Promise<void> {
    const groups = this.groups.get(queue);
    if (groups) for (const mailbox of groups.values()) mailbox.push(structuredClone(messages));
    else this.early.set(queue, [...(this.early.get(queue) ?? []), ...structuredClone(messages)]);
  }

  async consume<Q extends QueueName>(
    queue: Q,
    options: ConsumeOptions,
    handle: (messages: Queues[Q][]) => Promise<void>,
  ): Promise<void> {
    const mailbox = this.mailbox(queue, options.group);
    while (!options.signal.aborted) {
      await mailbox.arrival(options.signal);
      if (!options.signal.aborted) await this.handOver(mailbox, options, handle as Handler);
    }
  }

  async notify<N extends NoticeName>(notice: N, payload: Notices[N]): Promise<void> {
    const heard = structuredClone(payload);
    // After the current turn, as over a socket: a listener never runs inside the notifier's own call.
    setImmediate(() => {
      for (const listener of this.listeners.get(notice) ?? []) listener(heard as never);
    });
  }

  async subscribe<N extends NoticeName>(notice: N, listener: (payload: Notices[N]) => void): Promise<() => void> {
    const listeners = this.listeners.get(notice) ?? new Set();
    this.listeners.set(notice, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  async putAgent(status: AgentRegistration, ttlMs: number): Promise<void> {
    this.agents.set(status.agent_id, { value: structuredClone(status), expiresAt: this.in(ttlMs) });
  }

  async removeAgent(agentId: string): Promise<void> {
    this.agents.delete(agentId);
  }

  async listAgents(): Promise<AgentRegistration[]> {
    const now = this.in(0);
    for (const [id, entry] of this.agents) if (entry.expiresAt <= now) this.agents.delete(id);
    return [...this.agents.values()]
      .map((entry) => structuredClone(entry.value))
      .sort((a, b) => a.agent_id.localeCompare(b.agent_id, 'en', { numeric: true }));
  }

  async findAgents(agentIds: readonly string[]): Promise<AgentRegistration[]> {
    const now = this.in(0);
    const entries = agentIds.map((id) => this.agents.get(id)).filter((entry) => entry !== undefined);
    return entries.filter(({ expiresAt }) => expiresAt > now).map(({ value }) => structuredClone(value));
  }

  async getState(taskId: string, key: string): Promise<StateEntry | null> {
    const entry = this.liveState(`${taskId}:${key}`);
    return entry ? structuredClone(entry) : null;
  }

  async setState(write: StateWrite): Promise<StateWritten> {
    const name = `${write.task_id}:${write.key}`;
    const version = this.liveState(name)?.version ?? 0;
    if (write.expectedVersion !== undefined && write.expectedVersion !== version) return { ok: false, version };
    const value = { value: structuredClone(write.value), version: version + 1 };
    this.state.set(name, { value, expiresAt: this.in(write.ttlMs) });
    return { ok: true, version: version + 1 };
  }

  async close(): Promise<void> {
    this.listeners.clear();
    this.groups.clear();
  }

  private mailbox(queue: QueueName, group: string): Mailbox {
    const groups = this.groups.get(queue) ?? new Map<string, Mailbox>();
    this.groups.set(queue, groups);
    const mailbox = groups.get(group) ?? new Mailbox(this.early.get(queue) ?? []);
    this.early.delete(queue);
    groups.set(group, mailbox);
    return mailbox;
  }

  private async handOver(mailbox: Mailbox, options: ConsumeOptions, handle: Handler): Promise<void> {
    const batch = mailbox.take(options.batch);
    if (batch.length === 0) return;
    try {
      await handle(structuredClone(batch) as never[]);
    } catch {
      // Not acknowledged: the handler has logged why, and the same messages come again.
      await this.pause(options.signal);
      mailbox.putBack(batch);
    }
  }

  private pause(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        cancel();
        signal.removeEventListener('abort', end);
        resolve();
      };
      const cancel = this.clock.after(REDELIVER_MS, end);
      if (signal.aborted) end();
      else signal.addEventListener('abort', end);
    });
  }

  private liveState(name: string): StateEntry | null {
    const entry = this.state.get(name);
    if (entry && entry.expiresAt <= this.in(0)) this.state.delete(name);
    return this.state.get(name)?.value ?? null;
  }

  private in(ms: number): number {
    return this.clock.now().getTime() + ms;
  }
}

/** The unhandled messages of one consumer group. */
class Mailbox {
  private readonly messages: unknown[];
  private readonly waiting = new Set<() => void>();

  constructor(messages: readonly unknown[]) {
    this.messages = [...messages];
  }

  push(messages: readonly unknown[]): void {
    this.messages.push(...messages);
    this.wake();
  }

  take(count: number): unknown[] {
    return this.messages.splice(0, count);
  }

  /** Whoever gave up may be gone: another consumer of the group takes over. */
  putBack(messages: readonly unknown[]): void {
    this.messages.unshift(...messages);
    this.wake();
  }

  /** Resolves when there is something to take, or when the signal aborts. */
  async arrival(signal: AbortSignal): Promise<void> {
    if (this.messages.length > 0 || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const wake = () => {
        signal.removeEventListener('abort', wake);
        this.waiting.delete(wake);
        resolve();
      };
      signal.addEventListener('abort', wake);
      this.waiting.add(wake);
    });
  }

  private wake(): void {
    for (const wake of this.waiting) wake();
  }
}

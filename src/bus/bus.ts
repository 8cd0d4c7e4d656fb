// The port to the bus, the speed: queues, the agent registry, shared state and notices. Two implementations: memory (one
// process) and redis. Whatever is in it may vanish at any instant; the database alone decides what is true.
import type { AgentRegistration } from '../domain/agent.ts';
import type { AttemptKey, AttemptReport } from '../domain/attempt.ts';
import type { AgentLog } from '../domain/log.ts';
import type { ReadyNotice } from '../domain/ready-notice.ts';
import type { TaskWaiting } from '../domain/waiting.ts';

/** What each queue carries. A message is delivered at least once to one consumer, and again until it was handled. */
export interface Queues {
  agent_results: AttemptReport;
  agent_logs: AgentLog;
}
export type QueueName = keyof Queues;

/** Hints that something changed. Every subscriber hears each; a lost one costs time, never truth. */
export interface Notices {
  /**
   * Subtasks became ready (see domain/ready-notice.ts), or attempts ended so that slots came free: the scheduling leader
   * should tick.
   */
  wake: ReadyNotice & { ended?: (AttemptKey & { agent_id: string })[] };
  /** An agent registered, changed or left. */
  agents: { agent_id: string };
  /** New event rows of these tasks are committed. */
  events: { task_ids: string[] };
  /** Log lines of these tasks were stored. */
  logs: { task_ids: string[] };
  /** A task or one attempt is to stop: agents that run such attempts abort them. */
  stop: { task_id?: string; subtask_id?: string; attempt?: number };
  /** All that one process, `from`, plans or has in line to be planned: how each of these tasks stands. */
  planning: { from: string; tasks: (TaskWaiting & { task_id: string })[] };
  /** An API key was made or revoked. */
  keys: Record<string, never>;
  /** A client cancelled a call of the MCP endpoint: whoever answers it stops. The key is null where none was shown. */
  calls: { key_id: string | null; client: string; request_id: string | number };
}
export type NoticeName = keyof Notices;

export interface StateEntry {
  value: unknown;
  /** Counts the writes of this key, from 1. */
  version: number;
}

export interface StateWrite {
  task_id: string;
  key: string;
  value: unknown;
  ttlMs: number;
  /** When given, the write happens only if this is the current version (0: the key must be absent). */
  expectedVersion?: number;
}

export type StateWritten = { ok: true; version: number } | { ok: false; version: number };

export interface ConsumeOptions {
  /** Consumers of one group share the messages. */
  group: string;
  consumer: string;
  /** Messages handed over at once, at most. */
  batch: number;
  signal: AbortSignal;
}

export interface Bus {
  publish<Q extends QueueName>(queue: Q, messages: readonly Queues[Q][]): Promise<void>;
  /**
   * Hands batches to `handle` until the signal aborts, then resolves. A batch is acknowledged when `handle` resolved;
   * when it rejected, the same messages come again after a pause.
   */
  consume<Q extends QueueName>(
    queue: Q,
    options: ConsumeOptions,
    handle: (messages: Queues[Q][]) => Promise<void>,
  ): Promise<void>;

  notify<N extends NoticeName>(notice: N, payload: Notices[N]): Promise<void>;
  /** Resolves, once listening, to a function that stops it. */
  subscribe<N extends NoticeName>(notice: N, listener: (payload: Notices[N]) => void): Promise<() => void>;

  /** Registers an agent or renews its entry, which expires after `ttlMs`. */
  putAgent(registration: AgentRegistration, ttlMs: number): Promise<void>;
  removeAgent(agentId: string): Promise<void>;
  /** Agents whose entry has not expired, by id. */
  listAgents(): Promise<AgentRegistration[]>;
  /** Those of the named agents whose entry has not expired, in any order: costs by their number, whatever is registered. */
  findAgents(agentIds: readonly string[]): Promise<AgentRegistration[]>;

  getState(taskId: string, key: string): Promise<StateEntry | null>;
  setState(write: StateWrite): Promise<StateWritten>;

  close(): Promise<void>;
}

// The bus on Redis: streams with consumer groups for queues, a hash with an expiry for each agent and each key of shared
// state, publish/subscribe for notices. Redis may be emptied or go away at any moment: groups are made again when missing,
// connections come back by themselves, and a command that cannot be sent rejects instead of piling up in memory.
import { randomUUID } from 'node:crypto';
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
import { keys } from './keys.ts';
import { type Connection, connect, type RedisOptions } from './redis-connection.ts';
import { StreamConsumer } from './redis-stream.ts';

/** Messages a stream keeps at most, about: what is older was handled, or is recovered from the database. */
const STREAM_MAX = 100_000;

/** Writes a value and counts its version up, unless another version than the expected one is there. */
const SET_STATE = `
local version = tonumber(redis.call('HGET', KEYS[1], 'version') or '0')
if ARGV[3] ~= '' and tonumber(ARGV[3]) ~= version then return {0, version} end
redis.call('HSET', KEYS[1], 'value', ARGV[1], 'version', version + 1)
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return {1, version + 1}`;

/** A field of every notice on the wire: the bus that sent it, whose own listeners have heard it already. */
const SENDER = 'sender';

/** Resolves when Redis answers. Rejects after `waitMs`. */
export async function openRedisBus(options: RedisOptions): Promise<Bus> {
  const [commands, subscriber] = await Promise.all([connect(options), connect(options)]);
  return new RedisBus(options, commands, subscriber);
}

/** Messages that are sent together are one entry of the stream, up to this many. */
const ENTRY_MAX = 50;

class RedisBus implements Bus {
  private readonly options: RedisOptions;
  private readonly commands: Connection;
  private readonly subscriber: Connection;
  private readonly database: number;
  /** Who is listening in this process: told at once, without a way over the server. */
  private readonly listeners = new Map<NoticeName, Set<(payload: never) => void>>();
  private readonly id = randomUUID();
  /** Addresses that were warned about. */
  private readonly distrusted = new Set<string>();

  constructor(options: RedisOptions, commands: Connection, subscriber: Connection) {
    this.options = options;
    this.commands = commands;
    this.subscriber = subscriber;
    this.database = Number(new URL(options.url).pathname.slice(1) || 0);
  }

  async publish<Q extends QueueName>(queue: Q, messages: readonly Queues[Q][]): Promise<void> {
    const trim = { TRIM: { strategy: 'MAXLEN', strategyModifier: '~', threshold: STREAM_MAX } } as const;
    const entries = Array.from({ length: Math.ceil(messages.length / ENTRY_MAX) }, (_, nth) =>
      messages.slice(nth * ENTRY_MAX, (nth + 1) * ENTRY_MAX),
    );
    await Promise.all(
      entries.map((entry) => this.commands.xAdd(keys.queue(queue), '*', { json: JSON.stringify(entry) }, trim)),
    );
  }

  async consume<Q extends QueueName>(
    queue: Q,
    options: ConsumeOptions,
    handle: (messages: Queues[Q][]) => Promise<void>,
  ): Promise<void> {
    const consumer = new StreamConsumer({ stream: keys.queue(queue), ...options }, this.options);
    await consumer.run(async (texts) => {
      const messages = texts.flatMap((text) => JSON.parse(text) as Queues[Q][]);
      for (let from = 0; from < messages.length; from += options.batch)
        await handle(messages.slice(from, from + options.batch));
    });
  }

  async notify<N extends NoticeName>(notice: N, payload: Notices[N]): Promise<void> {
    const text = JSON.stringify({ ...payload, [SENDER]: this.id });
    // After the current turn, as over the server.
    if (this.listeners.get(notice)?.size) setImmediate(() => this.tellListeners(notice, text));
    await this.commands.publish(keys.channel(this.database, notice), text);
  }

  async subscribe<N extends NoticeName>(notice: N, listener: (payload: Notices[N]) => void): Promise<() => void> {
    const channel = keys.channel(this.database, notice);
    const hear = (text: string) => {
      const { [SENDER]: sender, ...payload } = JSON.parse(text);
      if (sender !== this.id) listener(payload);
    };
    await this.subscriber.subscribe(channel, hear);
    const listeners = this.listeners.get(notice) ?? new Set();
    this.listeners.set(notice, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      // Nothing to undo when the connection is gone.
      this.subscriber.unsubscribe(channel, hear).catch(() => undefined);
    };
  }

  private tellListeners(notice: NoticeName, text: string): void {
    for (const listener of this.listeners.get(notice) ?? []) {
      const { [SENDER]: _, ...payload } = JSON.parse(text);
      listener(payload as never);
    }
  }

  async putAgent(status: AgentRegistration, ttlMs: number): Promise<void> {
    const key = keys.agent(status.agent_id);
    const fields = Object.fromEntries(Object.entries(status).map(([name, value]) => [name, JSON.stringify(value)]));
    await this.commands
      .multi()
      .del(key)
      .hSet(key, fields)
      .pExpire(key, ttlMs)
      .sAdd(keys.activeAgents, status.agent_id)
      .exec();
  }

  /** Anybody who reaches Redis can write to the registry; who is not trusted is not shown to anyone. */
  private isTrusted(registration: AgentRegistration): boolean {
    const trusted = this.options.trusts?.(registration) ?? true;
    if (!trusted && !this.distrusted.has(registration.url)) {
      this.distrusted.add(registration.url);
      const { agent_id, url } = registration;
      this.options.logger.warn({ agent_id, url }, 'an agent without proof of the shared token is left out');
    }
    return trusted;
  }

  async removeAgent(agentId: string): Promise<void> {
    await this.commands.multi().del(keys.agent(agentId)).sRem(keys.activeAgents, agentId).exec();
  }

  async listAgents(): Promise<AgentRegistration[]> {
    const ids = await this.commands.sMembers(keys.activeAgents);
    const entries = await this.readAgents(ids);
    const expired = ids.filter((_, nth) => !entries[nth]?.agent_id);
    if (expired.length > 0) await this.commands.sRem(keys.activeAgents, expired);
    return this.trusted(entries).sort((a, b) => a.agent_id.localeCompare(b.agent_id, 'en', { numeric: true }));
  }

  async findAgents(agentIds: readonly string[]): Promise<AgentRegistration[]> {
    return this.trusted(await this.readAgents(agentIds));
  }

  /** The fields of each entry; none where there is no entry. */
  private readAgents(ids: readonly string[]): Promise<Record<string, string>[]> {
    return Promise.all(ids.map((id) => this.commands.hGetAll(keys.agent(id))));
  }

  private trusted(entries: readonly Record<string, string>[]): AgentRegistration[] {
    return entries
      .filter((fields) => fields.agent_id)
      .map(registrationOf)
      .filter((registration) => this.isTrusted(registration));
  }

  async getState(taskId: string, key: string): Promise<StateEntry | null> {
    const { value, version } = await this.commands.hGetAll(keys.state(taskId, key));
    return value === undefined ? null : { value: JSON.parse(value), version: Number(version) };
  }

  async setState(write: StateWrite): Promise<StateWritten> {
    const [ok, version] = (await this.commands.eval(SET_STATE, {
      keys: [keys.state(write.task_id, write.key)],
      arguments: [JSON.stringify(write.value), String(write.ttlMs), String(write.expectedVersion ?? '')],
    })) as [number, number];
    return { ok: ok === 1, version };
  }

  async close(): Promise<void> {
    this.subscriber.destroy();
    this.commands.destroy();
  }
}

function registrationOf(fields: Record<string, string>): AgentRegistration {
  return Object.fromEntries(
    Object.entries(fields).map(([name, text]) => [name, JSON.parse(text)]),
  ) as unknown as AgentRegistration;
}

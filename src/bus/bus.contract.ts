// What every implementation of the Bus port promises. Its own test file calls describeBus with a way to create one, and
// with a way to let time pass: by hand where the clock is injected, by waiting where a server keeps the time.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { agent } from '../../tests/support/agents.ts';
import { gate } from '../../tests/support/gate.ts';
import type { AgentLog } from '../domain/log.ts';
import type { Bus, Notices } from './bus.ts';

export interface BusUnderTest {
  bus: Bus;
  /** Lets at least `ms` milliseconds pass for the bus. */
  advance(ms: number): Promise<void> | void;
}

const log = (message: string): AgentLog => ({
  agent_id: 'agent_1',
  task_id: 'task_a',
  subtask_id: 'subtask_a',
  attempt: 1,
  level: 'INFO',
  message,
  metadata: { nested: [1, null] },
  time: '2030-01-01T00:00:00.000Z',
});

export function describeBus(name: string, create: () => BusUnderTest | Promise<BusUnderTest>): void {
  describe(`the bus on ${name}`, () => {
    let bus: Bus;
    let advance: (ms: number) => Promise<void>;
    let stop: AbortController;
    let running: Promise<void>[];

    beforeEach(async () => {
      const created = await create();
      bus = created.bus;
      advance = async (ms) => created.advance(ms);
      stop = new AbortController();
      running = [];
    });
    afterEach(async () => {
      stop.abort();
      await Promise.all(running);
      await bus.close();
    });

    type Handle = (messages: AgentLog[]) => Promise<void>;
    interface Given {
      group?: string;
      consumer?: string;
      batch?: number;
      signal?: AbortSignal;
    }
    /** Starts a consumer that ends with the test; resolves when it has ended. */
    function consume(handle: Handle, given: Given = {}): Promise<void> {
      const options = { group: 'storing', consumer: 'one', batch: 100, signal: stop.signal, ...given };
      const ended = bus.consume('agent_logs', options, handle);
      running.push(ended);
      return ended;
    }
    const publish = (...messages: string[]) => bus.publish('agent_logs', messages.map(log));
    /** A handler that notes what it was handed, batch by batch. */
    function notebook(): { batches: string[][]; handle: Handle } {
      const batches: string[][] = [];
      return { batches, handle: async (messages) => void batches.push(messages.map((one) => one.message)) };
    }
    /** Lets time pass in small steps until the condition holds. */
    const eventually = (condition: () => void) =>
      vi.waitFor(
        async () => {
          await advance(50);
          condition();
        },
        { timeout: 10_000, interval: 5 },
      );

    describe('queues', () => {
      it('hand over what was published, in order and unchanged', async () => {
        const received: AgentLog[] = [];
        void consume(async (messages) => void received.push(...messages));
        await publish('first', 'second');
        await publish('third');
        await eventually(() => expect(received).toHaveLength(3));
        expect(received).toEqual(['first', 'second', 'third'].map(log));
      });

      it('keep what was published before anyone consumed', async () => {
        const { batches, handle } = notebook();
        await publish('early');
        await publish('earlier than the consumer');
        void consume(handle);
        await eventually(() => expect(batches.flat()).toEqual(['early', 'earlier than the consumer']));
      });

      it('keep what was published while nobody consumed, and go on where the last consumer stopped', async () => {
        const [first, second] = [notebook(), notebook()];
        const own = new AbortController();
        const ended = consume(first.handle, { signal: own.signal });
        await publish('one');
        await eventually(() => expect(first.batches.flat()).toEqual(['one']));
        own.abort();
        await ended;
        await publish('two');
        void consume(second.handle);
        await eventually(() => expect(second.batches.flat()).toEqual(['two']));
      });

      it('give each group everything', async () => {
        const [storing, watching] = [notebook(), notebook()];
        void consume(storing.handle, { group: 'storing' });
        void consume(watching.handle, { group: 'watching' });
        await publish('a', 'b');
        await eventually(() =>
          expect([storing.batches.flat(), watching.batches.flat()]).toEqual([
            ['a', 'b'],
            ['a', 'b'],
          ]),
        );
      });

      it('share the messages of a group among its consumers, each to one', async () => {
        const seen = { one: [] as string[], two: [] as string[] };
        for (const consumer of ['one', 'two'] as const)
          void consume(async (messages) => void seen[consumer].push(...messages.map((message) => message.message)), {
            consumer,
            batch: 1,
          });
        const sent = Array.from({ length: 50 }, (_, nth) => `message ${nth}`);
        for (const message of sent) await publish(message);
        await eventually(() => expect(seen.one.length + seen.two.length).toBe(50));
        expect([...seen.one, ...seen.two].sort()).toEqual([...sent].sort());
      });

      it('never hand over more at once than the batch', async () => {
        const { batches, handle } = notebook();
        await publish(...Array.from({ length: 10 }, (_, nth) => String(nth)));
        void consume(handle, { batch: 4 });
        await eventually(() => expect(batches.flat()).toHaveLength(10));
        expect(batches.flat()).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
        for (const batch of batches) expect(batch.length).toBeLessThanOrEqual(4);
      });

      it('hand a batch over again, in order, until it was handled', async () => {
        let failures = 3;
        const { batches, handle } = notebook();
        void consume(async (messages) => {
          await handle(messages);
          failures -= 1;
          if (failures >= 0) throw new Error('the database is away');
        });
        await publish('a', 'b', 'c');
        await eventually(() => expect(batches).toHaveLength(4));
        expect(batches).toEqual(Array.from({ length: 4 }, () => ['a', 'b', 'c']));
      });

      it('do not lose a batch whose consumer gave up', async () => {
        const own = new AbortController();
        const ended = consume(
          async () => {
            own.abort();
            throw new Error('dying');
          },
          { consumer: 'dying', signal: own.signal },
        );
        const heir = notebook();
        await publish('left behind');
        await ended;
        void consume(heir.handle, { consumer: 'dying' });
        await eventually(() => expect(heir.batches.flat()).toEqual(['left behind']));
      });

      it('hand over copies: what a handler does to a message stays its own', async () => {
        const received: AgentLog[] = [];
        const message = log('original');
        void consume(async ([first]) => {
          received.push(structuredClone(first!));
          first!.message = 'changed by the handler';
          if (received.length === 1) throw new Error('again');
        });
        await bus.publish('agent_logs', [message]);
        message.message = 'changed by the publisher';
        await eventually(() => expect(received).toHaveLength(2));
        expect(received.map((one) => one.message)).toEqual(['original', 'original']);
      });

      it('keep apart from one another', async () => {
        const { batches, handle } = notebook();
        void consume(handle);
        const usage = { execution_time: 1, input_tokens: 0, output_tokens: 0, cost_usd: 0, turns: 0, unknown: [] };
        const outcome = { status: 'failed', error: 'lost', error_code: 'crashed' } as const;
        await bus.publish('agent_results', [
          { task_id: 'task_a', subtask_id: 'subtask_a', attempt: 1, agent_id: 'agent_1', outcome, usage },
        ]);
        await publish('a log');
        await eventually(() => expect(batches.flat()).toEqual(['a log']));
      });

      it('take no messages at all', async () => {
        const { batches, handle } = notebook();
        void consume(handle);
        await bus.publish('agent_logs', []);
        await publish('something');
        await eventually(() => expect(batches).toEqual([['something']]));
      });
    });

    describe('a consumer', () => {
      it('ends when its signal aborts while it waits', async () => {
        const own = new AbortController();
        const ended = consume(async () => {}, { signal: own.signal });
        own.abort();
        await ended;
      });

      it('does not begin when its signal has aborted already', async () => {
        const { batches, handle } = notebook();
        await publish('unheard');
        await consume(handle, { signal: AbortSignal.abort() });
        expect(batches).toEqual([]);
      });

      it('ends when its signal aborts during the pause after a failure', async () => {
        const own = new AbortController();
        const failed = gate();
        const ended = consume(
          async () => {
            failed.open();
            throw new Error('no');
          },
          { signal: own.signal },
        );
        await publish('a');
        await failed.passed;
        own.abort();
        await ended;
      });

      it('finishes the batch in its hands before it ends', async () => {
        const own = new AbortController();
        const [begun, finish] = [gate(), gate()];
        let finished = false;
        const ended = consume(
          async () => {
            begun.open();
            await finish.passed;
            finished = true;
          },
          { signal: own.signal },
        );
        await publish('a');
        await begun.passed;
        own.abort();
        finish.open();
        await ended;
        expect(finished).toBe(true);
      });
    });

    describe('notices', () => {
      it('reach every subscriber, with what they carry', async () => {
        const heard: Notices['wake'][] = [];
        for (let nth = 0; nth < 3; nth += 1) await bus.subscribe('wake', (payload) => heard.push(payload));
        const ended = [{ agent_id: 'agent_1', task_id: 'task_a', subtask_id: 'subtask_b', attempt: 2 }];
        const payload = { ready: ['subtask_a'], ended };
        await bus.notify('wake', payload);
        await eventually(() => expect(heard).toEqual([payload, payload, payload]));
      });

      it('name the tasks whose log lines were stored', async () => {
        const heard: string[][] = [];
        await bus.subscribe('logs', ({ task_ids }) => heard.push(task_ids));
        await bus.notify('logs', { task_ids: ['task_a', 'task_b'] });
        await eventually(() => expect(heard).toEqual([['task_a', 'task_b']]));
      });

      it('come in the order in which they were given', async () => {
        const heard: string[] = [];
        await bus.subscribe('events', ({ task_ids }) => heard.push(...task_ids));
        for (const task_id of ['task_a', 'task_b', 'task_c']) await bus.notify('events', { task_ids: [task_id] });
        await eventually(() => expect(heard).toEqual(['task_a', 'task_b', 'task_c']));
      });

      it('reach only subscribers of their own kind', async () => {
        const heard: string[] = [];
        await bus.subscribe('agents', ({ agent_id }) => heard.push(agent_id));
        await bus.notify('stop', { task_id: 'task_a' });
        await bus.notify('logs', { task_ids: ['task_a', 'task_b'] });
        await bus.notify('agents', { agent_id: 'agent_9' });
        await eventually(() => expect(heard).toEqual(['agent_9']));
      });

      it('no longer reach who unsubscribed', async () => {
        const heard: string[] = [];
        const leave = await bus.subscribe('events', () => heard.push('left'));
        await bus.subscribe('events', () => heard.push('stayed'));
        leave();
        leave();
        await bus.notify('events', { task_ids: ['task_a'] });
        await eventually(() => expect(heard).toContain('stayed'));
        expect(heard).toEqual(['stayed']);
      });

      it('never call a listener within the notifier’s own call', async () => {
        let notified = false;
        const heard: boolean[] = [];
        await bus.subscribe('events', () => heard.push(notified));
        const sent = bus.notify('events', { task_ids: ['task_a'] });
        notified = true;
        await sent;
        await eventually(() => expect(heard).toEqual([true]));
      });

      it('may be heard by nobody', async () => {
        await bus.notify('wake', {});
      });
    });

    describe('the registry of agents', () => {
      const ids = async () => (await bus.listAgents()).map((status) => status.agent_id);

      it('lists agents by number, with their last status', async () => {
        for (const agent_id of ['agent_10', 'agent_2', 'agent_1']) await bus.putAgent(agent({ agent_id }), 60_000);
        const busy = agent({
          agent_id: 'agent_2',
          is_available: false,
          running: [{ subtask_id: 'subtask_a', attempt: 3 }],
        });
        await bus.putAgent(busy, 60_000);
        const listed = await bus.listAgents();
        expect(listed).toEqual([agent({ agent_id: 'agent_1' }), busy, agent({ agent_id: 'agent_10' })]);
      });

      it('forgets an agent whose entry was not renewed in time', async () => {
        await bus.putAgent(agent({ agent_id: 'agent_1' }), 300);
        await bus.putAgent(agent({ agent_id: 'agent_2' }), 60_000);
        expect(await ids()).toEqual(['agent_1', 'agent_2']);
        await advance(400);
        expect(await ids()).toEqual(['agent_2']);
      });

      it('keeps an agent that renews its entry', async () => {
        for (let beat = 0; beat < 3; beat += 1) {
          await bus.putAgent(agent(), 500);
          await advance(300);
        }
        expect(await ids()).toEqual(['agent_1']);
      });

      it('lets an agent leave, and come back', async () => {
        await bus.putAgent(agent(), 60_000);
        await bus.removeAgent('agent_1');
        await bus.removeAgent('agent_1');
        expect(await ids()).toEqual([]);
        await bus.putAgent(agent(), 60_000);
        expect(await ids()).toEqual(['agent_1']);
      });

      it('finds those that are asked for, without the others and those that expired', async () => {
        for (const agent_id of ['agent_1', 'agent_2', 'agent_3']) await bus.putAgent(agent({ agent_id }), 60_000);
        await bus.putAgent(agent({ agent_id: 'agent_4' }), 300);
        await advance(400);
        const found = await bus.findAgents(['agent_3', 'agent_4', 'agent_9', 'agent_1']);
        expect(found.map((status) => status.agent_id).sort()).toEqual(['agent_1', 'agent_3']);
        expect(found).toContainEqual(agent({ agent_id: 'agent_1' }));
        expect(await bus.findAgents([])).toEqual([]);
      });

      it('gives out copies', async () => {
        const status = agent();
        await bus.putAgent(status, 60_000);
        status.slots = 7;
        (await bus.listAgents())[0]!.slots = 8;
        (await bus.findAgents(['agent_1']))[0]!.slots = 9;
        expect((await bus.listAgents())[0]!.slots).toBe(1);
      });
    });

    describe('shared state', () => {
      const write = (value: unknown, given: Partial<Parameters<Bus['setState']>[0]> = {}) =>
        bus.setState({ task_id: 'task_a', key: 'total', value, ttlMs: 60_000, ...given });

      it('is nothing until it is written, then has versions from 1', async () => {
        expect(await bus.getState('task_a', 'total')).toBeNull();
        expect(await write({ sum: 1 })).toEqual({ ok: true, version: 1 });
        expect(await write({ sum: 2 })).toEqual({ ok: true, version: 2 });
        expect(await bus.getState('task_a', 'total')).toEqual({ value: { sum: 2 }, version: 2 });
      });

      it.each([[null], [0], [''], [false], [[]], [{ a: [1, { b: null }] }], ['text with : and \u2028']])(
        'holds %j',
        async (value) => {
          await write(value);
          expect(await bus.getState('task_a', 'total')).toEqual({ value, version: 1 });
        },
      );

      it('belongs to its task and its key', async () => {
        await write('mine');
        expect(await bus.getState('task_b', 'total')).toBeNull();
        expect(await bus.getState('task_a', 'other')).toBeNull();
        await write('yours', { task_id: 'task_b' });
        await write('other', { key: 'a:total' });
        expect(await bus.getState('task_a', 'total')).toEqual({ value: 'mine', version: 1 });
      });

      it('is written only when it still has the expected version', async () => {
        await write('first', { expectedVersion: 0 });
        expect(await write('blind', { expectedVersion: 0 })).toEqual({ ok: false, version: 1 });
        expect(await write('ahead', { expectedVersion: 2 })).toEqual({ ok: false, version: 1 });
        expect(await write('second', { expectedVersion: 1 })).toEqual({ ok: true, version: 2 });
        expect(await bus.getState('task_a', 'total')).toEqual({ value: 'second', version: 2 });
        expect(await write('nowhere', { key: 'unwritten', expectedVersion: 3 })).toEqual({ ok: false, version: 0 });
        expect(await bus.getState('task_a', 'unwritten')).toBeNull();
      });

      it('loses no update of agents that write at once and try again', async () => {
        const increment = async (): Promise<void> => {
          const now = await bus.getState('task_a', 'total');
          const written = await write(Number(now?.value ?? 0) + 1, { expectedVersion: now?.version ?? 0 });
          if (!written.ok) await increment();
        };
        await Promise.all(Array.from({ length: 40 }, increment));
        expect(await bus.getState('task_a', 'total')).toEqual({ value: 40, version: 40 });
      });

      it('vanishes some time after its last write, and then counts from 1 again', async () => {
        await write('old', { ttlMs: 500 });
        await advance(300);
        await write('newer', { ttlMs: 500 });
        await advance(300);
        expect(await bus.getState('task_a', 'total')).toEqual({ value: 'newer', version: 2 });
        await advance(300);
        expect(await bus.getState('task_a', 'total')).toBeNull();
        expect(await write('new', { expectedVersion: 0 })).toEqual({ ok: true, version: 1 });
      });

      it('is not kept alive by a write that was refused', async () => {
        await write('mine', { ttlMs: 500 });
        await advance(300);
        await write('yours', { ttlMs: 60_000, expectedVersion: 7 });
        await advance(300);
        expect(await bus.getState('task_a', 'total')).toBeNull();
      });

      it('gives out copies', async () => {
        const value = { list: [1] };
        await write(value);
        value.list.push(2);
        const read = (await bus.getState('task_a', 'total'))!.value as typeof value;
        read.list.push(3);
        expect(await bus.getState('task_a', 'total')).toEqual({ value: { list: [1] }, version: 1 });
      });
    });
  });
}

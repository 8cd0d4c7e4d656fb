import { describe, expect, it, vi } from 'vitest';
import { createManualClock } from '../../tests/support/manual-clock.ts';
import type { QueueName, Queues } from '../bus/bus.ts';
import type { AgentLog } from '../domain/log.ts';
import { createRedactor } from '../redact.ts';
import { LogOutbox } from './attempt-log.ts';

const KEY = { task_id: 'task_1', subtask_id: 'subtask_1', attempt: 2 };

describe('the log outbox', () => {
  it('sends lines together, shortly after the first', async () => {
    const { outbox, clock, batches } = setUp();
    const log = outbox.logFor(KEY);
    log('INFO', 'one', { kind: 'text' });
    clock.advance(50);
    log('WARN', 'two', { kind: 'tool_result', tool: 'run_code' });
    expect(batches).toEqual([]);
    clock.advance(50);
    await outbox.flush();
    expect(batches).toEqual([
      [
        {
          agent_id: 'agent_1',
          ...KEY,
          level: 'INFO',
          message: 'one',
          metadata: { kind: 'text' },
          time: '2030-01-01T00:00:00.000Z',
        },
        expect.objectContaining({ level: 'WARN', message: 'two', metadata: { kind: 'tool_result', tool: 'run_code' } }),
      ],
    ]);
  });

  it('takes secrets out of messages and metadata', async () => {
    const { outbox, batches } = setUp();
    outbox.logFor(KEY)('INFO', 'key is secret-value-1', { kind: 'text', nested: ['secret-value-1'] });
    await outbox.flush();
    expect(batches[0]).toMatchObject([{ message: 'key is [redacted]', metadata: { nested: ['[redacted]'] } }]);
  });

  it('keeps what the bus refused and sends it again, in order', async () => {
    const { outbox, clock, batches, bus, onError } = setUp();
    bus.away = true;
    outbox.logFor(KEY)('INFO', 'one', { kind: 'text' });
    await outbox.flush();
    expect(onError).toHaveBeenCalledOnce();
    outbox.logFor(KEY)('INFO', 'two', { kind: 'text' });
    bus.away = false;
    clock.advance(1_000);
    await outbox.flush();
    expect(batches.flat().map((line) => line.message)).toEqual(['one', 'two']);
  });

  it('splits a long backlog into batches', async () => {
    const { outbox, batches } = setUp();
    for (let line = 0; line < 450; line += 1) outbox.logFor(KEY)('DEBUG', `${line}`, { kind: 'text' });
    await outbox.flush();
    expect(batches.map((batch) => batch.length)).toEqual([200, 200, 50]);
  });

  it('drops the oldest lines when too many wait', async () => {
    const { outbox, batches } = setUp();
    for (let line = 0; line < 10_001; line += 1) outbox.logFor(KEY)('DEBUG', `${line}`, { kind: 'text' });
    await outbox.flush();
    expect(batches[0]?.[0]?.message).toBe('1');
  });

  it('sends the rest when it is closed, and then leaves no timer behind', async () => {
    const { outbox, clock, batches, bus } = setUp();
    outbox.logFor(KEY)('INFO', 'last', { kind: 'text' });
    await outbox.close();
    expect(batches.flat()).toHaveLength(1);
    bus.away = true;
    outbox.logFor(KEY)('INFO', 'too late', { kind: 'text' });
    clock.advance(10_000);
    expect(batches.flat()).toHaveLength(1);
  });
});

function setUp() {
  const clock = createManualClock();
  const batches: AgentLog[][] = [];
  const onError = vi.fn();
  const bus = {
    away: false,
    async publish<Q extends QueueName>(_: Q, messages: readonly Queues[Q][]) {
      if (bus.away) throw new Error('away');
      batches.push([...messages] as AgentLog[]);
    },
  };
  const redact = createRedactor(['secret-value-1']);
  return { outbox: new LogOutbox({ agentId: 'agent_1', bus, clock, redact, onError }), clock, batches, bus, onError };
}

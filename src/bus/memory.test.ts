import { describe, expect, it } from 'vitest';
import { gate } from '../../tests/support/gate.ts';
import { createManualClock } from '../../tests/support/manual-clock.ts';
import { describeBus } from './bus.contract.ts';
import { createMemoryBus } from './memory.ts';

describeBus('memory', () => {
  const clock = createManualClock();
  return { bus: createMemoryBus(clock), advance: clock.advance };
});

const message = (text: string) =>
  ({
    agent_id: 'a',
    task_id: 't',
    subtask_id: 's',
    attempt: 1,
    level: 'INFO',
    message: text,
    metadata: {},
    time: '2030-01-01T00:00:00.000Z',
  }) as const;

describe('the memory bus', () => {
  it('waits before it hands a failed batch over again', async () => {
    const clock = createManualClock();
    const bus = createMemoryBus(clock);
    const stop = new AbortController();
    let calls = 0;
    const called = [gate(), gate()];
    const options = { group: 'g', consumer: 'c', batch: 1, signal: stop.signal };
    const ended = bus.consume('agent_logs', options, async () => {
      called[calls]?.open();
      calls += 1;
      throw new Error('no');
    });
    await bus.publish('agent_logs', [message('a')]);
    await called[0]!.passed;
    await new Promise(setImmediate);
    clock.advance(199);
    await new Promise(setImmediate);
    expect(calls).toBe(1);
    clock.advance(1);
    await called[1]!.passed;
    stop.abort();
    await ended;
  });

  it('wakes another consumer of the group for a batch that was given up', async () => {
    const bus = createMemoryBus(createManualClock());
    const [dying, living] = [new AbortController(), new AbortController()];
    const options = { group: 'g', batch: 1 };
    const ended = bus.consume('agent_logs', { ...options, consumer: 'dying', signal: dying.signal }, async () => {
      dying.abort();
      throw new Error('dying');
    });
    const heard = gate<string>();
    const other = bus.consume(
      'agent_logs',
      { ...options, consumer: 'living', signal: living.signal },
      async ([first]) => heard.open(first!.message),
    );
    await bus.publish('agent_logs', [message('inherited')]);
    await ended;
    expect(await heard.passed).toBe('inherited');
    living.abort();
    await other;
  });

  it('tells nobody anything after it was closed', async () => {
    const bus = createMemoryBus(createManualClock());
    const heard: string[] = [];
    await bus.subscribe('events', ({ task_ids }) => heard.push(...task_ids));
    await bus.notify('events', { task_ids: ['task_a'] });
    await bus.close();
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    expect(heard).toEqual([]);
  });
});

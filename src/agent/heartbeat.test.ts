import { describe, expect, it, vi } from 'vitest';
import { agent } from '../../tests/support/agents.ts';
import { createManualClock } from '../../tests/support/manual-clock.ts';
import { createMemoryBus } from '../bus/memory.ts';
import { Heartbeat } from './heartbeat.ts';

describe('the heartbeat', () => {
  it('registers the agent at once and keeps it registered', async () => {
    const { heartbeat, bus, clock } = setUp();
    await heartbeat.start();
    for (let beat = 0; beat < 20; beat += 1) {
      clock.advance(10_000);
      await turn();
    }
    expect(await bus.listAgents()).toMatchObject([{ agent_id: 'agent_1' }]);
    expect(heartbeat.lastBeatAt).toEqual(clock.now());
    await heartbeat.stop();
  });

  it('lets the entry expire when it is silent', async () => {
    const { heartbeat, bus, clock } = setUp({ intervalMs: 100_000 });
    await heartbeat.start();
    clock.advance(59_999);
    expect(await bus.listAgents()).toHaveLength(1);
    clock.advance(1);
    expect(await bus.listAgents()).toEqual([]);
    await heartbeat.stop();
  });

  it('tells of changes only, not of every beat', async () => {
    const { heartbeat, clock, heard } = setUp();
    await heartbeat.start();
    await turn();
    expect(heard).toHaveBeenCalledTimes(1);
    clock.advance(10_000);
    await turn();
    expect(heard).toHaveBeenCalledTimes(1);
    clock.advance(1_000);
    heartbeat.changed();
    await turn();
    expect(heard).toHaveBeenCalledTimes(2);
    await heartbeat.stop();
  });

  it('sends what changed within a moment once, as it stands at the end of it', async () => {
    const { heartbeat, status, heard, clock } = setUp();
    await heartbeat.start();
    status.mockClear();
    for (let nth = 0; nth < 50; nth += 1) heartbeat.changed();
    clock.advance(249);
    await turn();
    expect(status).not.toHaveBeenCalled();
    clock.advance(1);
    await turn();
    expect(status).toHaveBeenCalledTimes(1);
    expect(heard).toHaveBeenCalledTimes(2);
    await heartbeat.stop();
  });

  it('survives a bus that is away and beats again', async () => {
    const { heartbeat, bus, clock, onError } = setUp({ failures: 1 });
    await heartbeat.start();
    expect(onError).toHaveBeenCalledOnce();
    expect(await bus.listAgents()).toEqual([]);
    clock.advance(10_000);
    await turn();
    expect(await bus.listAgents()).toHaveLength(1);
    await heartbeat.stop();
  });

  it('knows while it does not arrive, and reports once more when it does again', async () => {
    const { heartbeat, clock, heard, status } = setUp({ failures: 2 });
    await heartbeat.start();
    expect(heartbeat.isArriving).toBe(false);
    clock.advance(10_000);
    await turn();
    expect(heartbeat.isArriving).toBe(false);
    clock.advance(10_000);
    await turn();
    expect(heartbeat.isArriving).toBe(true);
    expect(status).toHaveBeenCalledTimes(4);
    expect(heard).toHaveBeenCalled();
    await heartbeat.stop();
  });

  it('stops also when the bus is away', async () => {
    const { heartbeat, bus, onError } = setUp();
    await heartbeat.start();
    bus.removeAgent = async () => {
      throw new Error('away');
    };
    await heartbeat.stop();
    expect(onError).toHaveBeenCalledOnce();
  });

  it('leaves the registry when it stops, and stays out', async () => {
    const { heartbeat, bus, clock } = setUp();
    await heartbeat.start();
    await heartbeat.stop();
    await heartbeat.changed();
    clock.advance(60_000);
    await turn();
    expect(await bus.listAgents()).toEqual([]);
  });
});

/** Lets everything that is already due happen. */
const turn = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

function setUp({ intervalMs = 10_000, failures = 0 } = {}) {
  const clock = createManualClock();
  const bus = createMemoryBus(clock);
  const heard = vi.fn();
  void bus.subscribe('agents', heard);
  const onError = vi.fn();
  const status = vi.fn(() => {
    if (failures-- > 0) throw new Error('away');
    return agent();
  });
  const heartbeat = new Heartbeat({
    agentId: 'agent_1',
    bus,
    clock,
    intervalMs,
    ttlMs: 60_000,
    registration: status,
    onError,
  });
  return { heartbeat, bus, clock, heard, onError, status };
}

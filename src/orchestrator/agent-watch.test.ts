import { beforeEach, describe, expect, it, vi } from 'vitest';
import { agent } from '../../tests/support/agents.ts';
import { createManualClock, type ManualClock } from '../../tests/support/manual-clock.ts';
import type { Bus } from '../bus/bus.ts';
import { createMemoryBus } from '../bus/memory.ts';
import type { AgentStatus } from '../domain/agent.ts';
import { createLogger } from '../log.ts';
import { AGENTS_MAX, AgentWatch, POINTS_MAX } from './agent-watch.ts';

let clock: ManualClock;
let bus: Bus;
let watch: AgentWatch;
beforeEach(() => {
  clock = createManualClock();
  bus = createMemoryBus(clock);
  watch = new AgentWatch({ bus, clock, logger: createLogger('silent') });
});

const beat = (given: Partial<AgentStatus> = {}) =>
  bus.putAgent(agent({ last_heartbeat: clock.now().toISOString(), ...given }), 60_000);
const seconds = async () => {
  const [first] = await watch.look();
  return first?.history.map((point) => (Date.parse(point.at) - Date.parse('2030-01-01T00:00:00.000Z')) / 1_000);
};

describe('what is remembered of agents', () => {
  it('is a point for each heartbeat, oldest first', async () => {
    await beat({ cpu_usage: 10 });
    await watch.look();
    clock.advance(10_000);
    await beat({ cpu_usage: 20, running: [{ subtask_id: 'subtask_a', attempt: 1 }] });
    const [seen] = await watch.look();
    expect(seen).toMatchObject({
      registered: true,
      history: [
        { cpu_usage: 10, running: 0 },
        { cpu_usage: 20, running: 1 },
      ],
    });
    expect(await seconds()).toEqual([0, 10]);
  });

  it('has one point for several heartbeats within a moment', async () => {
    for (let second = 0; second <= 12; second += 1) {
      await beat({ cpu_usage: second });
      await watch.look();
      clock.advance(1_000);
    }
    expect(await seconds()).toEqual([0, 4, 8, 12]);
  });

  it('is the last sixty points', async () => {
    for (let nth = 0; nth < POINTS_MAX + 5; nth += 1) {
      await beat();
      await watch.look();
      clock.advance(10_000);
    }
    expect(await seconds()).toHaveLength(POINTS_MAX);
    expect((await seconds())?.at(0)).toBe(50);
  });

  it('outlasts the agent by a day', async () => {
    await beat();
    await watch.look();
    await bus.removeAgent('agent_1');
    expect(await watch.look()).toMatchObject([{ registered: false, status: { agent_id: 'agent_1' } }]);
    clock.advance(86_400_001);
    await watch.look();
    expect(await watch.look()).toEqual([]);
  });

  it('is of a thousand agents, but every registered one is seen', async () => {
    for (let nth = 0; nth <= AGENTS_MAX; nth += 1) await beat({ agent_id: `agent_${nth}` });
    expect(await watch.look()).toHaveLength(AGENTS_MAX + 1);
    for (let nth = 0; nth <= AGENTS_MAX; nth += 1) await bus.removeAgent(`agent_${nth}`);
    expect(await watch.look()).toHaveLength(AGENTS_MAX);
  });
});

describe('the watch', () => {
  it('looks at intervals, also after the registry did not answer, until it is stopped', async () => {
    let asked = 0;
    const failing = Object.assign(Object.create(bus), {
      listAgents: () => {
        asked += 1;
        return asked === 1 ? Promise.reject(new Error('the bus is gone')) : bus.listAgents();
      },
    });
    const own = new AgentWatch({ bus: failing, clock, logger: createLogger('silent') });
    own.start();
    await beat();
    await vi.waitFor(() => {
      clock.advance(10_000);
      expect(asked).toBeGreaterThanOrEqual(3);
    });
    await own.stop();
    const before = asked;
    clock.advance(60_000);
    expect(asked).toBe(before);
    expect((await own.look())[0]?.history.length).toBeGreaterThan(0);
  });
});

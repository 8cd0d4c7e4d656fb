import { pino } from 'pino';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createManualClock } from '../../tests/support/manual-clock.ts';
import type { Bus } from '../bus/bus.ts';
import { createMemoryBus } from '../bus/memory.ts';
import type { AttemptReport } from '../domain/attempt.ts';
import type { AgentLog } from '../domain/log.ts';
import { AgentMetrics } from './agent-metrics.ts';
import type { AttemptRunner } from './attempt-runner.ts';
import { createSimulatedRuntime } from './simulate.ts';
import { type AgentOptions, startAgent } from './start-agent.ts';

describe('a started agent', () => {
  it('listens, and stands in the registry with its address', async () => {
    const { agent, bus } = await start();
    expect(await bus.listAgents()).toMatchObject([
      { agent_id: 'agent_1', url: agent.url, port: agent.port, is_available: true, running: [], tasks_completed: 0 },
    ]);
    expect(await (await fetch(`${agent.url}/health`)).json()).toMatchObject({ status: 'healthy', agent_id: 'agent_1' });
  });

  it('is reached at the address it was given, or at loopback when it listens everywhere', async () => {
    expect((await start({ url: 'http://agent1:8001' })).agent.url).toBe('http://agent1:8001');
    const { agent } = await start({ host: '0.0.0.0' });
    expect(agent.url).toBe(`http://127.0.0.1:${agent.port}`);
  });

  it('refuses to start on a port that is taken, and closes its runtime', async () => {
    const { agent } = await start();
    const runtime = stuckRuntime();
    await expect(start({ port: agent.port, runtime })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    expect(runtime.closed).toBe(true);
  });

  it('does not start without the bus, and closes its runtime', async () => {
    const runtime = stuckRuntime();
    const bus = createMemoryBus(createManualClock());
    bus.subscribe = async () => {
      throw new Error('The bus is away');
    };
    await expect(start({ bus, runtime })).rejects.toThrow('The bus is away');
    expect(runtime.closed).toBe(true);
  });

  it('is a new instance each time it starts', async () => {
    const first = await start();
    const second = await start();
    const [a] = await first.bus.listAgents();
    const [b] = await second.bus.listAgents();
    expect(a?.instance_id).not.toBe(b?.instance_id);
  });
});

describe('an attempt', () => {
  it('is reported once when it ends, with its time, and is logged from start to end', async () => {
    const { execute, clock, reports, logs, bus } = await start();
    await execute({ input_data: { duration_ms: 1_500 } });
    clock.advance(250);
    expect(await bus.listAgents()).toMatchObject([
      { is_available: false, current_task: 'subtask_1', running: [{ subtask_id: 'subtask_1', attempt: 1 }] },
    ]);
    clock.advance(1_250);
    await vi.waitFor(() => expect(reports).toHaveLength(1));
    expect(reports[0]).toMatchObject({
      task_id: 'task_1',
      subtask_id: 'subtask_1',
      attempt: 1,
      agent_id: 'agent_1',
      outcome: { status: 'completed', output: { success: true, simulated: true } },
      usage: { execution_time: 1.5, input_tokens: 0, output_tokens: 0, cost_usd: 0, turns: 0, unknown: [] },
    });
    expect(logs.map((line) => line.metadata.kind)).toEqual(['attempt_started', 'attempt_ended']);
    await vi.waitFor(async () => {
      expect(await bus.listAgents()).toMatchObject([{ is_available: true, running: [], tasks_completed: 1 }]);
    });
  });

  it('is given what its dependencies produced, with the origin', async () => {
    const { execute, reports } = await start();
    const dependency = { description: 'Before', agent_id: 'agent_2', output: { result: 55 } };
    await execute({}, { task_context: { dependencies: { subtask_0: dependency } } });
    await vi.waitFor(() => expect(reports).toHaveLength(1));
    expect(reports[0]?.outcome).toMatchObject({ output: { data: { dependencies: { subtask_0: { result: 55 } } } } });
  });

  it('takes more than no time, even when the clock did not move', async () => {
    const { execute, reports } = await start();
    await execute({});
    await vi.waitFor(() => expect(reports).toHaveLength(1));
    expect(reports[0]?.usage.execution_time).toBeGreaterThan(0);
  });

  it('that fails is reported as failed and is not counted as completed', async () => {
    const { execute, reports, bus } = await start();
    await execute({ input_data: { fail: 'No way' } });
    await vi.waitFor(() => expect(reports).toHaveLength(1));
    expect(reports[0]?.outcome).toEqual({ status: 'failed', error_code: 'unsuccessful', error: 'No way' });
    await vi.waitFor(async () => expect(await bus.listAgents()).toMatchObject([{ running: [], tasks_completed: 0 }]));
  });

  it('whose runtime throws is reported as crashed, without the secrets of the message', async () => {
    const runtime = stuckRuntime();
    runtime.run = async () => {
      throw new Error('no luck with secret-value-1');
    };
    const { execute, reports } = await start({ runtime, secrets: ['secret-value-1'] });
    await execute({});
    await vi.waitFor(() => expect(reports).toHaveLength(1));
    expect(reports[0]?.outcome).toEqual({
      status: 'failed',
      error_code: 'crashed',
      error: 'Error: no luck with [redacted]',
    });
  });

  it('that passes its deadline is aborted and reported as timed out', async () => {
    const { execute, reports, clock } = await start();
    await execute({ input_data: { duration_ms: 60_000 } }, { deadline_ms: 2_000 });
    clock.advance(2_000);
    await vi.waitFor(() => expect(reports).toHaveLength(1));
    expect(reports[0]?.outcome).toMatchObject({ error_code: 'timeout', error: expect.stringContaining('2 s') });
  });

  it('with a deadline beyond what a timer can hold is not aborted at once', async () => {
    const { execute, reports, clock } = await start();
    await execute({ input_data: { duration_ms: 1_000 } }, { deadline_ms: 10 ** 12 });
    clock.advance(1_000);
    await vi.waitFor(() => expect(reports[0]?.outcome.status).toBe('completed'));
  });

  it('without a deadline of its own has the default one', async () => {
    const { execute, reports, clock } = await start({ attemptTimeoutMs: 5_000 });
    await execute({ input_data: { duration_ms: 60_000 } });
    clock.advance(5_000);
    await vi.waitFor(() => expect(reports[0]?.outcome).toMatchObject({ error_code: 'timeout' }));
  });

  it.each([
    ['its task', { task_id: 'task_1' }],
    ['its subtask', { task_id: 'task_1', subtask_id: 'subtask_1' }],
    ['itself', { subtask_id: 'subtask_1', attempt: 1 }],
  ])('is aborted by a stop notice that names %s', async (_, notice) => {
    const { execute, reports, bus } = await start();
    await execute({ input_data: { duration_ms: 60_000 } });
    await bus.notify('stop', notice);
    await vi.waitFor(() => expect(reports).toHaveLength(1));
    expect(reports[0]?.outcome).toMatchObject({ error_code: 'cancelled' });
  });

  it('goes on when a stop notice names another attempt, or nothing', async () => {
    const { execute, reports, bus, clock } = await start();
    await execute({ input_data: { duration_ms: 1_000 } });
    for (const notice of [{ task_id: 'task_2' }, { subtask_id: 'subtask_1', attempt: 2 }, { attempt: 1 }, {}]) {
      await bus.notify('stop', notice);
    }
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    clock.advance(1_000);
    await vi.waitFor(() => expect(reports[0]?.outcome.status).toBe('completed'));
  });

  it('is reported again until the bus takes the report', async () => {
    const clock = createManualClock();
    const { bus, refusals } = refusingBus(createMemoryBus(clock), 2);
    const { execute, reports } = await start({ bus, clock });
    await execute({});
    await vi.waitFor(() => expect(refusals()).toBe(1));
    clock.advance(500);
    await vi.waitFor(() => expect(refusals()).toBe(2));
    clock.advance(500);
    await vi.waitFor(() => expect(reports).toHaveLength(1));
  });

  it('leaves its slot before the report is through, but stays in the heartbeat until then', async () => {
    const clock = createManualClock();
    const { bus, refusals } = refusingBus(createMemoryBus(clock), 1);
    const { agent, execute, reports } = await start({ bus, clock });
    await execute({});
    await vi.waitFor(() => expect(refusals()).toBe(1));
    expect(await (await fetch(`${agent.url}/status`)).json()).toMatchObject({
      is_available: true,
      current_task: null,
      running: [{ subtask_id: 'subtask_1', attempt: 1 }],
    });
    clock.advance(500);
    await vi.waitFor(() => expect(reports).toHaveLength(1));
  });

  it('runs beside others when the agent has slots for them', async () => {
    const { execute, reports, clock, bus } = await start({ slots: 2 });
    await execute({ id: 'subtask_1', input_data: { duration_ms: 1_000 } });
    await execute({ id: 'subtask_2', input_data: { duration_ms: 1_000 } });
    expect(await execute({ id: 'subtask_3' })).toBe(503);
    clock.advance(250);
    expect(await bus.listAgents()).toMatchObject([{ is_available: false, current_task: 'subtask_1' }]);
    clock.advance(1_000);
    await vi.waitFor(() => expect(reports).toHaveLength(2));
  });
});

describe('stopping an agent', () => {
  it('lets a running attempt end, takes nothing new, and leaves the registry', async () => {
    const { agent, execute, reports, clock, bus } = await start();
    await execute({ input_data: { duration_ms: 1_000 } });
    const stopped = agent.stop({ deadlineMs: 10_000 });
    expect(await execute({ id: 'subtask_2' })).toBe(503);
    clock.advance(1_000);
    await stopped;
    expect(reports.map((report) => report.outcome.status)).toEqual(['completed']);
    expect(await bus.listAgents()).toEqual([]);
    await expect(fetch(`${agent.url}/health`)).rejects.toThrow();
  });

  it('hands back what has not ended by the deadline', async () => {
    const { agent, execute, reports, logs, clock } = await start();
    await execute({ input_data: { duration_ms: 60_000 } });
    const stopped = agent.stop({ deadlineMs: 1_000 });
    clock.advance(1_000);
    await stopped;
    await vi.waitFor(() => expect(reports).toHaveLength(1));
    expect(reports[0]?.outcome).toEqual({ status: 'handed_back', reason: 'Agent agent_1 was shut down.' });
    expect(logs.at(-1)).toMatchObject({ level: 'WARN', message: expect.stringContaining('handed back') });
  });

  it('does not wait for ever for a runtime that does not come back', async () => {
    const clock = createManualClock();
    const runtime = stuckRuntime();
    const { agent, execute } = await start({ clock, runtime });
    await execute({});
    const stopped = agent.stop({ deadlineMs: 0 });
    await vi.waitFor(() => expect(runtime.aborted).toBe(true));
    clock.advance(5_000);
    await stopped;
    expect(runtime.closed).toBe(true);
  });

  it('may be asked for twice', async () => {
    const { agent } = await start();
    await Promise.all([agent.stop({ deadlineMs: 0 }), agent.stop({ deadlineMs: 0 })]);
  });
});

async function start(changes: Partial<AgentOptions> = {}) {
  const clock = changes.clock ? (changes.clock as ReturnType<typeof createManualClock>) : createManualClock();
  const bus = changes.bus ?? createMemoryBus(clock);
  const agent = await startAgent({
    agentId: 'agent_1',
    host: '127.0.0.1',
    port: 0,
    capabilities: ['data_analysis'],
    slots: 1,
    bus,
    clock,
    runtime: createSimulatedRuntime(clock),
    heartbeatIntervalMs: 10_000,
    heartbeatTtlMs: 60_000,
    attemptTimeoutMs: 600_000,
    secrets: [],
    logger: pino({ level: 'silent' }),
    metrics: new AgentMetrics(),
    ...changes,
  });
  const reports: AttemptReport[] = [];
  const logs: AgentLog[] = [];
  const over = new AbortController();
  const options = { group: 'test', consumer: 'test', batch: 100, signal: over.signal };
  void bus.consume('agent_results', options, async (messages) => void reports.push(...messages));
  void bus.consume('agent_logs', options, async (messages) => void logs.push(...messages));
  onTestFinished(async () => {
    await agent.stop({ deadlineMs: 0 });
    over.abort();
  });
  async function execute(subtask: object, more: object = {}): Promise<number> {
    const body = {
      task_id: 'task_1',
      subtask: { id: 'subtask_1', description: 'Do it', required_capabilities: ['data_analysis'], ...subtask },
      ...more,
    };
    const response = await fetch(`http://127.0.0.1:${agent.port}/execute`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    await response.arrayBuffer();
    return response.status;
  }
  return { agent, bus, clock, reports, logs, execute };
}

/** A runtime that notices the abort and goes on all the same. */
function stuckRuntime() {
  const runtime = {
    aborted: false,
    closed: false,
    run: ((_work, signal) => {
      signal.addEventListener('abort', () => {
        runtime.aborted = true;
      });
      return new Promise(() => {});
    }) as AttemptRunner['run'],
    async close() {
      runtime.closed = true;
    },
  };
  return runtime;
}

/** The same bus, whose first `times` reports are refused. */
function refusingBus(bus: Bus, times: number) {
  let refused = 0;
  const publish: Bus['publish'] = async (queue, messages) => {
    if (queue === 'agent_results' && refused < times) {
      refused += 1;
      throw new Error('The bus is away');
    }
    await bus.publish(queue, messages);
  };
  return { bus: Object.assign(Object.create(bus), { publish }) as Bus, refusals: () => refused };
}

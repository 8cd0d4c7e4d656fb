// What an agent shows of its attempts and tool calls to those who operate it.
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { expect, it, onTestFinished, vi } from 'vitest';
import { createManualClock } from '../../tests/support/manual-clock.ts';
import { createMemoryBus } from '../bus/memory.ts';
import { AgentMetrics } from './agent-metrics.ts';
import type { AttemptRunner } from './attempt-runner.ts';
import { observeCallsWith } from './observed-attempt.ts';
import { createSimulatedRuntime } from './simulate.ts';
import { startAgent } from './start-agent.ts';

async function start(runtime?: AttemptRunner) {
  const clock = createManualClock();
  const bus = createMemoryBus(clock);
  const lines: Record<string, unknown>[] = [];
  const sink = new Writable({
    write(chunk, _encoding, done) {
      lines.push(JSON.parse(String(chunk)));
      done();
    },
  });
  const metrics = new AgentMetrics();
  const agent = await startAgent({
    agentId: 'agent_1',
    host: '127.0.0.1',
    port: 0,
    capabilities: ['data_analysis'],
    slots: 2,
    bus,
    clock,
    runtime: runtime ?? createSimulatedRuntime(clock),
    heartbeatIntervalMs: 10_000,
    heartbeatTtlMs: 60_000,
    attemptTimeoutMs: 600_000,
    secrets: [],
    logger: pino({ level: 'debug', base: { agent_id: 'agent_1' } }, sink),
    metrics,
  });
  onTestFinished(() => agent.stop({ deadlineMs: 0 }));
  const scrape = async () => {
    const answer = await fetch(`${agent.url}/metrics`);
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    return answer.text();
  };
  const execute = async (id: string, input_data: object) => {
    const subtask = { id, description: 'Do it', required_capabilities: ['data_analysis'], input_data };
    const answer = await fetch(`${agent.url}/execute`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ task_id: 'task_1', subtask, attempt: 3 }),
    });
    expect(answer.status).toBe(200);
  };
  return { agent, clock, metrics, lines, scrape, execute };
}

it('counts attempts by how they ended, and shows what runs', async () => {
  const { clock, scrape, execute } = await start();
  await execute('subtask_1', { duration_ms: 1_500 });
  await execute('subtask_2', { fail: 'cannot be done' });
  await vi.waitFor(async () =>
    expect(await scrape()).toContain('muster_agent_attempts_total{outcome="failed",error_code="unsuccessful"} 1\n'),
  );
  const during = await scrape();
  expect(during).toContain('muster_agent_running_attempts 1\n');
  expect(during).toContain('muster_agent_slots 2\n');
  expect(during).toContain('muster_agent_registered 1\n');
  clock.advance(1_500);
  await vi.waitFor(async () =>
    expect(await scrape()).toContain('muster_agent_attempts_total{outcome="completed",error_code=""} 1\n'),
  );
  const after = await scrape();
  expect(after).toContain('muster_agent_attempt_running_seconds_sum{outcome="completed"} 1.5\n');
  expect(after).toContain(
    'muster_http_request_duration_seconds_count{method="POST",route="/execute",status="200"} 2\n',
  );
  expect(after).toMatch(/^process_cpu_seconds_total /m);
});

it('shows the sessions of its runtime', async () => {
  const clock = createManualClock();
  const { scrape } = await start({ ...createSimulatedRuntime(clock), sessions: () => ({ warm: 2, working: 1 }) });
  const text = await scrape();
  expect(text).toContain('muster_agent_sessions{state="warm"} 2\n');
  expect(text).toContain('muster_agent_sessions{state="working"} 1\n');
});

it('names task, subtask, attempt and agent in each line about an attempt', async () => {
  const { lines, execute } = await start();
  await execute('subtask_1', { fail: 'cannot be done' });
  await vi.waitFor(() => expect(lines.map((line) => line.msg)).toContain('the attempt ended'));
  const names = { task_id: 'task_1', subtask_id: 'subtask_1', attempt: 3, agent_id: 'agent_1' };
  expect(lines).toContainEqual(expect.objectContaining({ ...names, msg: 'an attempt begins' }));
  expect(lines).toContainEqual(
    expect.objectContaining({ ...names, msg: 'the attempt ended', status: 'failed', error_code: 'unsuccessful' }),
  );
});

it('times tool calls by tool and outcome', async () => {
  const metrics = new AgentMetrics();
  const observe = observeCallsWith(metrics);
  observe({ tool: 'run_code', traceparent: null })('answered');
  observe({ tool: 'run_code', traceparent: null })('failed');
  const text = await metrics.registry.getSingleMetricAsString('muster_agent_tool_call_seconds');
  expect(text).toContain('muster_agent_tool_call_seconds_count{tool="run_code",outcome="answered"} 1');
  expect(text).toContain('muster_agent_tool_call_seconds_count{tool="run_code",outcome="failed"} 1');
});

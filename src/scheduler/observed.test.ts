// What the scheduler counts and says about the attempts that it gives out and takes back.
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { graph } from '../../tests/support/plans.ts';
import { eventually, openWorld, taskStatus, type World } from '../../tests/support/scheduler-world.ts';
import { startSpanReceiver } from '../../tests/support/span-receiver.ts';
import { openStore } from '../../tests/support/store.ts';
import type { Db } from '../store/db.ts';
import { ControlMetrics } from '../telemetry/control-metrics.ts';
import { startTracing } from '../telemetry/tracing-provider.ts';

let db: Db;
let world: World;
beforeAll(async () => {
  db = await openStore();
});
afterAll(() => db.close());
beforeEach(async () => {
  world = await openWorld(db);
});
afterEach(() => world.close());

/** A logger whose lines can be read. */
function listening() {
  const lines: Record<string, unknown>[] = [];
  const sink = new Writable({
    write(chunk, _encoding, done) {
      lines.push(JSON.parse(String(chunk)));
      done();
    },
  });
  return { lines, logger: pino({ level: 'info' }, sink) };
}

describe('the scheduler', () => {
  it('hands over within the trace that stands with the task, whoever submitted it', async () => {
    const collector = await startSpanReceiver();
    const stopTracing = startTracing({ endpoint: collector.url, serviceName: 'test' });
    onTestFinished(() => collector.close());
    await world.agent({ id: 'agent_1', capabilities: ['data_analysis'] });
    await world.scheduler();
    const [trace, span] = ['4bf92f3577b34da6a3ce929d0e0e4736', '00f067aa0ba902b7'];
    const traced = await world.submit(graph([]), { trace_parent: `00-${trace}-${span}-01` });
    const untraced = await world.submit(graph([]));
    for (const { id } of [traced, untraced])
      await eventually(async () => expect(await taskStatus(db, id)).toBe('completed'));
    await stopTracing();
    expect(collector.spans).toMatchObject([
      {
        name: 'subtask.dispatch',
        traceId: trace,
        parentSpanId: span,
        attributes: { 'muster.task_id': traced.id, 'muster.agent_id': 'agent_1', 'muster.answer': 'accepted' },
      },
    ]);
  });

  it('measures how long each subtask waited', async () => {
    const metrics = new ControlMetrics();
    await world.agent({ id: 'agent_1', capabilities: ['data_analysis'], slots: 2 });
    await world.scheduler({ metrics });
    const { id } = await world.submit(graph([], [], [0]));
    await eventually(async () => expect(await taskStatus(db, id)).toBe('completed'));
    const text = await metrics.registry.getSingleMetricAsString('muster_subtask_waiting_seconds');
    expect(text).toContain('muster_subtask_waiting_seconds_count 3');
    expect(text).toContain('muster_subtask_waiting_seconds_bucket{le="+Inf"} 3');
  });

  it('counts what an agent turned down and what it ends itself, and names both in the log', async () => {
    const metrics = new ControlMetrics();
    const { lines, logger } = listening();
    const agent = await world.agent({ id: 'agent_1', capabilities: ['data_analysis'] });
    agent.answer = 503;
    await world.scheduler({ metrics, logger });
    const { id, subtasks } = await world.submit(graph([]));
    await eventually(() => expect(lines.map((line) => line.msg)).toContain("the agent's answer is refused"));
    const concerned = { task_id: id, subtask_id: subtasks[0], agent_id: 'agent_1' };
    expect(lines.find((line) => String(line.msg).includes('refused'))).toMatchObject({ ...concerned, attempt: 1 });
    agent.answer = 400;
    await world.until(async () => {
      await agent.beat();
      expect(await taskStatus(db, id)).toBe('failed');
    });
    const taken = lines.filter((line) => line.msg === 'the attempt is ended on behalf of its agent');
    expect(taken).toHaveLength(3);
    expect(taken[0]).toMatchObject({ ...concerned, attempt: expect.any(Number), why: expect.stringContaining('400') });
    expect(lines).toContainEqual(expect.objectContaining({ task_id: id, msg: 'the task failed' }));
    const text = await metrics.registry.getSingleMetricAsString('muster_attempts_total');
    expect(text).toMatch(/muster_attempts_total\{outcome="released",error_code=""\} [1-9]/);
    expect(text).toContain('muster_attempts_total{outcome="failed_transient",error_code="crashed"} 2');
    expect(text).toContain('muster_attempts_total{outcome="failed_final",error_code="crashed"} 1');
    const ended = await metrics.registry.getSingleMetricAsString('muster_tasks_ended_total');
    expect(ended).toContain('muster_tasks_ended_total{status="failed"} 1');
  });
});

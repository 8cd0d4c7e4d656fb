// One real task in the embedded mode, traced from the request to the last tool call, and what is left of that when nothing
// is traced.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createClient } from '../../src/protocol/client.ts';
import { startMuster, type TestMuster } from '../support/muster.ts';
import { type ReceivedSpan, type SpanReceiver, startSpanReceiver } from '../support/span-receiver.ts';

let collector: SpanReceiver;
let muster: TestMuster | undefined;
beforeEach(async () => {
  collector = await startSpanReceiver();
});
afterEach(async () => {
  await muster?.stop();
  muster = undefined;
  await collector.close();
});

/** Runs the tasks, stops Muster, which sends the last spans, and returns those of each task. */
async function traced(settings: Record<string, string>, work: (url: string) => Promise<string[]>) {
  muster = await startMuster({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, ...settings });
  const ids = await work(muster.url);
  await muster.stop();
  muster = undefined;
  return ids.map((id) => collector.spans.filter((span) => span.attributes['muster.task_id'] === id));
}

const childrenOf = (parent: ReceivedSpan, name: string) =>
  collector.spans.filter((span) => span.parentSpanId === parent.spanId && span.name === name);

async function run(url: string, description: string): Promise<string> {
  const client = createClient({ url });
  const { task_id } = await client.submit({ description });
  expect((await client.wait(task_id)).task.status).toBe('completed');
  return task_id;
}

it('sends one tree of spans: submit, plan, dispatch, attempt, tool calls, summary', async () => {
  const [spans] = await traced({}, async (url) => [
    await run(url, 'Calculate sum of 1 to 10, then calculate product of 1 to 5, then combine results'),
  ]);
  const [submit, ...others] = spans!.filter((span) => span.name === 'task.submit');
  expect(others).toEqual([]);
  expect(submit?.parentSpanId ?? '').toBe('');
  expect(new Set(spans!.map((span) => span.traceId))).toEqual(new Set([submit!.traceId]));

  expect(childrenOf(submit!, 'task.plan')).toMatchObject([{ attributes: { 'muster.plan_source': 'model' } }]);
  expect(childrenOf(submit!, 'task.summary')).toHaveLength(1);
  const dispatches = childrenOf(submit!, 'subtask.dispatch');
  expect(dispatches).toHaveLength(3);
  for (const dispatch of dispatches) {
    const [attempt, ...more] = childrenOf(dispatch, 'subtask.attempt');
    expect(more).toEqual([]);
    const { 'muster.subtask_id': subtaskId, 'muster.attempt': nth } = dispatch.attributes;
    expect(attempt?.attributes).toMatchObject({
      'muster.subtask_id': subtaskId,
      'muster.attempt': nth,
      'muster.outcome': 'completed',
    });
    expect(attempt?.attributes['muster.agent_id']).toMatch(/^agent_[1-5]$/);
    expect(attempt?.attributes['muster.output_tokens']).toBeGreaterThan(0);
    // It goes on after the agent has said yes, and holds its tool calls.
    expect(BigInt(attempt!.endTimeUnixNano)).toBeGreaterThan(BigInt(dispatch.endTimeUnixNano));
  }
  const attempts = dispatches.flatMap((dispatch) => childrenOf(dispatch, 'subtask.attempt'));
  const calls = attempts.flatMap((attempt) => childrenOf(attempt, 'tool.run_code'));
  expect(calls.length).toBeGreaterThanOrEqual(2);
  expect(calls.map((call) => call.attributes['muster.tool'])).toContain('run_code');
  expect(new Set(collector.spans.map((span) => span.service))).toEqual(new Set(['muster']));
});

it("goes on in the caller's trace, keeps it with the task, and marks what failed", async () => {
  const caller = { trace: '4bf92f3577b34da6a3ce929d0e0e4736', span: '00f067aa0ba902b7' };
  const [spans] = await traced({ AGENT_RUNTIME: 'simulate', OTEL_SERVICE_NAME: 'my-muster' }, async (url) => {
    const step = {
      description: 'Fail in the end of it',
      required_capabilities: ['data_analysis'],
      input_data: { fail: 'no' },
    };
    const answer = await fetch(`${url}/tasks`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        traceparent: `00-${caller.trace}-${caller.span}-01`,
        prefer: 'respond-async',
      },
      body: JSON.stringify({ description: 'A task that fails', plan: { subtasks: [step] } }),
    });
    const { task_id } = (await answer.json()) as { task_id: string };
    expect((await createClient({ url }).wait(task_id)).task.status).toBe('failed');
    return [task_id];
  });
  const submit = spans!.find((span) => span.name === 'task.submit');
  expect(submit).toMatchObject({ traceId: caller.trace, parentSpanId: caller.span, service: 'my-muster' });
  const [dispatch] = childrenOf(submit!, 'subtask.dispatch');
  const [attempt] = childrenOf(dispatch!, 'subtask.attempt');
  expect(attempt).toMatchObject({
    traceId: caller.trace,
    status: { code: 2, message: 'no' },
    attributes: { 'muster.outcome': 'failed', 'muster.error_code': 'unsuccessful' },
  });
});

it('keeps and sends nothing when no endpoint is set', async () => {
  muster = await startMuster({ AGENT_RUNTIME: 'simulate' });
  const client = createClient({ url: muster.url });
  const subtasks = [{ description: 'Something to do', required_capabilities: ['data_analysis' as const] }];
  const answer = await fetch(`${muster.url}/tasks`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    },
    body: JSON.stringify({ description: 'An untraced task', plan: { subtasks } }),
  });
  const { task_id } = (await answer.json()) as { task_id: string };
  await client.wait(task_id);
  expect(collector.spans).toEqual([]);
});

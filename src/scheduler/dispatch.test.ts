import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { agent } from '../../tests/support/agents.ts';
import { createManualClock } from '../../tests/support/manual-clock.ts';
import { executeRequest } from '../protocol/agent-api.ts';
import type { ClaimedSubtask } from '../store/subtasks.ts';
import { dispatch } from './dispatch.ts';

const SUBTASK: ClaimedSubtask = {
  id: 'subtask_b',
  task_id: 'task_1',
  attempt: 3,
  agent_id: 'agent_1',
  description: 'Double the sum of the numbers',
  required_capabilities: ['data_analysis'],
  priority: 7,
  estimated_duration: null,
  input_data: { factor: 2 },
  reserved_usd: 0,
  reserved_turns: 0,
  user_id: 'tester',
  task_description: 'Sum the numbers, then double the sum',
  trace_parent: null,
  waited_seconds: 0.5,
  dependencies: [{ subtask_id: 'subtask_a', description: 'Sum', agent_id: 'agent_2', output: { sum: 55 } }],
};

let server: Server | undefined;

afterEach(async () => {
  server?.closeAllConnections();
  if (server?.listening) await new Promise((resolve) => server?.close(resolve));
});

async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  server = createServer(answer);
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const saying = (status: number, body: unknown) =>
  serve((_request, response) => void response.writeHead(status).end(JSON.stringify(body)));

const send = (url: string, given: Partial<Parameters<typeof dispatch>[2]> = {}) =>
  dispatch(agent({ url }), SUBTASK, {
    clock: createManualClock(),
    timeoutMs: 60_000,
    signal: new AbortController().signal,
    ...given,
  });

describe('dispatching a subtask', () => {
  it('sends what the agent needs, with the attempt and what the dependencies produced', async () => {
    let path = '';
    let body = '';
    const url = await serve(async (request, response) => {
      path = `${request.method} ${request.url}`;
      for await (const chunk of request) body += chunk;
      response.end(JSON.stringify({ status: 'accepted', agent_id: 'agent_1' }));
    });
    expect(await send(url)).toEqual({ outcome: 'accepted' });
    expect(path).toBe('POST /execute');
    expect(executeRequest.parse(JSON.parse(body))).toEqual({
      task_id: 'task_1',
      subtask: {
        id: 'subtask_b',
        description: 'Double the sum of the numbers',
        required_capabilities: ['data_analysis'],
        dependencies: ['subtask_a'],
        priority: 7,
        estimated_duration: null,
        input_data: { factor: 2 },
      },
      task_context: {
        description: 'Sum the numbers, then double the sum',
        user_id: 'tester',
        dependencies: { subtask_a: { description: 'Sum', agent_id: 'agent_2', output: { sum: 55 } } },
      },
      attempt: 3,
      deadline_ms: 60_000,
      caps: {},
    });
  });

  it.each([
    { status: 503, outcome: 'refused', meaning: 'it is busy or stopping' },
    { status: 400, outcome: 'rejected', meaning: 'the request is wrong' },
    { status: 413, outcome: 'rejected', meaning: 'the request will always be too large' },
    { status: 404, outcome: 'rejected', meaning: 'no agent serves there' },
    { status: 500, outcome: 'unknown', meaning: 'it may have been taken before something broke' },
    { status: 502, outcome: 'unknown', meaning: 'whatever stands between may have passed it on' },
  ])('is $outcome on $status: $meaning', async ({ status, outcome }) => {
    const url = await saying(status, { detail: 'the reason', code: 'x' });
    expect(await send(url)).toEqual({
      outcome,
      why: expect.stringMatching(new RegExp(`^agent_1 at ${url} answered ${status}: .*the reason`)),
    });
  });

  it('passes the trace on in its header, when there is one', async () => {
    const seen: unknown[] = [];
    const url = await serve((request, response) => {
      seen.push(request.headers.traceparent);
      response.end(JSON.stringify({ status: 'accepted', agent_id: 'agent_1' }));
    });
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    await send(url, { traceparent });
    await send(url, { traceparent: null });
    expect(seen).toEqual([traceparent, undefined]);
  });

  it('keeps only the beginning of a long answer', async () => {
    const answer = await send(await saying(503, 'x'.repeat(100_000)));
    expect(answer).toEqual({ outcome: 'refused', why: expect.any(String) });
    expect('why' in answer && answer.why.length).toBeLessThan(400);
  });

  it.each([
    { what: 'something that is not JSON', body: undefined },
    { what: 'JSON of another kind', body: { hello: 'world' } },
    { what: 'another agent, on a port that it took over', body: { status: 'accepted', agent_id: 'agent_2' } },
  ])('has an unknown outcome when $what answers 200', async ({ body }) => {
    expect((await send(await saying(200, body))).outcome).toBe('unknown');
  });

  it('is refused when nothing listens there', async () => {
    const url = await saying(200, {});
    await new Promise((resolve) => server?.close(resolve));
    expect(await send(url)).toEqual({ outcome: 'refused', why: expect.stringContaining('ECONNREFUSED') });
  });

  it('has an unknown outcome when the connection breaks off', async () => {
    const url = await serve((request) => request.socket.destroy());
    expect(await send(url)).toEqual({ outcome: 'unknown', why: expect.stringContaining(`agent_1 at ${url}`) });
  });

  it('has an unknown outcome when the answer breaks off in the middle', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write('{"status":');
      response.destroy();
    });
    expect((await send(url)).outcome).toBe('unknown');
  });

  it('has an unknown outcome when the address is none', async () => {
    expect((await send('not an address')).outcome).toBe('unknown');
  });

  it('gives up on an agent that does not answer in five seconds', async () => {
    const clock = createManualClock();
    const answer = send(await serve(() => {}), { clock });
    await once(server!, 'request');
    clock.advance(5_000);
    expect(await answer).toEqual({ outcome: 'unknown', why: expect.stringContaining('no answer in 5000 ms') });
  });

  it('gives up when the scheduler stops', async () => {
    const stopping = new AbortController();
    const answer = send(await serve(() => {}), { signal: stopping.signal });
    await once(server!, 'request');
    stopping.abort();
    expect((await answer).outcome).toBe('unknown');
  });

  it('does not even ask when the scheduler has stopped', async () => {
    let asked = 0;
    const url = await serve(() => {
      asked += 1;
    });
    expect((await send(url, { signal: AbortSignal.abort() })).outcome).toBe('unknown');
    expect(asked).toBe(0);
  });

  it('leaves neither a timer nor a listener behind', async () => {
    let timers = 0;
    const clock = createManualClock();
    const counting = {
      ...clock,
      after: (ms: number, callback: () => void) => {
        timers += 1;
        const cancel = clock.after(ms, callback);
        return () => {
          timers -= 1;
          cancel();
        };
      },
    };
    const { signal } = new AbortController();
    const listeners: string[] = [];
    signal.addEventListener = (type: string) => void listeners.push(type);
    signal.removeEventListener = (type: string) => void listeners.splice(listeners.indexOf(type), 1);
    const url = await saying(200, { status: 'accepted', agent_id: 'agent_1' });
    expect(await send(url, { clock: counting, signal })).toEqual({ outcome: 'accepted' });
    expect({ timers, listeners }).toEqual({ timers: 0, listeners: [] });
  });
});

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { agent } from '../../tests/support/agents.ts';
import { gate } from '../../tests/support/gate.ts';
import { createManualClock } from '../../tests/support/manual-clock.ts';
import type { ClaimedSubtask } from '../store/subtasks.ts';
import { Courier } from './courier.ts';

const TRACE = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

function letter(id: string, traceparent: string | null = null) {
  const subtask: ClaimedSubtask = {
    id: `subtask_${id}`,
    task_id: 'task_1',
    attempt: 1,
    agent_id: 'agent_1',
    description: 'Do one part of the work',
    required_capabilities: ['data_analysis'],
    priority: 5,
    estimated_duration: null,
    input_data: {},
    reserved_usd: 0,
    reserved_turns: 0,
    user_id: 'tester',
    task_description: 'All of the work',
    trace_parent: traceparent,
    waited_seconds: 0,
    dependencies: [],
  };
  return { subtask, traceparent };
}

type Serve = (path: string, body: { executions?: unknown[] }, response: ServerResponse) => void;

/** What was asked, in order: the path, and how many executions came with it. */
async function serving(serve: Serve) {
  const asked: string[] = [];
  const server = createServer(async (request: IncomingMessage, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    const body = JSON.parse(text);
    asked.push(`${request.url} ${body.executions?.length ?? 1}`);
    serve(request.url ?? '', body, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const stopping = new AbortController();
  const courier = new Courier({ clock: createManualClock(), timeoutMs: 60_000, signal: stopping.signal });
  const to = agent({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
  const carry = (...ids: string[]) => Promise.all(ids.map((id) => courier.carry(to, letter(id))));
  return { asked, carry, courier, to };
}

const accepted = (response: ServerResponse) =>
  response.end(JSON.stringify({ status: 'accepted', agent_id: 'agent_1' }));
const answers = (response: ServerResponse, given: unknown[], agent_id = 'agent_1') =>
  response.end(JSON.stringify({ agent_id, answers: given }));
const ACCEPTED = { status: 'accepted' };

it('brings what an agent is to have at once in one request, each with its trace', async () => {
  let executions: unknown[] = [];
  const { asked, courier, to } = await serving((_path, body, response) => {
    executions = body.executions ?? [];
    answers(response, [ACCEPTED, ACCEPTED]);
  });
  const carried = [courier.carry(to, letter('a')), courier.carry(to, letter('b', TRACE))];
  expect(await Promise.all(carried)).toEqual([{ outcome: 'accepted' }, { outcome: 'accepted' }]);
  expect(asked).toEqual(['/executions 2']);
  expect(executions).toMatchObject([
    { subtask: { id: 'subtask_a' } },
    { subtask: { id: 'subtask_b' }, traceparent: TRACE },
  ]);
  expect(executions[0]).not.toHaveProperty('traceparent');
});

it('brings a single one as ever, and what comes meanwhile in the next request', async () => {
  const first = gate();
  const { asked, carry } = await serving(async (path, body, response) => {
    if (path === '/execute') {
      await first.passed;
      accepted(response);
    } else
      answers(
        response,
        (body.executions ?? []).map(() => ACCEPTED),
      );
  });
  const early = carry('a');
  await new Promise<void>((resolve) => setImmediate(resolve));
  const late = carry('b', 'c', 'd');
  first.open();
  expect([...(await early), ...(await late)]).toEqual(Array(4).fill({ outcome: 'accepted' }));
  expect(asked).toEqual(['/execute 1', '/executions 3']);
});

it('tells what was taken from what was refused and from what will never run', async () => {
  const { carry } = await serving((_path, _body, response) =>
    answers(response, [
      ACCEPTED,
      { status: 'refused', code: 'busy', detail: 'no slot is free' },
      { status: 'refused', code: 'capability_mismatch', detail: 'it lacks web_scraping' },
    ]),
  );
  expect(await carry('a', 'b', 'c')).toEqual([
    { outcome: 'accepted' },
    { outcome: 'refused', why: expect.stringContaining('busy: no slot is free') },
    { outcome: 'rejected', why: expect.stringContaining('capability_mismatch: it lacks') },
  ]);
});

it.each([
  ['of another agent', (response: ServerResponse) => answers(response, [ACCEPTED, ACCEPTED], 'agent_2')],
  ['of another number', (response: ServerResponse) => answers(response, [ACCEPTED])],
  ['that is none', (response: ServerResponse) => response.end('hello')],
  ['of a service that broke', (response: ServerResponse) => response.writeHead(500).end('{}')],
  ['that breaks off', (response: ServerResponse) => response.destroy()],
])('an answer %s leaves open whether any was taken', async (_what, answer) => {
  const { carry } = await serving((_path, _body, response) => void answer(response));
  expect(await carry('a', 'b')).toEqual([
    { outcome: 'unknown', why: expect.stringContaining('agent_1') },
    { outcome: 'unknown', why: expect.stringContaining('agent_1') },
  ]);
});

it('brings each by itself to an agent that knows no other way, and does not ask it again', async () => {
  const { asked, carry } = await serving((path, _body, response) =>
    path === '/execute' ? accepted(response) : response.writeHead(404).end('{}'),
  );
  expect(await carry('a', 'b')).toEqual([{ outcome: 'accepted' }, { outcome: 'accepted' }]);
  expect(await carry('c', 'd')).toEqual([{ outcome: 'accepted' }, { outcome: 'accepted' }]);
  expect(asked).toEqual(['/executions 2', ...Array(4).fill('/execute 1')]);
});

it('brings each by itself when all of them together are refused, so that only the wrong one is', async () => {
  let taken = 0;
  const { carry } = await serving((path, _body, response) => {
    if (path === '/executions') return void response.writeHead(413).end('{}');
    taken += 1;
    if (taken === 1) response.writeHead(413).end('{}');
    else accepted(response);
  });
  const outcomes = (await carry('a', 'b', 'c')).map((answer) => answer.outcome);
  expect(outcomes.sort()).toEqual(['accepted', 'accepted', 'rejected']);
});

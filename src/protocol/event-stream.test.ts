import { describe, expect, it } from 'vitest';
import { ClientError } from './client-error.ts';
import { type EventSource, followTask, type TaskEvent } from './event-stream.ts';
import { MAX_RECONNECTS } from './sse.ts';

const event = (seq: number, type: TaskEvent['type']): TaskEvent => ({
  task_id: 'task_1',
  seq,
  type,
  subtask_id: null,
  data: {},
  created_at: '2026-01-02T03:04:05.000Z',
});
const frame = (e: TaskEvent) => `id: ${e.seq}\nevent: ${e.type}\ndata: ${JSON.stringify(e)}\n\n`;
const stream = (...events: TaskEvent[]) => new Response(events.map(frame).join(''));
const refused = () => new ClientError({ status: null, code: 'unreachable', detail: 'refused' });

/** A source that gives these connections one after the other, and throws those that are errors. */
function source(connections: (Response | Error)[], statuses: Awaited<ReturnType<EventSource['status']>>[] = []) {
  const asked: number[] = [];
  const waited: number[] = [];
  const self: EventSource = {
    async connect(after) {
      asked.push(after);
      const connection = connections.shift() ?? refused();
      if (connection instanceof Error) throw connection;
      return connection;
    },
    status: async () => statuses.shift() ?? 'in_progress',
    wait: async (ms) => void waited.push(ms),
  };
  return { self, asked, waited };
}

async function collect(events: AsyncIterable<TaskEvent>): Promise<number[]> {
  const seen: number[] = [];
  for await (const e of events) seen.push(e.seq);
  return seen;
}

describe('followTask', () => {
  it('skips events that a new connection repeats', async () => {
    const { self, asked } = source([
      stream(event(1, 'task.created'), event(2, 'task.planned')),
      stream(event(1, 'task.created'), event(2, 'task.planned'), event(3, 'task.completed')),
    ]);
    expect(await collect(followTask(self, 0))).toEqual([1, 2, 3]);
    expect(asked).toEqual([0, 2]);
  });

  it('goes on past the failure of a task that was retried since', async () => {
    const failed = stream(event(1, 'task.failed'), event(2, 'task.retried'), event(3, 'task.completed'));
    expect(await collect(followTask(source([failed], ['completed']).self, 0))).toEqual([1, 2, 3]);
  });

  it('ends with the failure of a task that stayed failed', async () => {
    const failed = stream(event(1, 'task.failed'));
    expect(await collect(followTask(source([failed], ['failed']).self, 0))).toEqual([1]);
  });

  it('ends when there is nothing left to come because the task ended before', async () => {
    expect(await collect(followTask(source([stream()], ['cancelled']).self, 7))).toEqual([]);
  });

  it('treats an answer without a body as a connection that ended', async () => {
    const { self } = source([new Response(null), stream(event(1, 'task.cancelled'))]);
    expect(await collect(followTask(self, 0))).toEqual([1]);
  });

  it('ignores comments and event names it does not know', async () => {
    const noisy = new Response(`: ping\n\nevent: ping\ndata: {}\n\ndata: {}\n\n${frame(event(1, 'task.completed'))}`);
    expect(await collect(followTask(source([noisy]).self, 0))).toEqual([1]);
  });

  it('throws on an event whose data is not one of ours', async () => {
    const wrong = new Response('event: task.completed\ndata: {"seq":"one"}\n\n');
    await expect(collect(followTask(source([wrong]).self, 0))).rejects.toMatchObject({ code: 'invalid_response' });
  });

  it('does not retry the first connection', async () => {
    const { self, waited } = source([refused()]);
    await expect(collect(followTask(self, 0))).rejects.toMatchObject({ code: 'unreachable' });
    expect(waited).toEqual([]);
  });

  it('backs off up to five seconds between failures and then gives up', async () => {
    const { self, asked, waited } = source([stream(event(1, 'task.created'))]);
    await expect(collect(followTask(self, 0))).rejects.toMatchObject({ code: 'unreachable' });
    expect(asked).toHaveLength(1 + MAX_RECONNECTS + 1);
    expect(Math.max(...waited)).toBe(5_000);
    expect(waited[1]).toBeLessThanOrEqual(1_000);
  });

  it('does not repeat a connection that was turned down for good', async () => {
    const gone = new ClientError({ status: 404, code: 'not_found', detail: 'gone' });
    const { self, asked } = source([stream(event(1, 'task.created')), gone]);
    await expect(collect(followTask(self, 0))).rejects.toBe(gone);
    expect(asked).toEqual([0, 1]);
  });
});

// Cancelling what runs: the model call stops and its process is gone, at once and for good.
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { createClient } from '../../src/protocol/client.ts';
import { startMuster, type TestMuster } from '../support/muster.ts';
import { isAlive, sessionsOf } from '../support/processes.ts';

let muster: TestMuster;

beforeAll(async () => {
  muster = await startMuster({ AGENT_WARM_SESSIONS: 'false' });
});
afterAll(() => muster.stop());

it('kills the session of a running attempt within 5 s, and the agent is free again', async () => {
  const client = createClient({ url: muster.url });
  const { task_id } = await client.submit({ description: 'Wait 60 seconds' });
  await vi.waitFor(() => expect(sessionsOf(process.pid)).not.toEqual([]), { timeout: 10_000, interval: 50 });
  const sessions = sessionsOf(process.pid);
  expect(await client.cancel(task_id)).toMatchObject({ status: 'cancelled' });
  await vi.waitFor(() => expect(sessions.filter((one) => isAlive(one.pid))).toEqual([]), { timeout: 5_000 });
  const { task, subtask_results } = await client.getTask(task_id);
  expect(task.status).toBe('cancelled');
  expect(task.subtasks.map((subtask) => subtask.status)).toEqual(['cancelled']);
  expect(subtask_results).toEqual([]);
  await vi.waitFor(async () => expect((await client.agents()).every((agent) => agent.is_available)).toBe(true), {
    timeout: 5_000,
  });
});

import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Fixture, openFixture } from '../../../tests/contract/orchestrator-fixture.ts';
import { createManualClock, type ManualClock } from '../../../tests/support/manual-clock.ts';
import { cancelTask } from '../../store/tasks.ts';
import { ANYBODY } from '../caller.ts';
import type { Progress } from './tool.ts';
import { type WaitingCall, waitForTask } from './wait.ts';

let service: Fixture;
beforeAll(async () => {
  service = await openFixture();
});
afterAll(() => service.close());

/** A wait on a bus that tells nothing, in a time that the test moves. */
function startWait(taskId: string, timeoutMs: number) {
  const clock = createManualClock();
  const heard: Progress[] = [];
  const ended = new AbortController();
  const bus = Object.assign(Object.create(service.deps.bus), {
    subscribe: () => Promise.reject(new Error('the bus is gone')),
  });
  const call: WaitingCall = {
    parts: { ...service.deps, bus, clock, stopping: new AbortController().signal },
    caller: ANYBODY,
    gone: ended.signal,
    hearCancellation: async () => () => undefined,
    report: async (progress) => void heard.push(progress),
  };
  return { clock, heard, leave: () => ended.abort(), state: waitForTask(call, { taskId, timeoutMs }) };
}

/** Moves time on, second by second, until the wait has ended. Resolves to the seconds that it took. */
async function pass(clock: ManualClock, state: Promise<unknown>): Promise<number> {
  const start = clock.now().getTime();
  let isOver = false;
  const over = state.then(() => {
    isOver = true;
  });
  await vi.waitUntil(
    () => {
      if (!isOver) clock.advance(1_000);
      return isOver;
    },
    { interval: 1, timeout: 20_000 },
  );
  await over;
  return (clock.now().getTime() - start) / 1_000;
}

describe('a wait whose notices are lost', () => {
  it('looks by itself, and ends with the task', async () => {
    const taskId = await service.submit({ description: 'Calculate factorial of 10' });
    const { clock, state } = startWait(taskId, 600_000);
    await cancelTask(service.deps.db, taskId);
    await pass(clock, state);
    expect(await state).toMatchObject({ status: 'cancelled', ended: true });
  });

  it('says what it said again after a silence, and ends in time', async () => {
    const taskId = await service.submit({ description: 'Calculate factorial of 10' });
    const { clock, state, heard } = startWait(taskId, 60_000);
    expect(await pass(clock, state)).toBeGreaterThanOrEqual(60);
    expect(await state).toMatchObject({ status: 'in_progress', ended: false });
    expect(heard.length).toBeGreaterThanOrEqual(2);
    expect(new Set(heard.map(({ message }) => message))).toEqual(new Set(['0 of 1 subtasks completed']));
  });

  it('ends when nobody waits for it', async () => {
    const taskId = await service.submit({ description: 'Calculate factorial of 10' });
    const { state, leave } = startWait(taskId, 600_000);
    leave();
    expect(await state).toMatchObject({ ended: false });
  });

  it('rejects when the task is gone', async () => {
    await expect(startWait('task_none', 600_000).state).rejects.toMatchObject({ code: 'not_found', field: 'task_id' });
  });
});

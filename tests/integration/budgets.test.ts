// Budgets in a whole system: agents that work at once share what a task may use, and a retry with more goes on.
import { afterEach, expect, it } from 'vitest';
import { createClient } from '../../src/protocol/client.ts';
import { startMuster, type TestMuster } from '../support/muster.ts';

let muster: TestMuster | undefined;
afterEach(() => muster?.stop());

async function start(settings: Record<string, string> = {}) {
  muster = await startMuster(settings);
  return createClient({ url: muster.url });
}

const steps = (descriptions: readonly string[], input_data: object = {}) => ({
  subtasks: descriptions.map((description, nth) => ({
    description,
    required_capabilities: [nth % 2 ? 'data_analysis' : 'code_generation'],
    input_data,
  })),
});

it('holds with five agents at work, and the task goes on with a larger one', async () => {
  const client = await start({ AGENT_RUNTIME: 'simulate' });
  const plan = steps(
    Array.from({ length: 8 }, (_, nth) => `Calculate part ${nth} of the whole`),
    { cost_usd: 0.025, turns: 2 },
  );
  const created = await client.submit({ description: 'Calculate the whole in parts', plan, budget_usd: 0.11 });
  const failed = await client.wait(created.task_id);
  const costs = (results: typeof failed.subtask_results) => results.reduce((sum, result) => sum + result.cost_usd, 0);
  expect(failed.task).toMatchObject({ status: 'failed', error: expect.stringContaining('of $0.11') });
  expect(costs(failed.subtask_results)).toBeLessThanOrEqual(0.11 + 1e-9);
  expect(failed.task.spent_usd).toBeCloseTo(costs(failed.subtask_results), 6);
  const kept = failed.task.subtasks.filter((subtask) => subtask.status === 'completed').length;
  expect(kept).toBeGreaterThan(0);
  await expect(client.retry(created.task_id)).rejects.toMatchObject({ status: 409, field: 'budget_usd' });
  await client.retry(created.task_id, { budget_usd: 1 });
  const { task, subtask_results } = await client.wait(created.task_id);
  expect(task).toMatchObject({ status: 'completed', budget_usd: 1 });
  expect(subtask_results.filter((result) => result.status === 'completed')).toHaveLength(8);
  expect(costs(subtask_results)).toBeLessThan(1);
});

it('ends attempts of the real Agent SDK at the turns that are left', async () => {
  const client = await start();
  const plan = steps(['Calculate factorial of 10', 'Calculate factorial of 11']);
  const created = await client.submit({ description: 'Calculate two factorials', plan, max_turns: 3 });
  const failed = await client.wait(created.task_id);
  expect(failed.task).toMatchObject({
    status: 'failed',
    spent_turns: 3,
    error: expect.stringContaining('3 of 3 turns'),
  });
  expect(failed.subtask_results.map((result) => [result.status, result.error_code, result.turns])).toEqual([
    ['completed', null, 2],
    ['failed', 'max_turns', 1],
  ]);
  await client.retry(created.task_id, { max_turns: 10 });
  expect((await client.wait(created.task_id)).task).toMatchObject({ status: 'completed', spent_turns: 5 });
});

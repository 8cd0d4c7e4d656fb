// The main job: a sentence goes in over HTTP, the real SDKs plan it and work on it against the offline model, one result
// comes out.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createClient } from '../../src/protocol/client.ts';
import { startMuster, type TestMuster } from '../support/muster.ts';

let muster: TestMuster;

beforeAll(async () => {
  muster = await startMuster();
});
afterAll(() => muster.stop());

async function run(description: string, files: { name: string; content: string }[] = []) {
  const client = createClient({ url: muster.url });
  const { task_id } = await client.submit({ description, files });
  const { task, subtask_results } = await client.wait(task_id);
  return { task, results: subtask_results, text: JSON.stringify(task.result) };
}

it('calculates a factorial in one subtask', async () => {
  const { task, results, text } = await run('Calculate factorial of 10');
  expect(task.status).toBe('completed');
  expect(task.plan_source).toBe('model');
  expect(task.subtasks).toHaveLength(1);
  expect(text).toContain('3628800');
  expect(results[0]).toMatchObject({ status: 'completed', attempt: 1 });
  expect(results[0]?.input_tokens).toBeGreaterThan(0);
  expect(results[0]?.cost_usd).toBe(0);
});

it('does a simple sum', async () => {
  const { task, text } = await run('Simple calculation: 2 + 2');
  expect(task.status).toBe('completed');
  expect(text).toMatch(/\b4\b/);
});

it('runs independent calculations in parallel', async () => {
  const { task, text } = await run('Calculate factorial of 5 and calculate fibonacci of 10 independently');
  expect(task.status).toBe('completed');
  expect(task.subtasks.map((subtask) => subtask.dependencies)).toEqual([[], []]);
  expect(text).toContain('120');
  expect(text).toContain('55');
});

it('hands results on to the step that combines them', async () => {
  const { task, results, text } = await run(
    'Calculate sum of 1 to 10, then calculate product of 1 to 5, then combine results',
  );
  expect(task.status).toBe('completed');
  expect(task.subtasks).toHaveLength(3);
  expect(results).toHaveLength(3);
  expect(text).toContain('55');
  expect(text).toContain('120');
  expect(text).toContain('175');
});

it('runs a chain of three from a file to a report', async () => {
  const { task } = await run(
    'First read data from file, then analyze the data, finally generate a report based on analysis',
    [{ name: 'data.csv', content: 'day,temperature\nmon,10\ntue,14\nwed,18\n' }],
  );
  expect(task.status).toBe('completed');
  expect(task.subtasks).toHaveLength(3);
  const [first, second, third] = task.subtasks;
  expect(second?.dependencies).toEqual([first?.id]);
  expect(third?.dependencies).toContain(second?.id);
  const report = await readFile(join(muster.folder, 'files', task.id, 'output', 'report.md'), 'utf8');
  expect(report).toContain('14');
});

it('plans fetch, analyse and report in order, and says plainly what it could not reach', async () => {
  const { task, text } = await run(
    'Fetch weather data from API, analyze temperature trends, and create summary report',
  );
  expect(task.status).toBe('completed');
  expect(task.subtasks).toHaveLength(3);
  const starts = task.subtasks.map((subtask) => Date.parse(subtask.started_at ?? ''));
  expect([...starts].sort((a, b) => a - b)).toEqual(starts);
  expect(text).toContain('offline model');
});

it('computes statistics of an attached CSV', async () => {
  const { task, text } = await run('Compute the statistics of the attached CSV', [
    { name: 'sales.csv', content: 'item,amount\na,10\nb,20\nc,60\n' },
  ]);
  expect(task.status).toBe('completed');
  expect(text).toContain('"mean":30');
});

it('writes a file that the API gives back', async () => {
  const { task } = await run('Write "hello crew" to a file called greeting.txt');
  expect(task.status).toBe('completed');
  const client = createClient({ url: muster.url });
  expect((await client.files(task.id)).map((file) => file.path)).toContain('output/greeting.txt');
  expect(Buffer.from(await client.readFile(task.id, 'output/greeting.txt')).toString()).toBe('hello crew');
});

it('answers a question in SQL from the workspace', async () => {
  await run('Run this SQL: create table cities (name text, people int)');
  await run("Run this SQL: insert into cities values ('Bern', 134000), ('Thun', 43000)");
  const { task, text } = await run('Run this SQL: select sum(people) as people from cities');
  expect(task.status).toBe('completed');
  expect(text).toContain('177000');
});

it('completes what the offline model cannot do with a plain statement of that', async () => {
  const { task, text } = await run('Compose a sonnet about the loneliness of lighthouses');
  expect(task.status).toBe('completed');
  expect(text).toContain('offline model');
  expect(text).toContain('ANTHROPIC_API_KEY');
});

it('finds earlier results of the same user', async () => {
  await run('Calculate factorial of 12');
  const { text } = await run('Search earlier results for factorial');
  expect(text).toContain('factorial');
  expect(text).toMatch(/479001600/);
});

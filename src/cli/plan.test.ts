// `muster plan`: what is sent, and what a person, a file and a program get to see of the plan.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { captureIo, type Surroundings } from '../../tests/support/captured-io.ts';
import {
  aStep,
  type ScriptedOrchestrator,
  startScriptedOrchestrator,
} from '../../tests/support/scripted-orchestrator.ts';
import { run } from './program.ts';

let server: ScriptedOrchestrator;
let folder: string;
beforeEach(async () => {
  server = await startScriptedOrchestrator();
  folder = await mkdtemp(join(tmpdir(), 'muster-plan-'));
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

async function muster(args: string[], surroundings: Surroundings = {}) {
  const io = captureIo({ ...surroundings, env: { ORCHESTRATOR_URL: server.url } });
  return { code: await run(args, io), io };
}

it('shows the graph on a terminal', async () => {
  const { code, io } = await muster(['plan', 'Sum, then double it'], { terminal: { columns: 90, rows: 20 } });
  expect(code).toBe(0);
  expect(io.out().split('\n')).toEqual([
    '#  AFTER  CAPABILITIES   PRIORITY  TAKES  DESCRIPTION',
    '0         data_analysis         5         Calculate sum of 1 to 10',
    '1  0      data_analysis         5   30 s  Double the sum',
    '',
  ]);
  expect(io.err()).toBe('2 subtask(s); planning used 700 + 90 tokens\n');
});

it.each([[[], undefined] as const, [['--json'], { columns: 90, rows: 20 }] as const])(
  'prints to a file, or with --json, what submit takes (%j)',
  async (more, terminal) => {
    const planned = await muster(['plan', 'Sum, then double it', ...more], { ...(terminal && { terminal }) });
    const path = join(folder, 'plan.json');
    await writeFile(path, planned.io.out());
    expect((await muster(['submit', 'Sum, then double it', '--plan', path])).code).toBe(0);
    expect(server.requests[1]?.body).toEqual({
      description: 'Sum, then double it',
      plan: {
        subtasks: [aStep(), aStep({ description: 'Double the sum', dependencies: [0], estimated_duration: 30 })],
      },
    });
  },
);

it('sends names and sizes of files, and what is piped in', async () => {
  const path = join(folder, 'data.csv');
  await writeFile(path, 'x\n1\n');
  await muster(['plan', '-', '--user', 'ada', '--file', path], { piped: 'Statistics of the table\n' });
  expect(server.requests[0]?.body).toEqual({
    description: 'Statistics of the table',
    user_id: 'ada',
    files: [{ name: 'data.csv', bytes: 4 }],
  });
  const missing = await muster(['plan', 'Statistics of the table', '--file', `${path}x`]);
  expect([missing.code, missing.io.err()]).toEqual([2, expect.stringContaining('there is no such file')]);
  expect((await muster(['plan'])).io.err()).toContain('muster plan "Calculate 2 + 2"');
});

it('says when the model gave no plan', async () => {
  const body = { plan: { subtasks: [aStep()] }, source: 'fallback', input_tokens: 0, output_tokens: 0 };
  server.next('POST /plans', { status: 200, body });
  expect((await muster(['plan', 'Sum, then double it'])).io.err()).toContain('this is the fallback');
});

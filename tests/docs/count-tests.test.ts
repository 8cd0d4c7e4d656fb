// The last line of the pipeline is what people go by: it counts what happened, and never calls a broken run clean.
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';

const SCRIPT = fileURLToPath(new URL('../../scripts/count-tests.mjs', import.meta.url));

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muster-count-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function lineFor(report: unknown): Promise<string> {
  const path = join(folder, 'report.json');
  await writeFile(path, typeof report === 'string' ? report : JSON.stringify(report));
  return execFileSync(process.execPath, [SCRIPT, path], { encoding: 'utf8' });
}

function file(status: string, ...tests: string[]) {
  return { status, assertionResults: tests.map((each) => ({ status: each })) };
}

it('counts what passed and what failed', async () => {
  const testResults = [file('passed', 'passed', 'passed'), file('failed', 'passed', 'failed', 'skipped')];
  expect(await lineFor({ success: false, numPassedTests: 3, testResults })).toBe('3 passed, 1 failed\n');
});

it('counts a file that could not be loaded as a failure', async () => {
  const testResults = [file('passed', 'passed'), file('failed')];
  expect(await lineFor({ success: false, numPassedTests: 1, testResults })).toBe('1 passed, 1 failed\n');
});

it('counts a run that failed without a failed test as a failure', async () => {
  expect(await lineFor({ success: false, numPassedTests: 1, testResults: [file('passed', 'passed')] })).toBe(
    '1 passed, 1 failed\n',
  );
});

it.each(['', '{"numPassedTests": 3', '{}'])('counts a run that left the report %j as a failure', async (report) => {
  expect(await lineFor(report)).toBe('0 passed, 1 failed\n');
});

it('sums the reports of several runs', async () => {
  const report = { success: true, numPassedTests: 2, testResults: [file('passed', 'passed', 'passed')] };
  const paths = ['one.json', 'two.json'].map((name) => join(folder, name));
  for (const path of paths) await writeFile(path, JSON.stringify(report));
  expect(execFileSync(process.execPath, [SCRIPT, ...paths], { encoding: 'utf8' })).toBe('4 passed, 0 failed\n');
  expect(execFileSync(process.execPath, [SCRIPT, ...paths, 'missing.json'], { encoding: 'utf8' })).toBe(
    '4 passed, 1 failed\n',
  );
});

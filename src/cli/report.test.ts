// What a command says when it fails: to a person, with --verbose, and to a program.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { captureIo } from '../../tests/support/captured-io.ts';
import { freePort } from '../../tests/support/processes.ts';
import { type ScriptedOrchestrator, startScriptedOrchestrator } from '../../tests/support/scripted-orchestrator.ts';
import { run } from './program.ts';

let server: ScriptedOrchestrator;
beforeEach(async () => {
  server = await startScriptedOrchestrator();
});
afterEach(() => server.close());

async function fail(args: string[], url = server.url) {
  const io = captureIo({ env: { ORCHESTRATOR_URL: url } });
  const code = await run(args, io);
  expect(io.out()).toBe('');
  return { code, err: io.err() };
}

describe('with --json', () => {
  it.each([
    [
      ['show', 'task_9', '--json'],
      1,
      { code: 'not_found', message: 'task_id: no such task', field: 'task_id', status: 404 },
    ],
    [['tasks', '--json', '--limit', '0'], 2, { code: 'usage', message: expect.stringContaining('from 1 to 200') }],
    [['--json', 'fly'], 2, { code: 'usage', message: expect.stringContaining('--json') }],
    [['submit', '--json'], 2, { code: 'usage', message: expect.stringContaining('no description') }],
    [['agents', '--json', '--url', 'nowhere'], 2, { code: 'usage', message: expect.stringContaining('is no address') }],
  ])('%j fails with one line of JSON', async (args, code, error) => {
    const failed = await fail(args);
    expect(failed.code).toBe(code);
    expect(failed.err).toMatch(/^[^\n]+\n$/);
    expect(JSON.parse(failed.err)).toEqual({ error: expect.objectContaining(error) });
  });

  it('names the code of a connection that could not be made, and the stack only when asked', async () => {
    const nowhere = `http://127.0.0.1:${await freePort()}`;
    const { err } = await fail(['agents', '--json'], nowhere);
    expect(JSON.parse(err).error).toEqual({
      code: 'unreachable',
      message: expect.stringContaining(`cannot reach Muster at ${nowhere}`),
      status: null,
    });
    const verbose = await fail(['agents', '--json', '--verbose'], nowhere);
    expect(JSON.parse(verbose.err).error.stack).toMatch(/ECONNREFUSED[\s\S]*\n {4}at /);
  });

  it('leaves alone what comes after --', async () => {
    const { err } = await fail(['show', '--', '--json']);
    expect(err).toMatch(/^muster: /);
  });
});

it('says with --verbose what lies behind an error', async () => {
  const { err } = await fail(['agents', '--verbose'], `http://127.0.0.1:${await freePort()}`);
  const [first, ...more] = err.split('\n');
  expect(first).toMatch(/^muster: cannot reach Muster/);
  expect(more.join('\n')).toMatch(/ClientError: cannot reach[\s\S]*\n {4}at [\s\S]*\[cause\][\s\S]*ECONNREFUSED/);
});

// What a Tab offers, and that shells which load the scripts offer it.
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { captureIo } from '../../tests/support/captured-io.ts';
import {
  aCompletedTask,
  anAgent,
  type ScriptedOrchestrator,
  startScriptedOrchestrator,
} from '../../tests/support/scripted-orchestrator.ts';
import { SCRIPTS } from './completion-scripts.ts';
import { run } from './program.ts';

let server: ScriptedOrchestrator;
beforeEach(async () => {
  server = await startScriptedOrchestrator();
  server.tasks.set('task_1', aCompletedTask());
  server.agents.push(anAgent());
});
afterEach(() => server.close());

async function muster(...args: string[]) {
  const io = captureIo({ env: { ORCHESTRATOR_URL: server.url } });
  const code = await run(args, io);
  return { code, out: io.out(), err: io.err() };
}

const valuesOf = (out: string) => out.split('\n').flatMap((line) => (line ? [line.split('\t')[0]] : []));

async function offered(...words: string[]): Promise<unknown[]> {
  const { code, out, err } = await muster('complete', '--', ...words);
  expect([code, err]).toEqual([0, '']);
  return valuesOf(out);
}

it.each([
  [['ta'], ['tasks']],
  [['nonsense'], []],
  [
    ['keys', ''],
    ['create', 'list', 'revoke', 'help'],
  ],
  [['--verbose', 'ke'], ['keys']],
  [['--url', 'http://h:1', 'ke'], ['keys']],
  [['tasks', '--sta'], ['--status']],
  [
    ['tasks', '--status', ''],
    ['pending', 'in_progress', 'completed', 'failed', 'cancelled'],
  ],
  [
    ['tasks', '--status', 'c'],
    ['completed', 'cancelled'],
  ],
  [['tasks', '--status', '=', 'f'], ['failed']],
  [
    ['tasks', '--status', '='],
    ['pending', 'in_progress', 'completed', 'failed', 'cancelled'],
  ],
  [['tasks', '--status=f'], ['--status=failed']],
  [['tasks', '--status', 'failed', '--verb'], ['--verbose']],
  [['tasks', '--status', 'failed', ''], []],
  [['keys', 'create', '--role', 's'], ['submit']],
  [['show', ''], ['task_1']],
  [['show', 'task_1', ''], []],
  [['show', '--', ''], ['task_1']],
  [['logs', '--agent', ''], ['agent_1']],
  [['logs', '--follow', 'task'], ['task_1']],
  [['submit', 'Read it', '--file', ''], [':files']],
  [['submit', '--file', 'a.csv', ''], [':files']],
  [['submit', '--plan', 'a.json', ''], []],
  [
    ['completion', ''],
    ['bash', 'zsh', 'fish'],
  ],
])('offers for %j %j', async (words, values) => expect(await offered(...words)).toEqual(values));

it('offers every command but the one for shells, each with its description', async () => {
  const { out } = await muster('complete', '--', '');
  const help = (await muster('--help')).out;
  const named = [...help.matchAll(/^ {2}([a-z]+)(?: .*)? {2,}/gm)].map(([, name]) => name);
  expect(valuesOf(out)).toEqual(expect.arrayContaining(named));
  expect(out).toContain('tasks\tlist tasks, newest first\n');
  expect(valuesOf(out)).not.toContain('complete');
});

it('offers no ids, and says nothing, when the orchestrator is away or refuses', async () => {
  server.next('GET /tasks', { status: 401, body: { detail: 'no', code: 'unauthorized' } });
  expect(await offered('show', '')).toEqual([]);
  await server.close();
  expect(await offered('show', '')).toEqual([]);
  server = await startScriptedOrchestrator();
});

describe('the script', () => {
  let folder: string;
  let env: NodeJS.ProcessEnv;
  /** Stands for the program: writes down what it was asked with, and answers two candidates and files. */
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'muster-shells-'));
    const program = `#!/bin/sh\nprintf '<%s>' "$@" > '${folder}/asked'\nprintf 'submit\\tsubmit a task\\nsubmit:all\\tmany\\n:files\\n'\n`;
    await writeFile(join(folder, 'muster'), program);
    await chmod(join(folder, 'muster'), 0o755);
    env = { PATH: `${folder}${delimiter}${process.env.PATH}`, HOME: folder, TERM: 'dumb' };
    for (const [shell, text] of Object.entries(SCRIPTS)) await writeFile(join(folder, `muster.${shell}`), text);
  });
  afterAll(() => rm(folder, { recursive: true }));

  const asked = () => readFile(join(folder, 'asked'), 'utf8');
  const sh = async (shell: string, args: string[]) =>
    (await promisify(execFile)(shell, args, { env, cwd: folder })).stdout;
  const isThere = async (shell: string) =>
    sh(shell, ['-c', 'echo 1']).then(
      () => true,
      () => false,
    );

  it('is printed', async () => {
    for (const shell of ['bash', 'zsh', 'fish'] as const)
      expect((await muster('completion', shell)).out).toBe(SCRIPTS[shell]);
    expect((await muster('completion', 'tcsh')).code).toBe(2);
  });

  it('for bash asks with every word up to the cursor, runs none of them, and can be loaded twice', async () => {
    const text = `
      source ./muster.bash; source ./muster.bash
      compopt() { echo "compopt $*"; }
      COMP_WORDS=(muster logs '$(touch harm)' su later); COMP_CWORD=3
      _muster; printf '%s\\n' "\${COMPREPLY[@]}"; complete -p muster`;
    expect((await sh('bash', ['-c', text])).split('\n')).toEqual([
      'compopt -o default',
      'submit',
      'submit:all',
      'complete -F _muster muster',
      '',
    ]);
    expect(await asked()).toBe('<complete><--><logs><$(touch harm)><su>');
    expect(await readFile(join(folder, 'harm')).catch(() => null)).toBeNull();
  });

  it('for zsh does the same', async ({ skip }) => {
    if (!(await isThere('zsh'))) return skip('zsh is not installed');
    const text = `
      compdef() { print "compdef $*" }; _files() { print files }
      _describe() { print -rl -- "\${(@P)3}" }
      source ./muster.zsh
      words=(muster logs '$(touch harm)' su later); CURRENT=4
      _muster`;
    expect((await sh('zsh', ['-f', '-c', text])).split('\n')).toEqual([
      'compdef _muster muster',
      'files',
      'submit:submit a task',
      'submit\\:all:many',
      '',
    ]);
    expect(await asked()).toBe('<complete><--><logs><$(touch harm)><su>');
  });

  it('for fish does the same', async ({ skip }) => {
    if (!(await isThere('fish'))) return skip('fish is not installed');
    await writeFile(join(folder, 'file.csv'), '');
    const text = `source ./muster.fish; complete -C 'muster logs "\\$(touch harm)" '`;
    expect((await sh('fish', ['--no-config', '-c', text])).split('\n')).toEqual(
      expect.arrayContaining(['submit\tsubmit a task', 'submit:all\tmany', expect.stringMatching(/^file\.csv/)]),
    );
    expect(await asked()).toMatch(/^<complete><--><logs><.*touch harm.*><>$/);
    expect(await readFile(join(folder, 'harm')).catch(() => null)).toBeNull();
  });
});

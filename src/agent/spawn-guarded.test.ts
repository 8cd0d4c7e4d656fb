import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { isAlive } from '../../tests/support/processes.ts';
import { spawnGuarded } from './spawn-guarded.ts';

describe.skipIf(process.platform === 'win32')('a guarded child', () => {
  it('speaks over its pipes and reports its exit', async () => {
    const child = start('read line; echo "got $line"; exit 3');
    child.stdin.write('hello\n');
    const [text] = await once(child.stdout, 'data');
    expect(String(text)).toBe('got hello\n');
    await child.gone;
    expect(child.exitCode).toBe(3);
  });

  it('takes what it started with it when it is killed', async () => {
    const child = start('sleep 1000 & echo $!; wait');
    const grandchild = Number((await once(child.stdout, 'data'))[0]);
    expect(isAlive(grandchild)).toBe(true);
    child.killGroup();
    await child.gone;
    expect(child.signalCode).toBe('SIGKILL');
    await vi.waitFor(() => expect(isAlive(grandchild)).toBe(false), 3_000);
  });

  it('leaves nothing behind when it exits by itself', async () => {
    const child = start('sleep 1000 & echo $!');
    const grandchild = Number((await once(child.stdout, 'data'))[0]);
    await child.gone;
    await vi.waitFor(() => expect(isAlive(grandchild)).toBe(false), 3_000);
  });

  it('takes its folder with it, which it may still be writing to', async () => {
    const scratch = await mkdtemp(join(tmpdir(), 'guarded-'));
    const child = start(`while :; do touch "${scratch}/$RANDOM"; done & echo; sleep 1000`, { scratch });
    await once(child.stdout, 'data');
    expect(existsSync(scratch)).toBe(true);
    // As when this process dies: its end of the pipe closes.
    (child as unknown as ChildProcess).stdio[3]?.destroy();
    await child.gone;
    await vi.waitFor(() => expect(existsSync(scratch)).toBe(false), 3_000);
  });

  it('is killed when the signal it was given aborts', async () => {
    const stop = new AbortController();
    const child = start('sleep 1000', { signal: stop.signal });
    stop.abort();
    await child.gone;
    expect(child.signalCode).toBe('SIGKILL');
  });

  it('may be killed again after it has gone', async () => {
    const child = start('exit 0');
    await child.gone;
    expect(() => child.killGroup()).not.toThrow();
  });

  it('leaves the end of its error output to be read', async () => {
    const child = start('echo "what went wrong" >&2; exit 1');
    await child.gone;
    await vi.waitFor(() => expect(child.lastWords()).toBe('what went wrong'));
  });

  it('ends with an exit code when the program does not exist', async () => {
    const child = spawnGuarded({
      command: '/no/such/program',
      args: [],
      env: {},
      signal: new AbortController().signal,
    });
    await child.gone;
    expect(child.exitCode).toBe(127);
    await vi.waitFor(() => expect(child.lastWords()).toMatch(/no\/such\/program/));
  });

  it('is gone at once when its folder does not exist', async () => {
    const child = spawnGuarded({
      command: 'true',
      args: [],
      cwd: '/no/such/folder',
      env: {},
      signal: new AbortController().signal,
    });
    await expect(child.gone).resolves.toBeUndefined();
  });
});

function start(script: string, { signal = new AbortController().signal, scratch = '' } = {}) {
  return spawnGuarded({ command: '/bin/sh', args: ['-c', script], env: { PATH: process.env.PATH }, signal }, scratch);
}

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { lockDataFolder } from './data-lock.ts';

let folder: string;
const pidFile = () => join(folder, 'data', 'muster.pid');

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'muster-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('makes the folder, names this process as its user, and gives it back', () => {
  const unlock = lockDataFolder(join(folder, 'data'));
  expect(Number(readFileSync(pidFile(), 'utf8'))).toBe(process.pid);
  unlock();
  expect(() => readFileSync(pidFile())).toThrow('ENOENT');
});

it('refuses a folder that a living process uses, and names the process and the mend', () => {
  lockDataFolder(join(folder, 'data'));
  writeFileSync(pidFile(), '1');
  expect(() => lockDataFolder(join(folder, 'data'))).toThrow(/in use by process 1: .*MUSTER_DATA/);
});

it.each([
  ['a process that is gone', () => String(spawnSync('true').pid)],
  ['nobody that could be told', () => 'garbage'],
])('takes over the lock of %s', (_who, holder) => {
  lockDataFolder(join(folder, 'data'));
  writeFileSync(pidFile(), holder());
  lockDataFolder(join(folder, 'data'));
  expect(Number(readFileSync(pidFile(), 'utf8'))).toBe(process.pid);
});

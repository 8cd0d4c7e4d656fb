import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listInside, openInside, outputParts, pathParts, replaceFile } from './task-folder.ts';
import { ToolFailure } from './tool.ts';

let outside: string;
let folder: string;

beforeEach(async () => {
  outside = await realpath(await mkdtemp(join(tmpdir(), 'task-folder-')));
  folder = join(outside, 'task');
  await mkdir(join(folder, 'input'), { recursive: true });
  await mkdir(join(folder, 'output'));
  await writeFile(join(outside, 'secret.txt'), 'secret');
  await writeFile(join(folder, 'input/data.csv'), 'a,b\n');
});

afterEach(() => rm(outside, { recursive: true, force: true }));

async function read(path: string): Promise<string> {
  const handle = await openInside(folder, path);
  return handle.readFile('utf8').finally(() => handle.close());
}

const write = (path: string) => replaceFile(folder, path, Buffer.from('new'));

describe('a path', () => {
  it.each([
    ['../secret.txt', /contains \.\./],
    ['input/../../secret.txt', /contains \.\./],
    ['input/..', /contains \.\./],
    ['/etc/passwd', /is absolute/],
    ['C:/windows', /is absolute/],
    ['..\\secret.txt', /backslash/],
    ['input\\data.csv', /backslash/],
    ['input/data.csv\0.txt', /NUL/],
  ])('%j is refused for reading, listing and writing', async (path, reason) => {
    await expect(openInside(folder, path)).rejects.toThrow(reason);
    await expect(listInside(folder, path, 10)).rejects.toThrow(reason);
    await expect(write(path)).rejects.toThrow(reason);
  });

  it('may hold dots and empty parts that mean nothing', async () => {
    expect(await read('./input//data.csv')).toBe('a,b\n');
    expect(pathParts('./a/./b..c//d')).toEqual(['a', 'b..c', 'd']);
  });

  it('never resolves to a place outside, whatever it is made of', () => {
    const part = fc.oneof(
      fc.constantFrom('..', '.', '', '~', 'a', '...', '%2e%2e', '\\..', 'C:', '\0', '..\u200b'),
      fc.string({ maxLength: 5 }),
    );
    const paths = fc.array(part, { maxLength: 6 }).map((parts) => parts.join('/'));
    const placeOf = (check: (path: string) => string[], path: string) => {
      try {
        return resolve('/task', ...check(path));
      } catch (error) {
        expect(error).toBeInstanceOf(ToolFailure);
        return null;
      }
    };
    fc.assert(
      fc.property(paths, (path) => {
        expect(`${placeOf(pathParts, path) ?? '/task'}/`).toMatch(/^\/task\//);
        expect(placeOf(outputParts, path) ?? '/task/output/refused').toMatch(/^\/task\/output\/./);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('a symbolic link', () => {
  it('that leads out is refused, as the file, as a folder on the way, absolute or relative', async () => {
    await symlink(join(outside, 'secret.txt'), join(folder, 'input/file'));
    await symlink('../../secret.txt', join(folder, 'input/relative'));
    await symlink(outside, join(folder, 'input/folder'));
    await symlink('folder', join(folder, 'input/chain'));
    for (const path of ['input/file', 'input/relative', 'input/folder/secret.txt', 'input/chain/secret.txt']) {
      await expect(read(path)).rejects.toThrow(/leads out of the task's folder through a symbolic link/);
    }
    await expect(listInside(folder, 'input/folder', 10)).rejects.toThrow(/leads out/);
  });

  it('that leads to a folder whose name begins like the task folder is refused', async () => {
    await mkdir(`${folder}2`);
    await writeFile(`${folder}2/x`, 'x');
    await symlink(`${folder}2/x`, join(folder, 'input/x'));
    await expect(read('input/x')).rejects.toThrow(/leads out/);
  });

  it('that stays inside may be read, and one that turns in a circle may not', async () => {
    await symlink('data.csv', join(folder, 'input/same'));
    await symlink('loop', join(folder, 'input/loop'));
    expect(await read('input/same')).toBe('a,b\n');
    await expect(read('input/loop')).rejects.toThrow(/symbolic link that cannot be followed/);
  });

  it('is never written through', async () => {
    await symlink(outside, join(folder, 'output/folder'));
    await symlink(join(outside, 'secret.txt'), join(folder, 'output/file'));
    await symlink(join(outside, 'new.txt'), join(folder, 'output/dangling'));
    await symlink('../input', join(folder, 'output/in'));
    await expect(write('folder/secret.txt')).rejects.toThrow(/leads out/);
    await expect(write('folder/deep/secret.txt')).rejects.toThrow(/leads out/);
    await expect(write('file')).rejects.toThrow(/is a symbolic link already/);
    await expect(write('dangling')).rejects.toThrow(/is a symbolic link already/);
    await expect(write('in/data.csv')).rejects.toThrow(/leads out/);
    expect(await readFile(join(outside, 'secret.txt'), 'utf8')).toBe('secret');
    expect((await readdir(outside)).sort()).toEqual(['secret.txt', 'task']);
  });

  it('in the place of output/ itself is refused', async () => {
    await rm(join(folder, 'output'), { recursive: true });
    await symlink(outside, join(folder, 'output'));
    await expect(write('x.txt')).rejects.toThrow(/leads out/);
  });

  it('is neither listed nor followed by a listing', async () => {
    await symlink(outside, join(folder, 'input/folder'));
    await symlink('data.csv', join(folder, 'input/same'));
    expect(await listInside(folder, '', 10)).toEqual([{ path: 'input/data.csv', bytes: 4 }]);
  });
});

describe('reading', () => {
  it('refuses what is no regular file, without waiting for a writer of a pipe', async () => {
    execFileSync('mkfifo', [join(folder, 'input/pipe')]);
    await expect(read('input/pipe')).rejects.toThrow(/is not a regular file/);
    await expect(read('input')).rejects.toThrow(/is a folder; use list_files/);
  });

  it('says when a file does not exist, or a name cannot', async () => {
    await expect(read('input/none')).rejects.toThrow(/"input\/none" does not exist/);
    await expect(read('input/data.csv/x')).rejects.toThrow(/does not exist/);
    await expect(read('x'.repeat(300))).rejects.toThrow(/is too long a name/);
  });
});

describe('writing', () => {
  it('means output/ with and without saying so, makes folders and leaves nothing temporary', async () => {
    expect(await write('a/b/c.txt')).toBe('output/a/b/c.txt');
    expect(await write('output/a/b/c.txt')).toBe('output/a/b/c.txt');
    expect(await readFile(join(folder, 'output/a/b/c.txt'), 'utf8')).toBe('new');
    expect(await readdir(join(folder, 'output/a/b'))).toEqual(['c.txt']);
  });

  it('makes the task folder when it is missing', async () => {
    await rm(folder, { recursive: true });
    expect(await listInside(folder, '', 10)).toEqual([]);
    await write('x.txt');
    expect(await listInside(folder, '', 10)).toEqual([{ path: 'output/x.txt', bytes: 3 }]);
  });

  it.each([
    ['input/data.csv', /is read-only; write under output\/, such as output\/data\.csv/],
    ['output', /names a folder/],
    ['', /names a folder/],
    ['a/', /names a folder/],
  ])('refuses %j', async (path, reason) => {
    await expect(write(path)).rejects.toThrow(reason);
  });

  it('replaces neither a folder nor a file that stands where a folder is needed', async () => {
    await write('a/b');
    await expect(write('a')).rejects.toThrow(/is a folder already/);
    await expect(write('a/b/c')).rejects.toThrow(/does not exist|goes through a file/);
    expect(await readdir(join(folder, 'output/a'))).toEqual(['b']);
  });
});

describe('a listing', () => {
  it('is recursive, in order, without temporary files, and stops at its limit', async () => {
    await write('z');
    await write('a/1');
    await writeFile(join(folder, 'output/.muster-0-0.tmp'), '');
    expect((await listInside(folder, '', 10)).map((entry) => entry.path)).toEqual([
      'input/data.csv',
      'output/a/1',
      'output/z',
    ]);
    expect((await listInside(folder, 'output', 1)).map((entry) => entry.path)).toEqual(['output/a/1']);
    expect(await listInside(folder, 'output/z', 10)).toEqual([{ path: 'output/z', bytes: 3 }]);
    await expect(listInside(folder, 'nowhere', 10)).rejects.toThrow(/"nowhere" does not exist/);
  });
});

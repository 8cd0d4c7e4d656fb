import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decodeText, listFiles, openFile, readText, safeFileName, storeInputs, writeWhole } from './task-files.ts';

let root: string;
let folder: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'muster-files-'));
  folder = join(root, 'task_1');
  await storeInputs(folder, [{ name: 'data.csv', content: Buffer.from('a,b\n') }]);
  await writeFile(join(root, 'secret.txt'), 'secret');
});
afterEach(() => rm(root, { recursive: true }));

describe('a file name', () => {
  it.each([
    ['data.csv', 'data.csv'],
    ['../../etc/passwd', 'passwd'],
    ['C:\\temp\\data.csv', 'data.csv'],
    ['...hidden', 'hidden'],
    ['two\nlines.txt', 'two_lines.txt'],
    ['  résumé.pdf ', 'résumé.pdf'],
  ])('%j becomes %j', (given, safe) => {
    expect(safeFileName(given)).toBe(safe);
  });

  it.each(['', '..', 'folder/', 'a\0b', 'x'.repeat(201)])('%.20j is refused', (given) => {
    expect(() => safeFileName(given)).toThrow(/rename it/);
  });

  it('is always one harmless segment', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 250 }), (given) => {
        let name = 'refused';
        try {
          name = safeFileName(given);
        } catch {}
        expect(name).toMatch(/^[^./\\\0\n][^/\\\0\n]*$/);
        expect(Buffer.byteLength(name)).toBeLessThanOrEqual(200);
      }),
    );
  });
});

describe('the list of files', () => {
  it('has every regular file in order, and neither links nor halves of files', async () => {
    await writeWhole(folder, 'output/b/deep.txt', 'deep');
    await writeWhole(folder, 'output/a.txt', 'a');
    await writeFile(join(folder, 'output', '.muster-1.tmp'), 'half');
    await symlink(join(root, 'secret.txt'), join(folder, 'output', 'link.txt'));
    await symlink(root, join(folder, 'output', 'up'));
    expect(await listFiles(folder)).toEqual([
      { path: 'input/data.csv', bytes: 4 },
      { path: 'output/a.txt', bytes: 1 },
      { path: 'output/b/deep.txt', bytes: 4 },
    ]);
  });

  it('is empty when there is no folder', async () => {
    expect(await listFiles(join(root, 'task_none'))).toEqual([]);
  });
});

describe('opening a file', () => {
  it('gives its size and its bytes', async () => {
    const file = await openFile(folder, 'input/data.csv');
    expect(file.bytes).toBe(4);
    expect(await text(file.stream)).toBe('a,b\n');
  });

  it.each([
    '../secret.txt',
    'input/../../secret.txt',
    '/etc/passwd',
    './input/data.csv',
    '',
    'input//data.csv',
    'a\\b',
    'a\0',
  ])('refuses the path %j', async (path) => {
    await expect(openFile(folder, path)).rejects.toMatchObject({ code: 'invalid_request', field: 'path' });
  });

  it('refuses a link, in the last place and on the way', async () => {
    await symlink(join(root, 'secret.txt'), join(folder, 'link.txt'));
    await symlink(root, join(folder, 'up'));
    for (const path of ['link.txt', 'up/secret.txt'])
      await expect(openFile(folder, path)).rejects.toMatchObject({ code: 'invalid_request' });
  });

  it('works when the folder of all folders is itself behind a link', async () => {
    await symlink(root, `${root}-link`);
    const file = await openFile(join(`${root}-link`, 'task_1'), 'input/data.csv');
    expect(await text(file.stream)).toBe('a,b\n');
    await rm(`${root}-link`);
  });

  it.each(['input/none.csv', 'input/data.csv/deeper', 'input', 'x'.repeat(300)])(
    'finds no file at %.30s',
    async (path) => {
      await expect(openFile(folder, path)).rejects.toMatchObject({ code: 'not_found', field: 'path' });
    },
  );
});

describe('reading text', () => {
  it('takes UTF-8 and nothing else', async () => {
    expect(decodeText(Buffer.from('naïve'))).toBe('naïve');
    expect(decodeText(Buffer.from([0xff, 0xfe]))).toBeNull();
    expect(decodeText(Buffer.from('a\0b'))).toBeNull();
  });

  it('leaves out what is too large or no file', async () => {
    await mkdir(join(folder, 'output'));
    expect(await readText(folder, 'input/data.csv', 4)).toBe('a,b\n');
    expect(await readText(folder, 'input/data.csv', 3)).toBeNull();
    expect(await readText(folder, 'output', 100)).toBeNull();
  });
});

it('a file written as a whole replaces the old one', async () => {
  await writeWhole(folder, 'results/one.json', 'old');
  await writeWhole(folder, 'results/one.json', 'new');
  expect(await readFile(join(folder, 'results/one.json'), 'utf8')).toBe('new');
});

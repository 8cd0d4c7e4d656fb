import { mkdir, mkdtemp, rm, writeFile as writeToDisk } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { callTool } from './call-tool.ts';
import { listFiles, readFile, writeFile } from './files.ts';
import type { ToolContext } from './ports.ts';
import type { Tool } from './tool.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'files-'));
  await mkdir(join(folder, 'input'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

async function call(tool: Tool, input: unknown): Promise<string> {
  const context = { folder, signal: new AbortController().signal } as ToolContext;
  const { content, isError } = await callTool(tool, context, input);
  const [block] = content;
  return `${isError ? 'error: ' : ''}${block?.type === 'text' ? block.text : ''}`;
}

const put = (name: string, content: string | Uint8Array) => writeToDisk(join(folder, 'input', name), content);

describe('read_file', () => {
  it('answers the text as it is', async () => {
    await put('a.txt', 'line 1\n"line" 2 é\n');
    expect(await call(readFile, { path: 'input/a.txt' })).toBe('line 1\n"line" 2 é\n');
  });

  it('answers an empty file', async () => {
    await put('empty', '');
    expect(await call(readFile, { path: 'input/empty' })).toBe('');
  });

  it('gives a long file in pieces that add up', async () => {
    const text = 'abcdefghij'.repeat(5);
    await put('long', text);
    expect(await call(readFile, { path: 'input/long', limit: 20 })).toBe(
      `${text.slice(0, 20)}\n[truncated: 20 of 50 characters; continue with offset 20]`,
    );
    expect(await call(readFile, { path: 'input/long', offset: 20 })).toBe(text.slice(20));
  });

  it('does not cut a character in two', async () => {
    await put('smile', 'ab😀cd');
    expect(await call(readFile, { path: 'input/smile', limit: 3 })).toMatch(
      /^ab😀\n\[truncated: 4 of 6 .* offset 4\]$/,
    );
  });

  it.each([
    ['NUL bytes', Buffer.from([65, 0, 66]), /"input\/x" is a binary file of 3 bytes/],
    ['no UTF-8', Buffer.from([0xff, 0xfe, 0x41]), /"input\/x" is a binary file of 3 bytes/],
    [
      'too much',
      Buffer.alloc(10 * 1024 * 1024 + 1, 65),
      /has 10485761 bytes; read_file reads files up to 10485760 bytes/,
    ],
  ])('refuses a file with %s and gives its size', async (_, content, reason) => {
    await put('x', content);
    expect(await call(readFile, { path: 'input/x' })).toMatch(reason);
  });

  it('names the files that exist when one is missing', async () => {
    expect(await call(readFile, { path: 'input/a' })).toBe(
      'error: path: "input/a" does not exist; the task has no files yet',
    );
    for (let i = 10; i < 50; i += 1) await put(`f${i}`, '');
    const answer = await call(readFile, { path: 'input/a' });
    expect(answer).toMatch(
      /does not exist; choose one of: input\/f10, input\/f11, .*input\/f39, … \(list_files shows all\)$/,
    );
  });

  it('refuses an offset past the end', async () => {
    await put('x', 'abc');
    expect(await call(readFile, { path: 'input/x', offset: 3 })).toBe(
      'error: offset: 3 is past the end; the file has 3 characters',
    );
  });
});

describe('list_files', () => {
  it('lists everything with sizes', async () => {
    await put('b.csv', '123');
    await call(writeFile, { path: 'report/a.md', content: 'é' });
    expect(JSON.parse(await call(listFiles, {}))).toEqual([
      { path: 'input/b.csv', bytes: 3 },
      { path: 'output/report/a.md', bytes: 2 },
    ]);
    expect(JSON.parse(await call(listFiles, { path: 'output' }))).toHaveLength(1);
  });

  it('says when there are more files than it lists', async () => {
    await Promise.all(Array.from({ length: 1001 }, (_, i) => put(`f${i}`, '')));
    expect(await call(listFiles, {})).toMatch(/\]\n\[truncated: the first 1000 files; name a folder/);
  });
});

describe('write_file', () => {
  it('answers where the text is and how long', async () => {
    expect(await call(writeFile, { path: 'x.txt', content: 'hällo' })).toBe('{"path":"output/x.txt","bytes":6}');
    expect(await call(writeFile, { path: 'output/x.txt', content: '' })).toBe('{"path":"output/x.txt","bytes":0}');
    expect(await call(readFile, { path: 'output/x.txt' })).toBe('');
  });

  it('refuses more than 10 MB', async () => {
    expect(await call(writeFile, { path: 'x', content: 'x'.repeat(10 * 1024 * 1024 + 1) })).toMatch(
      /^error: content: 10485761 bytes are over the limit of 10485760/,
    );
  });

  it('refuses to change an attached file', async () => {
    expect(await call(writeFile, { path: 'input/x', content: '' })).toMatch(/^error: path: "input\/x" is read-only/);
  });
});

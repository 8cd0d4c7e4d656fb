// The file tools: text in and out of the task's folder. Which path means which file, and whether it may be touched, is
// decided in task-folder.ts.
import type { FileHandle } from 'node:fs/promises';
import { z } from 'zod';
import { listInside, MissingFile, openInside, replaceFile } from './task-folder.ts';
import { defineTool, quote, ToolFailure } from './tool.ts';

/** 10 MB: the limit of a request body, so that every attached file can be read. */
const MAX_FILE_BYTES = 10 * 1024 * 1024;
const MAX_LISTED = 1000;

export const readFile = defineTool({
  name: 'read_file',
  description:
    'Reads a text file of this task. Paths are relative to the task folder: input/ holds attached files, output/ holds what agents wrote. Long files come in pieces: continue with offset.',
  input: {
    path: z.string().min(1).describe('Relative path, such as input/data.csv'),
    offset: z.number().int().min(0).default(0).describe('First character to return'),
    limit: z.number().int().min(1).max(80_000).default(50_000).describe('Characters to return at most'),
  },
  async run({ folder }, { path, offset, limit }) {
    const handle = await openInside(folder, path).catch(async (error: unknown) => {
      throw error instanceof MissingFile ? new ToolFailure(`${error.message}; ${await whatExists(folder)}`) : error;
    });
    const text = await readText(handle, path).finally(() => handle.close());
    return piece(text, offset, limit);
  },
});

async function whatExists(folder: string): Promise<string> {
  const entries = await listInside(folder, '', 31);
  if (entries.length === 0) return 'the task has no files yet';
  const names = entries.slice(0, 30).map((entry) => entry.path);
  return `choose one of: ${names.join(', ')}${entries.length > 30 ? ', … (list_files shows all)' : ''}`;
}

async function readText(handle: FileHandle, path: string): Promise<string> {
  const { size } = await handle.stat();
  if (size > MAX_FILE_BYTES) {
    throw new ToolFailure(
      `path: ${quote(path)} has ${size} bytes; read_file reads files up to ${MAX_FILE_BYTES} bytes`,
    );
  }
  const bytes = await handle.readFile();
  const text = bytes.includes(0) ? null : decodeUtf8(bytes);
  if (text !== null) return text;
  throw new ToolFailure(
    `path: ${quote(path)} is a binary file of ${bytes.length} bytes; read_file reads UTF-8 text only, choose a text file`,
  );
}

function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

function piece(text: string, offset: number, limit: number): string {
  if (offset > 0 && offset >= text.length) {
    throw new ToolFailure(`offset: ${offset} is past the end; the file has ${text.length} characters`);
  }
  const end = endOfPiece(text, offset + limit);
  if (end >= text.length) return text.slice(offset);
  return `${text.slice(offset, end)}\n[truncated: ${end - offset} of ${text.length} characters; continue with offset ${end}]`;
}

/** Never between the two halves of a surrogate pair, which would come out as two broken characters. */
function endOfPiece(text: string, end: number): number {
  const splitsPair = /^[\uD800-\uDBFF][\uDC00-\uDFFF]/.test(text.slice(end - 1, end + 1));
  return splitsPair ? end + 1 : end;
}

export const listFiles = defineTool({
  name: 'list_files',
  description:
    'Lists the files of this task with their sizes in bytes, recursively: input/ (attached) and output/ (written by agents).',
  input: { path: z.string().default('').describe('Folder to list, such as output; the whole task by default') },
  async run({ folder }, { path }) {
    const entries = await listInside(folder, path, MAX_LISTED + 1);
    if (entries.length <= MAX_LISTED) return entries;
    return `${JSON.stringify(entries.slice(0, MAX_LISTED))}\n[truncated: the first ${MAX_LISTED} files; name a folder in path to see others]`;
  },
});

export const writeFile = defineTool({
  name: 'write_file',
  description:
    'Writes a text file under output/, replacing it as a whole and making folders as needed. "x.txt" and "output/x.txt" mean the same file. Other agents and the user can read it.',
  input: {
    path: z.string().min(1).describe('Where to write, such as output/report.md'),
    content: z.string().describe('The whole text, 10 MB at most'),
  },
  async run({ folder }, { path, content }) {
    const bytes = Buffer.from(content, 'utf8');
    if (bytes.length > MAX_FILE_BYTES) {
      throw new ToolFailure(
        `content: ${bytes.length} bytes are over the limit of ${MAX_FILE_BYTES}; write less, or several files`,
      );
    }
    return { path: await replaceFile(folder, path, bytes), bytes: bytes.length };
  },
});

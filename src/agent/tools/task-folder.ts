// Path safety: the one place where a path that a model wrote meets the disk. Everything stays inside the task's folder,
// whatever symbolic links lie in it. What the tools say about files is left to files.ts.
import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, lstat, mkdir, open, readdir, realpath, rename, rm, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { quote, ToolFailure } from './tool.ts';

const TEMPORARY = /^\.muster-[0-9a-f-]+\.tmp$/;

/** The parts of a path relative to the task's folder. Throws for every path that is not plainly inside it. */
export function pathParts(path: string): string[] {
  const problem = problemOf(path);
  if (problem)
    throw new ToolFailure(
      `path: ${quote(path)} ${problem}; give a path inside the task's folder, such as input/data.csv`,
    );
  return path.split('/').filter((part) => part !== '' && part !== '.');
}

function problemOf(path: string): string | null {
  if (path.includes('\0')) return 'contains a NUL character';
  if (path.includes('\\')) return 'contains a backslash (folders are separated by /)';
  if (path.startsWith('/') || /^[a-z]:/i.test(path)) return 'is absolute';
  if (path.split('/').includes('..')) return "contains .. and could leave the task's folder";
  return null;
}

/** The parts of the file that a write to `path` makes: always under output/. */
export function outputParts(path: string): string[] {
  const parts = pathParts(path);
  if (parts[0] === 'input') {
    throw new ToolFailure(
      `path: ${quote(path)} is read-only; write under output/, such as output/${parts.slice(1).join('/') || 'notes.txt'}`,
    );
  }
  const inOutput = parts[0] === 'output' ? parts : ['output', ...parts];
  if (inOutput.length < 2 || path.endsWith('/')) {
    throw new ToolFailure(`path: ${quote(path)} names a folder; name a file in it, such as output/notes.txt`);
  }
  return inOutput;
}

/** Opens a regular file for reading; the caller closes it. Throws ToolFailure when it is missing or not a file. */
export async function openInside(folder: string, path: string): Promise<FileHandle> {
  const real = await resolveInside(folder, path);
  // O_NONBLOCK: opening a pipe would otherwise wait for ever for its writer.
  const handle = await open(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const opened = await handle.stat();
    if (opened.isDirectory()) throw new ToolFailure(`path: ${quote(path)} is a folder; use list_files`);
    if (!opened.isFile())
      throw new ToolFailure(`path: ${quote(path)} is not a regular file; choose one that list_files shows`);
    // Between resolving and opening, a folder on the way could have become a link: what was opened must still be what the path names.
    const named = await lstat(await resolveInside(folder, path));
    if (named.ino !== opened.ino || named.dev !== opened.dev) {
      throw new ToolFailure(`path: ${quote(path)} changed while it was opened; try again`);
    }
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** The real path of something that exists inside the task's folder. */
async function resolveInside(folder: string, path: string): Promise<string> {
  const parts = pathParts(path);
  try {
    const root = await realpath(folder);
    const real = await realpath(join(root, ...parts));
    if (real !== root && !real.startsWith(root + sep)) throw leavesFolder(path);
    return real;
  } catch (error) {
    throw readable(error, path);
  }
}

/** Replaces the file as a whole, making the folders on the way; a reader sees the old content or the new, never a part. */
export async function replaceFile(folder: string, path: string, content: Uint8Array): Promise<string> {
  const parts = outputParts(path);
  const name = parts.at(-1) ?? '';
  try {
    await mkdir(folder, { recursive: true });
    const parent = await makeFolders(await realpath(folder), parts.slice(0, -1));
    const target = join(parent, name);
    await refuseUnlessFile(target, path);
    await writeThenRename(parent, target, content);
  } catch (error) {
    throw readable(error, path);
  }
  return parts.join('/');
}

async function makeFolders(root: string, names: readonly string[]): Promise<string> {
  const output = join(root, 'output');
  let at = root;
  for (const name of names) {
    const next = join(at, name);
    // mkdir does not follow a link in the last place, so nothing is ever made outside before the check below.
    await mkdir(next).catch((error: unknown) => {
      if (codeOf(error) !== 'EEXIST') throw error;
    });
    at = await realpath(next);
    if (at !== output && !at.startsWith(output + sep)) throw leavesFolder(names.join('/'));
  }
  return at;
}

async function refuseUnlessFile(target: string, path: string): Promise<void> {
  const found = await lstat(target).catch(() => null);
  if (!found || found.isFile()) return;
  const kind = found.isDirectory() ? 'a folder' : found.isSymbolicLink() ? 'a symbolic link' : 'not a regular file';
  throw new ToolFailure(`path: ${quote(path)} is ${kind} already; choose another name`);
}

async function writeThenRename(parent: string, target: string, content: Uint8Array): Promise<void> {
  const temporary = join(parent, `.muster-${randomUUID()}.tmp`);
  try {
    const handle = await open(
      temporary,
      constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW,
      0o644,
    );
    try {
      await handle.writeFile(content);
    } finally {
      await handle.close();
    }
    if ((await realpath(parent)) !== parent) throw leavesFolder(target);
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

export interface FileEntry {
  /** Relative to the task's folder, with forward slashes. */
  path: string;
  bytes: number;
}

/** Regular files below `path`, in order of path, `limit` at most; links are neither followed nor listed. A folder without files is an empty list. */
export async function listInside(folder: string, path: string, limit: number): Promise<FileEntry[]> {
  const parts = pathParts(path);
  if (parts.length === 0 && !(await stat(folder).catch(() => null))) return [];
  const start = await resolveInside(folder, path);
  const found = await stat(start);
  if (found.isFile()) return [{ path: parts.join('/'), bytes: found.size }];
  const entries: FileEntry[] = [];
  await collect({ real: start, shown: parts, limit, entries });
  return entries;
}

async function collect(walk: { real: string; shown: string[]; limit: number; entries: FileEntry[] }): Promise<void> {
  const children = await readdir(walk.real, { withFileTypes: true });
  for (const child of children.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (walk.entries.length >= walk.limit) return;
    const real = join(walk.real, child.name);
    const shown = [...walk.shown, child.name];
    if (child.isDirectory()) await collect({ ...walk, real, shown });
    else if (child.isFile() && !TEMPORARY.test(child.name)) await add(walk.entries, real, shown);
  }
}

async function add(entries: FileEntry[], real: string, shown: string[]): Promise<void> {
  const found = await lstat(real).catch(() => null);
  if (found) entries.push({ path: shown.join('/'), bytes: found.size });
}

export class MissingFile extends ToolFailure {}

const PROBLEMS: Record<string, string> = {
  ELOOP: 'goes through a symbolic link that cannot be followed',
  ENAMETOOLONG: 'is too long a name',
  ENOSPC: 'cannot be written: the disk is full',
  EEXIST: 'goes through a file, not a folder',
  EACCES: 'may not be opened by this process',
};

function readable(error: unknown, path: string): unknown {
  if (error instanceof ToolFailure) return error;
  const code = codeOf(error);
  if (code === 'ENOENT' || code === 'ENOTDIR') return new MissingFile(`path: ${quote(path)} does not exist`);
  const problem = PROBLEMS[code];
  return problem ? new ToolFailure(`path: ${quote(path)} ${problem}; choose another path`) : error;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

function leavesFolder(path: string): ToolFailure {
  return new ToolFailure(
    `path: ${quote(path)} leads out of the task's folder through a symbolic link; choose another path`,
  );
}

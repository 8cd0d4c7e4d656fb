// A task's folder on the disk: attached files go under input/, agents write under output/, outputs that are too large for
// a row under results/. Owns every path that comes from outside: none leaves the folder, whatever links lie in it.
import { constants } from 'node:fs';
import { type FileHandle, lstat, mkdir, open, readdir, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { AppError } from '../domain/errors.ts';

export interface AttachedFile {
  /** One path segment, made safe by safeFileName. */
  name: string;
  content: Uint8Array;
}

export interface FileEntry {
  /** Relative to the task's folder, with forward slashes. */
  path: string;
  bytes: number;
}

/** Bytes of a file name: file systems allow 255, and a temporary suffix must fit. */
const NAME_MAX_BYTES = 200;

/** `taskId` has been checked to be one of ours, so it is one harmless segment. */
export function taskFolder(sharedFiles: string, taskId: string): string {
  return resolve(sharedFiles, taskId);
}

/**
 * The last segment of the name that a client gave, without leading dots and control characters (a line break would forge
 * a line of the list that a model reads). Throws invalid_request when nothing usable is left.
 */
export function safeFileName(given: string): string {
  if (given.includes('\0')) throw badName(given, 'holds a NUL character');
  const segment = given.split(/[/\\]/).at(-1) ?? '';
  const name = segment
    .normalize('NFC')
    .replace(/^\.+/, '')
    .replace(/\p{Cc}|\p{Zl}|\p{Zp}/gu, '_')
    .trim();
  if (name === '') throw badName(given, 'has no usable name');
  const bytes = Buffer.byteLength(name);
  if (bytes > NAME_MAX_BYTES) throw badName(given, `has a name of ${bytes} bytes, and ${NAME_MAX_BYTES} are allowed`);
  return name;
}

function badName(given: string, why: string): AppError {
  const shown = JSON.stringify(given.slice(0, 100));
  return new AppError('invalid_request', `the attached file ${shown} ${why}: rename it`, { field: 'files' });
}

export async function storeInputs(folder: string, files: readonly AttachedFile[]): Promise<void> {
  if (files.length === 0) return;
  await mkdir(join(folder, 'input'), { recursive: true });
  for (const file of files) await writeFile(join(folder, 'input', file.name), file.content, { flag: 'wx' });
}

export async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

/** Regular files below `under`, in order of path; links are neither followed nor listed. No folder: no files. */
export async function listFiles(folder: string, under = ''): Promise<FileEntry[]> {
  const children = await readdir(join(folder, under), { withFileTypes: true }).catch(unlessMissing);
  const listed: FileEntry[] = [];
  for (const child of children.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = under === '' ? child.name : `${under}/${child.name}`;
    if (child.isDirectory()) listed.push(...(await listFiles(folder, path)));
    // An agent writes to a hidden name first and renames; such a half is nobody's file yet.
    else if (child.isFile() && !child.name.startsWith('.')) listed.push(...(await sizeOf(folder, path)));
  }
  return listed;
}

async function sizeOf(folder: string, path: string): Promise<FileEntry[]> {
  const found = await lstat(join(folder, path)).catch(() => null);
  return found ? [{ path, bytes: found.size }] : [];
}

function unlessMissing(error: unknown): never[] {
  if (isMissing(error)) return [];
  throw error;
}

export interface OpenFile {
  bytes: number;
  stream: Readable;
}

/** Throws invalid_request for a path that leads out of the folder, not_found when there is no such file. */
export async function openFile(folder: string, path: string): Promise<OpenFile> {
  const handle = await openInside(folder, path);
  const found = await handle.stat();
  if (found.isFile()) return { bytes: found.size, stream: handle.createReadStream() };
  await handle.close();
  throw noFile(path);
}

/** The whole file as text, or null when it is not UTF-8 text or over `maxBytes`. */
export async function readText(folder: string, path: string, maxBytes: number): Promise<string | null> {
  const handle = await openInside(folder, path);
  try {
    const found = await handle.stat();
    if (!found.isFile() || found.size > maxBytes) return null;
    return decodeText(await handle.readFile());
  } finally {
    await handle.close();
  }
}

export interface FilePart {
  /** Of the whole file. */
  bytes: number;
  content: Buffer;
}

/** Some bytes of a file, from `offset` on. Throws as openFile does. */
export async function readPart(
  folder: string,
  path: string,
  { offset, maxBytes }: { offset: number; maxBytes: number },
): Promise<FilePart> {
  const handle = await openInside(folder, path);
  try {
    const found = await handle.stat();
    if (!found.isFile()) throw noFile(path);
    const length = Math.max(0, Math.min(maxBytes, found.size - offset));
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, offset);
    return { bytes: found.size, content: buffer.subarray(0, bytesRead) };
  } finally {
    await handle.close();
  }
}

export function decodeText(bytes: Uint8Array): string | null {
  if (bytes.includes(0)) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

async function openInside(folder: string, path: string): Promise<FileHandle> {
  const target = join(folder, ...segmentsOf(path));
  try {
    // A link anywhere on the way makes the real path another one.
    const real = join(await realpath(folder), ...segmentsOf(path));
    if ((await realpath(target)) !== real) throw badPath(path, 'goes through a symbolic link');
    // O_NONBLOCK: opening a pipe would otherwise wait for ever for its writer.
    return await open(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (isMissing(error)) throw noFile(path);
    throw codeOf(error) === 'ELOOP' ? badPath(path, 'goes through a symbolic link') : error;
  }
}

function segmentsOf(path: string): string[] {
  if (path.includes('\0')) throw badPath(path, 'holds a NUL character');
  if (path.includes('\\')) throw badPath(path, 'holds a backslash');
  const segments = path.split('/');
  if (segments.some((segment) => segment === '' || segment === '.' || segment === '..'))
    throw badPath(path, "could leave the task's folder");
  return segments;
}

function badPath(path: string, why: string): AppError {
  const shown = JSON.stringify(path.slice(0, 200));
  const message = `path ${shown} ${why}: use a path that the list of the task's files shows, such as output/report.md`;
  return new AppError('invalid_request', message, { field: 'path' });
}

function noFile(path: string): AppError {
  const message = `the task has no file ${JSON.stringify(path.slice(0, 200))}: the list of its files shows those that it has`;
  return new AppError('not_found', message, { field: 'path' });
}

/** Writes a file as a whole: after a crash there is the old one or the new one, never a part. */
export async function writeWhole(folder: string, path: string, text: string): Promise<void> {
  const target = join(folder, path);
  await mkdir(dirname(target), { recursive: true });
  await writeFile(`${target}.part`, text);
  await rename(`${target}.part`, target);
}

function isMissing(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR', 'ENAMETOOLONG'].includes(codeOf(error));
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

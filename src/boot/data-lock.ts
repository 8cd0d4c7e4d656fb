// One process a data folder: two on the same embedded database would destroy it.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { AppError } from '../domain/errors.ts';

/** Takes the folder, creating it when missing; a lock whose process is gone is taken over. Returns what gives it back. */
export function lockDataFolder(folder: string): () => void {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'muster.pid');
  const holder = tryLock(file);
  if (holder !== null) {
    const message = `the data folder ${resolve(folder)} is in use by process ${holder}: stop it, or set MUSTER_DATA to another folder`;
    throw new AppError('unavailable', message, { field: 'MUSTER_DATA' });
  }
  return () => rmSync(file, { force: true });
}

/** Null when taken, else the process that holds it. */
function tryLock(file: string): number | null {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const holder = Number(readFileSync(file, 'utf8'));
  if (holder !== process.pid && isAlive(holder)) return holder;
  writeFileSync(file, String(process.pid));
  return null;
}

function isAlive(pid: number): boolean {
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

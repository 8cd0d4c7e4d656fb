// Memory of a process with all its children, as Linux accounts it: the proportional set size counts a page that several
// processes share once in all, so the sum over a tree is what the tree really takes.
import { readdir, readFile } from 'node:fs/promises';

/** Mebibytes of the process and everything below it; null where there is no /proc. @param {number} pid */
export async function treeMemory(pid) {
  if (process.platform !== 'linux') return null;
  const parents = new Map(
    await Promise.all((await pids()).map(async (one) => /** @type {const} */ ([one, await parentOf(one)]))),
  );
  const tree = [pid];
  for (const one of tree) for (const [child, parent] of parents) if (parent === one) tree.push(child);
  const sizes = await Promise.all(tree.map(proportionalKiB));
  return sizes.reduce((sum, size) => sum + size, 0) / 1024;
}

async function pids() {
  return (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
}

/** @param {number} pid */
async function parentOf(pid) {
  const stat = await readIfThere(`/proc/${pid}/stat`);
  // The name, in parentheses, may hold anything.
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}

/** @param {number} pid */
async function proportionalKiB(pid) {
  return Number(/^Pss:\s+(\d+) kB/m.exec(await readIfThere(`/proc/${pid}/smaps_rollup`))?.[1] ?? 0);
}

/** Empty when the process is gone. @param {string} path */
async function readIfThere(path) {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    if (code === 'ENOENT' || code === 'ESRCH') return '';
    throw error;
  }
}

// Compiles src/ into dist/, from scratch, and makes the CLI executable. Types are left to `npm run check`: a start need not
// wait for them.
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, renameSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const bin = (/** @type {string} */ name) =>
  fileURLToPath(new URL(`../node_modules/.bin/${name}${process.platform === 'win32' ? '.cmd' : ''}`, import.meta.url));

const dist = new URL('../dist', import.meta.url);
const next = new URL('../dist.next', import.meta.url);
const last = new URL('../dist.last', import.meta.url);
for (const folder of [next, last]) rmSync(folder, { recursive: true, force: true });
execFileSync(bin('tsc'), ['-p', 'tsconfig.build.json', '--noCheck', '--outDir', 'dist.next'], {
  cwd: root,
  stdio: 'inherit',
  shell: process.platform === 'win32',
});
chmodSync(new URL('../dist.next/cli/main.js', import.meta.url), 0o755);
// Exchanged only now, so that a process that runs from dist/ finds its files while this one builds.
if (existsSync(dist)) renameSync(dist, last);
renameSync(next, dist);
rmSync(last, { recursive: true, force: true });

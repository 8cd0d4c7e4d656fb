// Compiles src/ into dist/ and bundles the dashboard's web app and the system test beside it, from scratch and all at once,
// and makes the CLI executable. Types are left to `npm run check`: a start need not wait for them.
import { execFile } from 'node:child_process';
import { chmodSync, existsSync, renameSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));
const bin = (/** @type {string} */ name) =>
  fileURLToPath(new URL(`../node_modules/.bin/${name}${process.platform === 'win32' ? '.cmd' : ''}`, import.meta.url));

const dist = new URL('../dist', import.meta.url);
const next = new URL('../dist.next', import.meta.url);
const last = new URL('../dist.last', import.meta.url);
for (const folder of [next, last]) rmSync(folder, { recursive: true, force: true });

const compile = promisify(execFile)(bin('tsc'), ['-p', 'tsconfig.build.json', '--noCheck', '--outDir', 'dist.next'], {
  cwd: root,
  shell: process.platform === 'win32',
}).catch((error) => {
  throw new Error(`tsc failed:\n${error.stdout}${error.stderr}`);
});
const bundle = build({
  configFile: fileURLToPath(new URL('../dashboard/vite.config.ts', import.meta.url)),
  logLevel: 'warn',
  build: { outDir: fileURLToPath(new URL('../dist.next/dashboard/app', import.meta.url)) },
});
// For Node alone; what comes from node_modules stays there.
const systemTest = build({
  configFile: false,
  root,
  logLevel: 'warn',
  build: {
    ssr: 'scripts/test_system.ts',
    target: 'node20',
    outDir: fileURLToPath(new URL('../dist.next/scripts', import.meta.url)),
    emptyOutDir: false,
  },
});
await Promise.all([compile, bundle, systemTest]);
chmodSync(new URL('../dist.next/cli/main.js', import.meta.url), 0o755);
// Exchanged only now, so that a process that runs from dist/ finds its files while this one builds.
if (existsSync(dist)) renameSync(dist, last);
renameSync(next, dist);
rmSync(last, { recursive: true, force: true });

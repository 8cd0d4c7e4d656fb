// Muster's processes as a user would start them, known by their id from start to end.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const CLI = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const UP_MS = 120_000;
const LOOK_MS = 10;

/** @typedef {{ pid: number, output: () => string, exited: Promise<unknown>, stop: (signal?: NodeJS.Signals) => Promise<void> }} Started */

/** An empty folder, and what removes it. */
export function temporaryFolder() {
  const path = mkdtempSync(join(tmpdir(), 'muster-validate-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/**
 * Resolves when it has printed `ready`.
 * @param {string[]} command
 * @param {{ env: Record<string, string>, ready: RegExp, cwd?: string }} options
 * @returns {Promise<Started>}
 */
export async function start([file = '', ...args], { env, ready, cwd }) {
  const child = spawn(file, args, {
    ...(cwd && { cwd }),
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (output += bytes));
  const exited = once(child, 'exit');
  const started = {
    pid: child.pid ?? 0,
    output: () => output,
    exited,
    stop: async (/** @type {NodeJS.Signals} */ signal = 'SIGINT') => {
      child.kill(signal);
      await exited;
    },
  };
  await until(`${file} ${args.join(' ')} is up`, () => {
    if (child.exitCode !== null) throw new Error(`${args.join(' ')} ended: ${output.slice(-500)}`);
    return ready.test(output);
  });
  return started;
}

/** `muster up` on free ports, with everything of it in the folder. @param {string} folder @param {Record<string, string>} settings */
export async function startUp(folder, settings) {
  const port = await freePort();
  const env = {
    ORCHESTRATOR_PORT: String(port),
    AGENT_BASE_PORT: '0',
    DASHBOARD_PORT: '0',
    MUSTER_DATA: join(folder, 'data'),
    SHARED_FILES: join(folder, 'files'),
    MUSTER_MODEL: 'offline',
    LOG_LEVEL: 'error',
    ...settings,
  };
  const muster = await startMuster(['up'], env);
  return { ...muster, url: `http://127.0.0.1:${port}` };
}

/** @param {string[]} args @param {Record<string, string>} env */
export function startMuster(args, env) {
  return start([process.execPath, CLI, ...args], { env, ready: /Ctrl-C stops| is up/ });
}

/** Looks again and again until it is so. @param {string} what @param {() => boolean | Promise<boolean>} isSo */
export async function until(what, isSo) {
  const deadline = Date.now() + UP_MS;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`${what}: not within ${UP_MS / 1000} s`);
    await pause(LOOK_MS);
  }
}

export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}

/** The process and all that it started. @param {number} pid @returns {number[]} */
export function treeOf(pid) {
  const lines = execFileSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
  const pairs = lines.map((line) => line.trim().split(/\s+/).map(Number));
  const tree = [pid];
  for (const one of tree) tree.push(...pairs.filter(([, parent]) => parent === one).map(([child = 0]) => child));
  return tree;
}

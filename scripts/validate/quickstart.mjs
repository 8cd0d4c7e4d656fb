// What a newcomer does: clone, `npm ci`, `npm start`, a first task. Each step is timed.
import { execFile, execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ask, ended, submit } from './client.mjs';
import { freePort, start, temporaryFolder, treeOf, until } from './processes.mjs';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const CREW_MS = 5_000;

/** @returns {Promise<import('./run.mjs').Figure[]>} */
export async function measureQuickstart() {
  const folder = temporaryFolder();
  const clone = join(folder.path, 'muster');
  try {
    const cloned = await timed(async () => execFileSync('git', ['clone', '--quiet', ROOT, clone]));
    const installed = await timed(() => promisify(execFile)('npm', ['ci', '--prefer-offline'], { cwd: clone }));
    return [
      row('git clone', cloned),
      row('npm ci, with the packages in the cache of npm', installed),
      ...(await firstTask(clone)),
    ];
  } finally {
    folder.remove();
  }
}

/** @param {string} clone */
async function firstTask(clone) {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const env = { ORCHESTRATOR_PORT: String(port), AGENT_BASE_PORT: '0', DASHBOARD_PORT: '0', MUSTER_MODEL: 'offline' };
  const begun = performance.now();
  const built = await start(['npm', 'start'], { cwd: clone, env, ready: /./ });
  try {
    await until('npm start', () => built.output().includes('Ctrl-C stops everything'));
    const up = seconds(begun);
    const done = await timed(async () => {
      const { task } = await ended(url, await submit(url, { description: 'Calculate factorial of 10' }));
      if (!task.result?.summary.includes('3628800')) throw new Error(`the first task came to ${JSON.stringify(task)}`);
    });
    const crew = (await ask(url, '/agents')).agents.length;
    return [
      row('npm start: built, and five agents registered', up, `${crew} agents`),
      row('first task: submitted, planned, carried out, completed', done),
      ...(await secondStart(clone, env, built)),
    ];
  } finally {
    await stopTree(built);
  }
}

/** @param {string} clone @param {Record<string, string>} env @param {import('./processes.mjs').Started} running */
async function secondStart(clone, env, running) {
  await stopTree(running);
  const begun = performance.now();
  const again = await start(['node', 'dist/cli/main.js', 'up'], { cwd: clone, env, ready: /Ctrl-C stops everything/ });
  try {
    const { agents } = await ask(`http://127.0.0.1:${env.ORCHESTRATOR_PORT}`, '/agents');
    const up = seconds(begun);
    const isWithin = agents.length === 5 && up * 1000 <= CREW_MS;
    return [
      {
        what: 'Start until all five agents are registered',
        value: `${up} s`,
        target: '5 s at most',
        ok: isWithin,
        timed: true,
      },
    ];
  } finally {
    await stopTree(again);
  }
}

/** `npm start` runs a shell that runs node: the last of them is told, the others follow. @param {import('./processes.mjs').Started} started */
async function stopTree(started) {
  for (const pid of treeOf(started.pid)) {
    try {
      process.kill(pid, 'SIGINT');
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'ESRCH') throw error;
    }
  }
  await started.exited;
}

/** @param {() => Promise<unknown>} work Seconds. */
async function timed(work) {
  const begun = performance.now();
  await work();
  return seconds(begun);
}

/** @param {number} begun */
function seconds(begun) {
  return Math.round((performance.now() - begun) / 100) / 10;
}

/** @param {string} what @param {number} took @param {string} [note] */
function row(what, took, note) {
  return { what: `Quickstart, ${what}`, value: note ? `${took} s (${note})` : `${took} s` };
}

// Processes that the benchmark starts: known by their id from start to end, and stopped with it, whatever happens.
import { fork } from 'node:child_process';
import { once } from 'node:events';

const READY_MS = 60_000;
const STOP_MS = 15_000;
const TAIL_CHARACTERS = 2_000;

/** @type {Set<import('node:child_process').ChildProcess>} */
const alive = new Set();

/**
 * @typedef {object} Launch
 * @property {string} name
 * @property {string} file
 * @property {string[]} [args]
 * @property {string[]} [nodeArgs]
 * @property {Record<string, string>} [env] With PATH and HOME, all of its environment.
 * @property {RegExp} ready What it prints once it is up.
 */

/** @typedef {Awaited<ReturnType<typeof launch>>} Launched */

/** Resolves when it is up. @param {Launch} options */
export async function launch({ name, file, args = [], nodeArgs = [], env = {}, ready }) {
  const child = fork(file, args, {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    execArgv: nodeArgs,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  return awaitUp(name, child, ready);
}

/** @param {string} name @param {import('node:child_process').ChildProcess} child @param {RegExp} ready */
export async function awaitUp(name, child, ready) {
  alive.add(child);
  child.once('exit', () => alive.delete(child));
  let output = '';
  /** @type {() => void} */
  let look = () => undefined;
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (bytes) => {
      output = (output + bytes).slice(-TAIL_CHARACTERS);
      look();
    });
  await new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${name} is not up after ${READY_MS} ms: ${output}`)), READY_MS);
    const done = () => clearTimeout(timer);
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      done();
      reject(new Error(`${name} ended (${code ?? signal}): ${output}`));
    });
    look = () => {
      if (!ready.test(output)) return;
      done();
      resolve(undefined);
    };
    look();
  });
  return { name, child, output: () => output };
}

/** What each of them executed since the last time. @param {Launched[]} launched */
export async function askSpans(launched) {
  const answers = await Promise.all(
    launched.map(async ({ child }) => {
      const answer = once(child, 'message');
      child.send('spans');
      const [message] = await answer;
      return /** @type {{ spans: import('./tally.mjs').Span[] }} */ (message).spans;
    }),
  );
  return answers.flat();
}

/** The last started first. @param {Launched[]} launched */
export async function stopAll(launched) {
  for (const { child } of [...launched].reverse()) await stop(child);
}

/** @param {import('node:child_process').ChildProcess} child */
async function stop(child) {
  if (child.exitCode !== null || child.signalCode) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await gone;
  clearTimeout(timer);
}

/** For the end of the benchmark itself: nothing that it started may outlive it. */
export function killAll() {
  for (const child of alive) child.kill('SIGKILL');
}

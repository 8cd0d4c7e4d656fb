// Starts a session's child so that it cannot outlive us. The child leads a process group of its own; beside it a shell waits
// on a pipe whose other end only this process holds. When this process dies, by SIGKILL too, the pipe closes and the shell
// kills the group. When the child exits, we close the pipe, and whatever it left behind goes the same way, on the disk too.
import { type ChildProcess, spawn } from 'node:child_process';
import type { SpawnedProcess, SpawnOptions } from '@anthropic-ai/claude-agent-sdk';

const GUARD_FD = 3;
// The child first: while it lives it writes. The rest of the group last, since the shell is one of it.
const GUARD = `scratch=$1; shift
{ read -r _ <&${GUARD_FD}; kill -KILL $$; [ -z "$scratch" ] || rm -rf -- "$scratch"; kill -KILL 0; } >/dev/null 2>&1 &
exec ${GUARD_FD}<&-; exec "$@"`;
const LAST_WORDS = 2_000;

export interface GuardedChild extends SpawnedProcess {
  readonly pid?: number | undefined;
  /** Resolves when the child has exited, or could not be started. */
  readonly gone: Promise<void>;
  /** The end of what it wrote to standard error. */
  lastWords(): string;
  /** Kills the child and everything it started, at once. Does nothing when it has exited. */
  killGroup(): void;
}

/**
 * `scratch` names a folder that goes with the child.
 *
 * Windows has neither process groups nor `sh`: there the child is spawned plainly and killed alone, and it can outlive an
 * agent that is ended by force.
 */
export function spawnGuarded(options: SpawnOptions, scratch = ''): GuardedChild {
  const grouped = process.platform !== 'win32';
  const child = grouped ? spawnGrouped(options, scratch) : spawnPlain(options);
  let tail = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    tail = (tail + text).slice(-LAST_WORDS);
  });
  const gone = new Promise<void>((resolve) => {
    child.once('error', () => resolve());
    child.once('exit', () => {
      child.stdio[GUARD_FD]?.destroy();
      resolve();
    });
  });
  const killGroup = () => {
    if (!child.pid || child.exitCode !== null || child.signalCode !== null) return;
    if (grouped) killQuietly(-child.pid);
    else child.kill('SIGKILL');
  };
  options.signal.addEventListener('abort', killGroup, { once: true });
  return Object.assign(asSpawned(child), { gone, killGroup, lastWords: () => tail.trim() });
}

function spawnGrouped(options: SpawnOptions, scratch: string): ChildProcess {
  const child = spawn('/bin/sh', ['-c', GUARD, 'claude', scratch, options.command, ...options.args], {
    cwd: options.cwd,
    env: options.env,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
  });
  // The guard's shell dies with the group; a broken pipe is then no news.
  child.stdio[GUARD_FD]?.on('error', () => {});
  return child;
}

function spawnPlain(options: SpawnOptions): ChildProcess {
  return spawn(options.command, options.args, {
    cwd: options.cwd,
    env: options.env,
    stdio: ['pipe', 'pipe', 'pipe'],
    windowsHide: true,
  });
}

function asSpawned(child: ChildProcess): ChildProcess & SpawnedProcess {
  const { stdin, stdout } = child;
  if (!stdin || !stdout) throw new Error('The session was spawned without pipes.');
  // A child that dies while it is written to is seen by its exit; the write error adds nothing.
  stdin.on('error', () => {});
  return Object.assign(child, { stdin, stdout });
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

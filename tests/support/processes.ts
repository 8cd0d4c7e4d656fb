// Processes as the operating system sees them, and `muster up` as one of them.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const CLI = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

export interface ListedProcess {
  pid: number;
  ppid: number;
  pgid: number;
  command: string;
}

export function listProcesses(): ListedProcess[] {
  const lines = execFileSync('ps', ['-eo', 'pid=,ppid=,pgid=,args='], { encoding: 'utf8' }).split('\n');
  return lines.flatMap((line) => {
    const match = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(.*)$/.exec(line);
    return match
      ? [{ pid: Number(match[1]), ppid: Number(match[2]), pgid: Number(match[3]), command: match[4] ?? '' }]
      : [];
  });
}

/** Children, their children and so on, and whoever is in a process group that one of them leads. */
export function descendantsOf(pid: number): ListedProcess[] {
  const all = listProcesses();
  const found = new Map<number, ListedProcess>();
  const parents = [pid];
  for (const parent of parents) {
    for (const candidate of all.filter((one) => one.ppid === parent || (parent !== pid && one.pgid === parent))) {
      if (candidate.pid === pid || found.has(candidate.pid)) continue;
      found.set(candidate.pid, candidate);
      parents.push(candidate.pid);
    }
  }
  return [...found.values()].filter((one) => !one.command.startsWith('ps -eo'));
}

/** Sessions of the Agent SDK among the descendants. */
export function sessionsOf(pid: number): ListedProcess[] {
  return descendantsOf(pid).filter((one) => one.command.includes('claude-agent-sdk'));
}

export function isAlive(pid: number): boolean {
  return listProcesses().some((one) => one.pid === pid && !one.command.includes('<defunct>'));
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}

export interface MusterProcess {
  child: ChildProcess;
  pid: number;
  /** What it has printed so far. */
  output: () => string;
  errors: () => string;
  /** Resolves with the exit code, or the signal's name. */
  exited: Promise<number | string>;
}

/** Settings of a `muster up` that keeps to itself: in this folder, on free ports, with the offline model. */
export async function settingsIn(folder: string): Promise<Record<string, string>> {
  return {
    ORCHESTRATOR_PORT: String(await freePort()),
    AGENT_BASE_PORT: '0',
    DASHBOARD_PORT: '0',
    MUSTER_DATA: join(folder, 'data'),
    SHARED_FILES: join(folder, 'files'),
    MUSTER_MODEL: 'offline',
  };
}

/** Starts the compiled CLI with only these settings (and PATH, HOME) in its environment. */
export function spawnMuster(args: string[], settings: Record<string, string>): MusterProcess {
  const child = spawn(process.execPath, [CLI, ...args], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let errors = '';
  child.stdout?.on('data', (chunk) => {
    output += String(chunk);
  });
  child.stderr?.on('data', (chunk) => {
    errors += String(chunk);
  });
  const exited = once(child, 'exit').then(([code, signal]) => (code ?? signal) as number | string);
  return { child, pid: child.pid ?? 0, output: () => output, errors: () => errors, exited };
}

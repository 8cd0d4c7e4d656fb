// Hosts of a test's own on one machine: network namespaces on one bridge, each with a link that can be cut and healed.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';

const BRIDGE = 'muster-br';
const NET = '10.77.0';

function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}

export class Host {
  readonly address: string;
  private readonly name: string;
  private readonly nth: number;

  constructor(name: string, nth: number) {
    this.name = `muster-${name}`;
    this.nth = nth;
    this.address = `${NET}.${nth}`;
  }

  /** The end of the host's cable that lies on the bridge. */
  private get plug(): string {
    return `muster-v${this.nth}`;
  }

  join(): void {
    ip('netns', 'add', this.name);
    ip('link', 'add', this.plug, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', this.name);
    ip('link', 'set', this.plug, 'master', BRIDGE, 'up');
    this.run('ip', 'address', 'add', `${this.address}/24`, 'dev', 'eth0');
    this.run('ip', 'link', 'set', 'eth0', 'up');
    this.run('ip', 'link', 'set', 'lo', 'up');
  }

  cut(): void {
    ip('link', 'set', this.plug, 'down');
  }

  heal(): void {
    ip('link', 'set', this.plug, 'up');
  }

  /** Starts a process on this host; its output goes to ours. */
  spawn(command: readonly string[], env: Record<string, string> = {}): ChildProcess {
    return spawn('ip', ['netns', 'exec', this.name, ...command], {
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  /** Runs a command on this host to its end; its output. */
  run(...command: string[]): string {
    return execFileSync('ip', ['netns', 'exec', this.name, ...command], { encoding: 'utf8' });
  }

  remove(): void {
    ip('netns', 'del', this.name);
  }
}

export function layNetwork(): void {
  ip('link', 'add', BRIDGE, 'type', 'bridge');
  ip('link', 'set', BRIDGE, 'up');
}

export function removeNetwork(): void {
  ip('link', 'del', BRIDGE);
}

/** Null when namespaces can be made here, else why not. */
export function whyNoNetwork(): string | null {
  try {
    ip('netns', 'add', 'muster-probe');
    ip('netns', 'del', 'muster-probe');
    ip('link', 'add', BRIDGE, 'type', 'bridge');
    ip('link', 'del', BRIDGE);
    return null;
  } catch (error) {
    return `network namespaces cannot be made here: ${(error as Error).message.split('\n')[0]}`;
  }
}

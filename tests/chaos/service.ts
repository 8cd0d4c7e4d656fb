// One Muster process under supervision: started, killed, paused, stopped; started again by itself when it ends unasked, as a
// service manager would, which is noted.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const CLI = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
/** A process that was told to stop has this long. */
const STOP_MS = 20_000;
/** And one that was told to start, this long: Redis may be away for 30 s meanwhile. */
const START_MS = 90_000;
const RESTART_MS = 300;

export interface ServiceOptions {
  name: string;
  args: readonly string[];
  env: Readonly<Record<string, string>>;
  logFile: string;
  /** Hears of what no healthy process does: ending unasked, not ending when asked. */
  onTrouble: (what: string) => void;
}

export class Service {
  readonly name: string;
  /** The process groups it ever had: none of them may outlive it. */
  readonly groups: number[] = [];
  private readonly options: ServiceOptions;
  private child: ChildProcess | null = null;
  private wanted = false;
  private up: Promise<void> = Promise.resolve();

  constructor(options: ServiceOptions) {
    this.name = options.name;
    this.options = options;
  }

  /** Resolves when the process says that it is up, however often it has to be started for that; rejects after 90 s. */
  async start(): Promise<void> {
    this.wanted = true;
    this.launch();
    const enough = new AbortController();
    const tooLong = pause(START_MS, undefined, { signal: enough.signal }).then(() => {
      throw new Error(`${this.name} is not up after ${START_MS} ms; it says: ${this.tail(3).join(' ')}`);
    });
    tooLong.catch(() => undefined);
    await Promise.race([this.up, tooLong]).finally(() => enough.abort());
  }

  signal(signal: NodeJS.Signals): void {
    this.child?.kill(signal);
  }

  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  /** SIGTERM; one that does not end in time is killed, and that is trouble. */
  async stop(): Promise<void> {
    this.signal('SIGCONT');
    await this.end('SIGTERM');
  }

  /** The end of what all its processes wrote. */
  tail(lines: number): string[] {
    const { logFile } = this.options;
    return existsSync(logFile) ? readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-lines) : [];
  }

  private launch(): void {
    const { args, env, logFile } = this.options;
    const child = spawn(process.execPath, [CLI, ...args], {
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      // Its own process group, so that whatever it leaves behind is found.
      detached: true,
    });
    this.child = child;
    if (child.pid) this.groups.push(child.pid);
    let isUp = false;
    this.up = new Promise((resolve) => {
      const write = (bytes: Buffer) => {
        appendFileSync(logFile, bytes);
        if (isUp || !/ is up/.test(String(bytes))) return;
        isUp = true;
        resolve();
      };
      child.stdout?.on('data', write);
      child.stderr?.on('data', write);
      child.once('exit', (code, signal) => void this.after(child, { isUp, how: `${code ?? signal}` }).then(resolve));
    });
  }

  /** Resolves when another process is up in its place, or none is wanted. */
  private async after(child: ChildProcess, { isUp, how }: { isUp: boolean; how: string }): Promise<void> {
    appendFileSync(this.options.logFile, `--- process ${child.pid} ended: ${how}\n`);
    if (!this.wanted || this.child !== child) return;
    // One that never came up may have waited in vain for a server: that is its right.
    if (isUp) this.options.onTrouble(`${this.name} ended by itself: ${how}`);
    await pause(RESTART_MS);
    if (!this.wanted || this.child !== child) return;
    this.launch();
    await this.up;
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    this.wanted = false;
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    const timer = setTimeout(() => {
      this.options.onTrouble(`${this.name} did not end within ${STOP_MS} ms of ${signal}`);
      child.kill('SIGKILL');
    }, STOP_MS);
    const [code] = await gone;
    clearTimeout(timer);
    if (signal === 'SIGTERM' && code !== 0) this.options.onTrouble(`${this.name} ended with ${code} after ${signal}`);
  }
}

// Terminals as a stranger uses them. A block is typed into the terminal used last; one that is busy with something that
// keeps running is left alone and another is opened, which knows nothing of what was exported in the first. Ctrl-C is
// how things are stopped.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { descendantsOf, isAlive, type ListedProcess } from '../support/processes.ts';
import { firstUnmet } from './claims.ts';
import type { Block } from './page.ts';

/** Commands that end only when they are told to. */
const KEEPS_RUNNING = /(?:^|\s)(?:npm start|npx muster (?:up|orchestrator|agent|dashboard|offline))(?:\s|$)/;
/** They need the ports of whatever ran before, so a person stops that first. */
const NEEDS_THE_PORTS = /(?:^|\s)(?:npm start|npx muster up)(?:\s|$)/;
/** How a page says that what runs has to be stopped before. */
const WANTS_CTRL_C = /^# .*Ctrl-C/m;
const LOOK_EVERY_MS = 50;
const STOP_WITHIN_MS = 20_000;

interface Typed {
  block: Block;
  child: ChildProcess;
  output: () => string;
  exited: Promise<unknown>;
}

interface Terminal {
  /** A script that brings back what was exported, and the folder. */
  state: string;
  busyWith: Typed | null;
}

export interface Surroundings {
  /** Where terminals open. */
  folder: string;
  /** For what is to be kept between blocks; not in the stranger's way. */
  notes: string;
  env: Record<string, string>;
}

export class Desk {
  readonly #surroundings: Surroundings;
  #terminals: Terminal[] = [];
  #opened = 0;
  #seen = '';

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
  }

  /** Types the block and returns what it printed. Throws when it fails, or does not keep what is claimed of it. */
  async type(block: Block, withinMs: number): Promise<string> {
    if (NEEDS_THE_PORTS.test(lastCommandOf(block)) || WANTS_CTRL_C.test(block.text)) await this.stopAll();
    const terminal = this.#freeTerminal();
    const typed = this.#start(terminal, block);
    const output = await this.#untilClaimsHold(terminal, typed, withinMs);
    this.#seen += output;
    return output;
  }

  /** Ctrl-C in every busy terminal, the one started last first; all that they started must be gone then. */
  async stopAll(): Promise<void> {
    for (const terminal of this.#terminals.toReversed()) {
      const typed = terminal.busyWith;
      terminal.busyWith = null;
      if (typed) await interrupt(typed);
    }
  }

  #freeTerminal(): Terminal {
    const free = this.#terminals.findLast((terminal) => terminal.busyWith === null);
    if (free) return free;
    this.#opened += 1;
    const opened = {
      state: join(this.#surroundings.notes, `terminal-${this.#opened}-${Date.now()}.sh`),
      busyWith: null,
    };
    this.#terminals.push(opened);
    return opened;
  }

  #start(terminal: Terminal, block: Block): Typed {
    const { folder, env } = this.#surroundings;
    const before = existsSync(terminal.state) ? readFileSync(terminal.state, 'utf8') : `cd '${folder}'\n`;
    const after = `{ export -p; printf 'cd %q\\n' "$PWD"; } > '${terminal.state}'`;
    const script = `${terminal.state}.block`;
    writeFileSync(script, `${before}set -e -o pipefail\n${this.#withoutStandIns(block)}\n${after}\n`);
    const child = spawn('bash', ['--noprofile', '--norc', script], {
      cwd: folder,
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk) => {
        output += String(chunk);
      });
    return { block, child, output: () => output, exited: once(child, 'close') };
  }

  /** `task_…` in a command stands for the task that was seen last. */
  #withoutStandIns(block: Block): string {
    const commands = block.text.replace(/(?:^|\s)# → .*$/gm, '');
    return commands.replace(/\b(task|key|subtask)_…/g, (standIn, kind) => {
      const id = this.#seen.match(new RegExp(`\\b${kind}_[a-z0-9]{10,}\\b`, 'g'))?.at(-1);
      if (!id) throw new Error(`${where(block)}: ${standIn} stands for an id that nothing has printed so far`);
      return id;
    });
  }

  async #untilClaimsHold(terminal: Terminal, typed: Typed, withinMs: number): Promise<string> {
    const { block, child, output } = typed;
    const keepsRunning = KEEPS_RUNNING.test(lastCommandOf(block));
    if (keepsRunning && block.claims.length === 0)
      throw new Error(`${where(block)}: it keeps running, so a claim has to say when it is there`);
    if (keepsRunning) terminal.busyWith = typed;
    const deadline = Date.now() + withinMs;
    const running = () => child.exitCode === null && child.signalCode === null;
    while (running() && (!keepsRunning || firstUnmet(block.claims, output()) !== null)) {
      if (Date.now() > deadline) {
        terminal.busyWith = null;
        process.kill(-Number(child.pid), 'SIGKILL');
        throw new Error(`${where(block)}: not done after ${withinMs / 1000} s. It printed:\n${output()}`);
      }
      await Promise.race([typed.exited, new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))]);
    }
    if (!keepsRunning) await typed.exited;
    judge(typed, keepsRunning && running());
    return output();
  }
}

function judge({ block, child, output }: Typed, stillRuns: boolean): void {
  if (!stillRuns && child.exitCode !== 0)
    throw new Error(`${where(block)}: ended with ${child.exitCode ?? child.signalCode}. It printed:\n${output()}`);
  const unmet = firstUnmet(block.claims, output());
  if (unmet !== null) throw new Error(`${where(block)}: claims "${unmet}". It printed:\n${output()}`);
}

async function interrupt({ block, child, exited }: Typed): Promise<void> {
  const pid = Number(child.pid);
  const started = descendantsOf(pid);
  if (child.exitCode === null && child.signalCode === null) process.kill(-pid, 'SIGINT');
  const deadline = Date.now() + STOP_WITHIN_MS;
  const remaining = () => started.filter((one: ListedProcess) => isAlive(one.pid));
  while (child.exitCode === null && child.signalCode === null && Date.now() < deadline)
    await Promise.race([exited, new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))]);
  while (remaining().length > 0 && Date.now() < deadline)
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  const left = remaining();
  if (left.length === 0) return;
  for (const one of left) process.kill(one.pid, 'SIGKILL');
  throw new Error(`${where(block)}: Ctrl-C left running ${left.map((one) => one.command).join(', ')}`);
}

function lastCommandOf(block: Block): string {
  const lines = block.text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
  return lines.at(-1) ?? '';
}

export function where(block: Block): string {
  return `${block.page}:${block.line}`;
}

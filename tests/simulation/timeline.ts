// Virtual time: everything that happens is an entry of one timeline, one at a time, in the order of its instant. Nothing
// else makes anything happen, so the same entries and the same dice give the same history.
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Clock } from '../../src/clock.ts';
import type { Dice } from '../support/dice.ts';

export const BEGINNING = Date.UTC(2030, 0, 1);

/** A process of the simulated system: what is scheduled in its name happens only while it lives and is not stopped. */
export interface Process {
  readonly name: string;
  alive: boolean;
  /** Virtual milliseconds until which it is stopped, as by SIGSTOP. */
  stoppedUntil: number;
  /** Its wall clock differs by so many milliseconds; its timers do not. */
  skewMs: number;
  readonly onDeath: (() => void)[];
}

interface Entry {
  at: number;
  nth: number;
  owner: Process | null;
  run: () => unknown;
}

export class Timeline {
  /** Milliseconds since the beginning. */
  now = 0;
  /** What happened, for comparing two histories. */
  readonly log: string[] = [];
  private entries: Entry[] = [];
  private nth = 0;
  private readonly running = new AsyncLocalStorage<Process>();
  private readonly dice: Dice;

  constructor(dice: Dice) {
    this.dice = dice;
  }

  /** The process in whose name the present code runs. */
  get current(): Process | undefined {
    return this.running.getStore();
  }

  note(words: string): void {
    this.log.push(`${this.now} ${words}`);
  }

  /** Returns a function that cancels. */
  after(ms: number, owner: Process | null, run: () => unknown): () => void {
    const entry = { at: this.now + Math.max(0, Math.ceil(ms)), nth: this.nth++, owner, run };
    this.push(entry);
    return () => {
      this.entries = this.entries.filter((other) => other !== entry);
    };
  }

  /** Does the work at that time, and resolves with what came of it. Never, when its owner is dead by then. */
  perform<T>(ms: number, owner: Process | null, work: () => T | Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.after(ms, owner, async () => {
        try {
          resolve(await work());
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  /** A short time on the way: mostly a moment, sometimes long enough for others to overtake. */
  hop(owner: Process | null): Promise<void> {
    return this.perform(this.delay(), owner, () => undefined);
  }

  delay(): number {
    const roll = this.dice(100);
    if (roll < 60) return 0;
    return roll < 97 ? this.dice(20) : this.dice(800);
  }

  /** Lets things happen until `done`, or until this instant. True when `done`. */
  async run(until: number, done: () => boolean | Promise<boolean> = () => false): Promise<boolean> {
    let looked = this.now;
    for (;;) {
      const next = this.entries[0];
      if (!next || next.at > until) {
        this.now = Math.max(this.now, until);
        return done();
      }
      this.entries.shift();
      this.now = next.at;
      await this.happen(next);
      if (this.now - looked < 1_000) continue;
      looked = this.now;
      if (await done()) return true;
    }
  }

  clockOf(process: Process): Clock {
    return {
      now: () => new Date(BEGINNING + this.now + process.skewMs),
      after: (ms, callback) => this.after(ms, process, callback),
    };
  }

  /** The clock of what is no process of ours, such as the servers. */
  readonly clock: Clock = {
    now: () => new Date(BEGINNING + this.now),
    after: (ms, callback) => this.after(ms, null, callback),
  };

  private async happen({ owner, run, ...entry }: Entry): Promise<void> {
    if (owner && !owner.alive) return;
    if (owner && owner.stoppedUntil > this.now) {
      this.push({ ...entry, owner, run, at: owner.stoppedUntil });
      return;
    }
    // An entry may wait for the real database, never for another entry.
    if (owner) await this.running.run(owner, async () => void (await run()));
    else await run();
    await settled();
  }

  private push(entry: Entry): void {
    let place = this.entries.length;
    for (let before = this.entries[place - 1]; before && isLater(before, entry); before = this.entries[place - 1])
      place -= 1;
    this.entries.splice(place, 0, entry);
  }
}

function isLater(a: Entry, b: Entry): boolean {
  return a.at > b.at || (a.at === b.at && a.nth > b.nth);
}

/** Promises have been followed to their ends, and so have the memory bus's notices, which take one turn of the loop. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 2; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

export function createProcess(name: string): Process {
  return { name, alive: true, stoppedUntil: 0, skewMs: 0, onDeath: [] };
}

export function kill(process: Process): void {
  if (!process.alive) return;
  process.alive = false;
  for (const callback of process.onDeath) callback();
}

// A command line's surroundings for tests: what it writes is kept as text, what it reads and when it is interrupted is
// the test's to say.
import pc from 'picocolors';
import type { Io } from '../../src/cli/io.ts';

export interface CapturedIo extends Io {
  out(): string;
  err(): string;
  interrupt(): void;
  /** How many have asked to hear of Ctrl-C and still do. */
  listening(): number;
}

export interface Surroundings {
  env?: Record<string, string>;
  /** Makes standard output a terminal of this size. */
  terminal?: { columns: number; rows: number };
  /** What is piped in; left out, standard input is a terminal. */
  piped?: string;
  /** Makes standard error a terminal. */
  terminalErrors?: boolean;
  colors?: boolean;
  now?: Date;
}

export function captureIo({
  env = {},
  terminal,
  piped,
  terminalErrors = false,
  colors = false,
  now,
}: Surroundings = {}): CapturedIo {
  const out: string[] = [];
  const err: string[] = [];
  const handlers = new Set<() => void>();
  return {
    stdin: {
      isTTY: piped === undefined,
      async *[Symbol.asyncIterator]() {
        if (piped !== undefined) yield Buffer.from(piped);
      },
    },
    stdout: { write: (text) => out.push(text), ...(terminal ? { isTTY: true, ...terminal } : {}) },
    stderr: { write: (text) => err.push(text), ...(terminalErrors && { isTTY: true }) },
    env,
    colors: pc.createColors(colors),
    now: () => now ?? new Date('2026-01-02T03:04:10.000Z'),
    onInterrupt(handler) {
      handlers.add(handler);
      return () => handlers.delete(handler);
    },
    out: () => out.join(''),
    err: () => err.join(''),
    interrupt: () => {
      for (const handler of handlers) handler();
    },
    listening: () => handlers.size,
  };
}

// The world as a command sees it: where it reads and writes, and how it hears of Ctrl-C. Only here does the CLI touch
// the process.
import pc from 'picocolors';

/** A stream to write to; the last three are there when it is a terminal. */
export interface Output {
  write(text: string): unknown;
  isTTY?: boolean | undefined;
  columns?: number | undefined;
  rows?: number | undefined;
}

export interface Input extends AsyncIterable<string | Uint8Array> {
  isTTY?: boolean | undefined;
}

export interface Io {
  stdin: Input;
  stdout: Output;
  stderr: Output;
  env: Readonly<Record<string, string | undefined>>;
  /** Picocolors, on or off, as `wantsColors` says. */
  colors: ReturnType<typeof pc.createColors>;
  now(): Date;
  /** Replaces what Ctrl-C does, once, until the returned function is called. */
  onInterrupt(handler: () => void): () => void;
}

export function processIo(): Io {
  endQuietlyWhenNobodyReads(process.stdout);
  return {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    colors: pc.createColors(wantsColors(process.env, process.stdout)),
    now: () => new Date(),
    onInterrupt(handler) {
      process.once('SIGINT', handler);
      return () => process.off('SIGINT', handler);
    },
  };
}

/** NO_COLOR wins over FORCE_COLOR, and both over whether the output is a terminal (https://no-color.org). */
export function wantsColors(env: Io['env'], output: Output): boolean {
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR) return !['0', 'false'].includes(env.FORCE_COLOR);
  return output.isTTY === true && env.TERM !== 'dumb';
}

/** `muster tasks | head` closes the pipe early: that is no error worth a stack trace. */
function endQuietlyWhenNobodyReads(stream: NodeJS.WriteStream): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(1);
  });
}

/** Columns that a line may fill: no limit when the output is not a terminal, 80 when a terminal says 0, not knowing its size. */
export function widthOf(output: Output): number {
  return output.isTTY ? output.columns || 80 : Number.POSITIVE_INFINITY;
}

export function writeLines(output: Output, lines: readonly string[]): void {
  if (lines.length > 0) output.write(`${lines.join('\n')}\n`);
}

/** One JSON document. Bytes that a terminal could take for commands are escaped; JSON itself escapes only some of them. */
export function writeJson(output: Output, value: unknown): void {
  output.write(`${harmless(JSON.stringify(value, null, 2))}\n`);
}

/** The same on one line, for what comes one by one. */
export function writeJsonLine(output: Output, value: unknown): void {
  output.write(`${harmless(JSON.stringify(value))}\n`);
}

function harmless(json: string): string {
  return json.replace(/[\u007f-\u009f]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

// What takes long says so on standard error: on a terminal a line that turns and is wiped away again, elsewhere a plain
// line. What is quick says nothing, and neither does what answers in JSON.
import type { Io, Output } from './io.ts';
import { cut } from './text.ts';

/** Whoever has waited this long wonders whether anything happens. */
const PATIENCE_MS = 2_000;
const TURN_MS = 100;
const TURNS = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const WIPE = '\r\x1b[K';

export interface Progress {
  /** Says what is waited for from now on. */
  say(what: string): void;
  end(): void;
}

/** Runs the work, saying `what` while it takes long. */
export async function withProgress<Value>(io: Io, what: string, work: () => Promise<Value>): Promise<Value> {
  const progress = startProgress(io, what);
  try {
    return await work();
  } finally {
    progress.end();
  }
}

export function startProgress({ stderr }: Pick<Io, 'stderr'>, first: string): Progress {
  const shown = stderr.isTTY ? turningLine(stderr) : plainLines(stderr);
  let what = first;
  let timer = setTimeout(function show() {
    shown.show(what);
    timer = setTimeout(show, TURN_MS);
    timer.unref();
  }, PATIENCE_MS);
  // Progress alone must keep no process alive.
  timer.unref();
  return {
    say: (next) => {
      what = next;
    },
    end: () => {
      clearTimeout(timer);
      shown.end();
    },
  };
}

interface Shown {
  show(what: string): void;
  end(): void;
}

function turningLine(stderr: Output): Shown {
  let turn = 0;
  return {
    show(what) {
      const seconds = Math.floor((PATIENCE_MS + turn * TURN_MS) / 1_000);
      const line = `${TURNS[turn % TURNS.length]} ${what} … ${seconds} s`;
      stderr.write(`${WIPE}${cut(line, (stderr.columns || 80) - 1)}`);
      turn += 1;
    },
    end: () => void (turn > 0 && stderr.write(WIPE)),
  };
}

/** Each thing that is waited for is said once. */
function plainLines(stderr: Output): Shown {
  let said = '';
  return {
    show(what) {
      if (what !== said) stderr.write(`muster: ${what} …\n`);
      said = what;
    },
    end: () => undefined,
  };
}

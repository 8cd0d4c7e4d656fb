// What wakes a stream that waits: it rings once for many calls, and whoever hears it looks for itself.
import type { Clock } from '../clock.ts';

export interface Bell {
  ring(): void;
  /** Resolves when it rang since the last call, after `ms`, or when the signal aborts. For one listener. */
  next(ms: number, signal: AbortSignal): Promise<void>;
}

export function createBell(clock: Clock): Bell {
  let rung = false;
  let wake = () => {};
  return {
    ring() {
      rung = true;
      wake();
    },
    async next(ms, signal) {
      if (!rung && !signal.aborted) await pause(clock, { ms, signal, onWake: (resolve) => (wake = resolve) });
      rung = false;
    },
  };
}

interface Pause {
  ms: number;
  signal: AbortSignal;
  onWake?: (resolve: () => void) => void;
}

/** Resolves after `ms`, or when the signal aborts. */
export function pause(clock: Clock, { ms, signal, onWake }: Pause): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      cancel();
      signal.removeEventListener('abort', end);
      resolve();
    };
    const cancel = clock.after(ms, end);
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
    onWake?.(end);
  });
}

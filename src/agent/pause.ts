// Waiting that can be cut short.
import type { Clock } from '../clock.ts';

/** Resolves after `ms` milliseconds, or at once when the signal aborts; the caller looks at the signal to tell which. */
export async function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0 || signal.aborted) return;
  await new Promise<void>((resolve) => {
    const done = () => {
      cancel();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const cancel = clock.after(ms, done);
    signal.addEventListener('abort', done, { once: true });
  });
}

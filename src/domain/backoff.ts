// How long to wait before a failed attempt is tried again.

const BASE_MS = 1_000;
const CAP_MS = 60_000;

/**
 * Milliseconds to wait after the `failures`-th failure (from 1): exponential with equal jitter, half of it fixed and
 * half random, so that retries neither hammer nor move in step (Brooker, "Exponential Backoff And Jitter", 2015).
 * `random` is a number in [0, 1).
 */
export function backoffMs(failures: number, random: number): number {
  const ceiling = Math.min(CAP_MS, BASE_MS * 2 ** (failures - 1));
  return Math.round(ceiling / 2 + (ceiling / 2) * random);
}

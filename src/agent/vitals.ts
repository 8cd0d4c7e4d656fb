// How busy this process is, in percent, for the heartbeat. The children of a session are not counted.
import { availableParallelism, totalmem } from 'node:os';
import type { Clock } from '../clock.ts';

export interface Vitals {
  /** Since the last call: CPU time used ÷ (time passed × cores) × 100, as `top` has it on all cores; 0 to 100. */
  cpu_usage: number;
  /** Resident memory ÷ the memory there is (the container's limit, when there is one) × 100; 0 to 100. */
  memory_usage: number;
}

/** Returns a function that measures; the first call measures from now on. */
export function createVitals(clock: Clock): () => Vitals {
  let since = { at: clock.now().getTime(), used: cpuMs() };
  let cpu_usage = 0;
  return () => {
    const now = { at: clock.now().getTime(), used: cpuMs() };
    const passed = now.at - since.at;
    // Too short a span says nothing; the last figure stands.
    if (passed >= MIN_SPAN_MS) {
      cpu_usage = percent((now.used - since.used) / (passed * availableParallelism()));
      since = now;
    }
    return { cpu_usage, memory_usage: percent(process.memoryUsage.rss() / memoryLimit()) };
  };
}

const MIN_SPAN_MS = 50;

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function memoryLimit(): number {
  const limit = process.constrainedMemory?.() ?? 0;
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}

function percent(share: number): number {
  return Math.round(Math.min(1, Math.max(0, share)) * 1000) / 10;
}

import { availableParallelism } from 'node:os';
import { describe, expect, it } from 'vitest';
import { createManualClock } from '../../tests/support/manual-clock.ts';
import { createVitals } from './vitals.ts';

describe('vitals', () => {
  it('are percentages', () => {
    const clock = createManualClock();
    const vitals = createVitals(clock);
    clock.advance(1_000);
    const { cpu_usage, memory_usage } = vitals();
    expect(cpu_usage).toBeGreaterThanOrEqual(0);
    expect(cpu_usage).toBeLessThanOrEqual(100);
    expect(memory_usage).toBeGreaterThan(0);
    expect(memory_usage).toBeLessThanOrEqual(100);
  });

  it('measure the CPU time used against the time passed on all cores', () => {
    const clock = createManualClock();
    const vitals = createVitals(clock);
    const usedMs = burn(200);
    clock.advance(1_000);
    const expected = (usedMs / (1_000 * availableParallelism())) * 100;
    expect(vitals().cpu_usage).toBeGreaterThanOrEqual(Math.floor(expected * 0.9));
    expect(vitals().cpu_usage).toBeLessThanOrEqual(100);
  });

  it('repeat the last figure when asked again too soon to tell', () => {
    const clock = createManualClock();
    const vitals = createVitals(clock);
    burn(100);
    clock.advance(1_000);
    const first = vitals().cpu_usage;
    clock.advance(10);
    expect(vitals().cpu_usage).toBe(first);
  });
});

function burn(ms: number): number {
  const before = process.cpuUsage();
  for (;;) {
    const { user, system } = process.cpuUsage(before);
    if (user + system >= ms * 1_000) return (user + system) / 1_000;
  }
}

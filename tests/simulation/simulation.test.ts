// Random histories of the whole system in virtual time. A history that breaks a rule is made shorter and printed with its
// seed. SIM_RUNS says how many there are, SIM_SEED repeats a run.
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Engine, openEngine } from './database.ts';
import { history } from './history.ts';
import { play } from './world.ts';

const RUNS = Number(process.env.SIM_RUNS ?? 100);
const SEED = Number(process.env.SIM_SEED ?? Date.now() % 1_000_000_000);
/** How long a broken rule's history is made shorter. */
const SHRINK_MS = 60_000;

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine();
});
afterAll(() => engine.close());

describe('the system in virtual time', () => {
  it(
    `brings every task to its end and breaks no rule, in ${RUNS} random histories (SIM_SEED=${SEED})`,
    async () => {
      let shrinkUntil = Number.POSITIVE_INFINITY;
      const property = fc.asyncProperty(history, async (given) => {
        if (Date.now() > shrinkUntil) return;
        const { wrong } = await play(engine, given);
        if (wrong.length > 0) shrinkUntil = Math.min(shrinkUntil, Date.now() + SHRINK_MS);
        expect(wrong).toEqual([]);
      });
      await fc.assert(property, { numRuns: RUNS, seed: SEED });
    },
    24 * 3_600_000,
  );

  it('has the same history for the same seed', async () => {
    for (const given of fc.sample(history, { seed: SEED, numRuns: 3 })) {
      const first = await play(engine, given);
      const second = await play(engine, given);
      expect(second).toEqual(first);
    }
  }, 120_000);
});

// "Wait 30 seconds": the server has already taken that long (rehearsals.ts); this says so.
import { rehearsedDelayMs } from '../rehearsals.ts';
import { done, type Skill } from '../skill.ts';

export const waiting: Skill = {
  fits: ({ text }) => rehearsedDelayMs(text) !== undefined,
  // biome-ignore lint/correctness/useYield: it needs no tool, and is a generator only because every skill is one.
  *run(work) {
    const seconds = (rehearsedDelayMs(work.text) ?? 0) / 1000;
    return done(`Waited ${seconds} seconds and did nothing else.`, { waited_seconds: seconds });
  },
};

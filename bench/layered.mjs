// Random layered graphs with durations, and the time that no scheduler can beat on them.

import { DEFAULT_CREW } from '../dist/domain/agent.js';
import { dice } from './statistics.mjs';

/** `estimate` is what the plan says, in units of its own. */
/** @typedef {{ capabilities: string[], dependencies: number[], durationMs: number, estimate: number }} TimedStep */
/** @typedef {readonly { agent_id: string, capabilities: readonly string[] }[]} CrewList */

const LAYERS = 6;
const WIDEST = 7;
const LONGEST = 20;
const UNIT_MS = 50;

/** @param {number} seed @returns {TimedStep[]} */
export function layeredGraph(seed) {
  const roll = dice(seed);
  const below = (/** @type {number} */ limit) => Math.floor(roll() * limit);
  /** @type {TimedStep[]} */
  const steps = [];
  /** @type {number[]} */
  let before = [];
  for (let layer = 0; layer < LAYERS; layer += 1) {
    const first = steps.length;
    const width = 2 + below(WIDEST - 1);
    for (let nth = 0; nth < width; nth += 1) {
      const dependencies = before.filter(() => roll() < 0.4);
      const estimate = 1 + below(LONGEST);
      steps.push({ capabilities: needs(roll), dependencies, durationMs: estimate * UNIT_MS, estimate });
    }
    before = steps.map((_, nth) => nth).slice(first);
  }
  return steps;
}

/** What one of the crew can do, all of it or a part. @param {() => number} roll */
function needs(roll) {
  const all = DEFAULT_CREW[Math.floor(roll() * DEFAULT_CREW.length)]?.capabilities ?? [];
  return roll() < 0.3 ? [...all] : [...all].slice(Math.floor(roll() * all.length)).slice(0, 1);
}

/** @param {TimedStep} step @param {CrewList[number]} agent */
export function canDo({ capabilities }, agent) {
  return capabilities.every((capability) => agent.capabilities.includes(capability));
}

/** The longest path, or the work that only some agents can do shared among them. @param {TimedStep[]} steps @param {CrewList} crew */
export function lowerBound(steps, crew) {
  const groups = Array.from({ length: 2 ** crew.length - 1 }, (_, nth) =>
    crew.filter((_, at) => (nth + 1) & (1 << at)),
  );
  const shares = groups.map((group) => {
    const theirs = steps.filter((step) => crew.every((agent) => !canDo(step, agent) || group.includes(agent)));
    return theirs.reduce((sum, step) => sum + step.durationMs, 0) / group.length;
  });
  return Math.max(longestPath(steps), ...shares);
}

/** @param {TimedStep[]} steps */
function longestPath(steps) {
  /** @type {number[]} */
  const ends = [];
  for (const { dependencies, durationMs } of steps)
    ends.push(durationMs + Math.max(0, ...dependencies.map((source) => ends[source] ?? 0)));
  return Math.max(...ends);
}

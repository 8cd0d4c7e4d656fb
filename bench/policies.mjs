// Scheduling policies in virtual time: when a step may start, which agent takes which of the ready ones. No overhead, so that a
// measured makespan is compared with the best that each policy could do.
import { maskOf } from '../dist/domain/capability.js';
import { match } from '../dist/domain/match.js';
import { upwardRanks } from '../dist/domain/rank.js';
import { canDo } from './layered.mjs';

/** @typedef {import('./layered.mjs').TimedStep} TimedStep */
/** @typedef {import('./layered.mjs').CrewList} CrewList */
/**
 * Steps that are ready, in the order in which they became so, and agents that are free → who takes what.
 * @typedef {(ready: number[], free: CrewList, steps: TimedStep[]) => { nth: number, agentId: string }[]} Policy
 */

/** The makespan. @param {TimedStep[]} steps @param {CrewList} crew @param {Policy} policy */
export function simulate(steps, crew, policy) {
  const waitingFor = steps.map((step) => step.dependencies.length);
  let ready = waitingFor.flatMap((count, nth) => (count === 0 ? [nth] : []));
  /** @type {{ nth: number, agentId: string, endsAt: number }[]} */
  let running = [];
  let now = 0;
  while (ready.length > 0 || running.length > 0) {
    const free = crew.filter((agent) => !running.some((one) => one.agentId === agent.agent_id));
    const taken = policy(ready, free, steps);
    ready = ready.filter((nth) => !taken.some((one) => one.nth === nth));
    running.push(...taken.map((one) => ({ ...one, endsAt: now + (steps[one.nth]?.durationMs ?? 0) })));
    now = Math.min(...running.map((one) => one.endsAt));
    const ended = running.filter((one) => one.endsAt === now);
    running = running.filter((one) => one.endsAt !== now);
    for (const { nth } of ended) ready.push(...unblock(steps, waitingFor, nth));
  }
  return now;
}

/** @param {TimedStep[]} steps @param {number[]} waitingFor @param {number} ended */
function unblock(steps, waitingFor, ended) {
  return steps.flatMap(({ dependencies }, nth) => {
    if (!dependencies.includes(ended)) return [];
    waitingFor[nth] = (waitingFor[nth] ?? 0) - 1;
    return waitingFor[nth] === 0 ? [nth] : [];
  });
}

/** First come, first served, by the first free agent that can. @type {Policy} */
export function firstFit(ready, free, steps) {
  const left = [...free];
  return ready.flatMap((nth) => {
    const step = steps[nth];
    const at = left.findIndex((agent) => step && canDo(step, agent));
    return at < 0 ? [] : left.splice(at, 1).map((agent) => ({ nth, agentId: agent.agent_id }));
  });
}

/** Muster's matching, first come, first served. @type {Policy} */
export function unranked(ready, free, steps) {
  const seekers = ready.map((nth) => ({
    id: String(nth),
    needs: maskOf(/** @type {any} */ (steps[nth]?.capabilities)),
  }));
  const seats = free.map((agent) => ({
    id: agent.agent_id,
    has: maskOf(/** @type {any} */ (agent.capabilities)),
    free: 1,
    running: 0,
  }));
  return match(seekers, seats).map(({ subtaskId, agentId }) => ({ nth: Number(subtaskId), agentId }));
}

/** Muster's own: the same, the longest remaining path first. @type {Policy} */
export function ranked(ready, free, steps) {
  const ranks = upwardRanks(
    steps.map(({ dependencies, estimate }) => ({ dependencies, estimated_duration: estimate })),
  );
  return unranked(
    [...ready].sort((a, b) => (ranks[b] ?? 0) - (ranks[a] ?? 0)),
    free,
    steps,
  );
}

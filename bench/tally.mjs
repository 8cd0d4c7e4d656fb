// Executions as the worker itself saw them: when each began and ended, by a clock that all processes of a machine share.
import { setTimeout as pause } from 'node:timers/promises';
import { outputOf } from './graphs.mjs';

/** @typedef {{ start: number, end: number }} Span Milliseconds of the machine's monotonic clock. */

/** @type {Span[]} */
const spans = [];

/** Milliseconds since the machine started; the same in every process. */
export function now() {
  return Number(process.hrtime.bigint()) / 1e6;
}

/**
 * The work of a step.
 * @param {Pick<import('./graphs.mjs').Step, 'value' | 'durationMs'>} step
 * @param {number[]} inputs
 */
export async function execute({ value, durationMs }, inputs) {
  const start = now();
  if (durationMs > 0) await pause(durationMs);
  spans.push({ start, end: now() });
  return outputOf(value, inputs);
}

/** @param {Span} span */
export function note(span) {
  spans.push(span);
}

/** What was executed since the last time. */
export function takeSpans() {
  return spans.splice(0);
}

/** In a worker process: answers the benchmark's questions over IPC. */
export function answerQuestions() {
  process.on('message', (question) => {
    if (question === 'spans') process.send?.({ spans: takeSpans() });
  });
  // The questions alone are no reason to stay alive.
  process.channel?.unref();
}

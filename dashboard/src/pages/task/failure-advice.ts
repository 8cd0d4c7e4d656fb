// What a person can do about a failed task, by the codes of the attempts that failed last.
import type { FAILURE_CODES } from '../../../../src/domain/errors.ts';
import type { AttemptSpan, GraphNode } from '../../../../src/protocol/dashboard-api.ts';

type FailureCode = (typeof FAILURE_CODES)[number];

const RETRY = 'Retry runs the failed part again and keeps what completed.';

const ADVICE: Partial<Record<FailureCode, string>> = {
  agent_lost: `The agent went away: see on the agents page whether it is back. ${RETRY}`,
  timeout: 'It took longer than an attempt may: split it into smaller subtasks in a new task, or retry.',
  model_overloaded: `The model was overloaded, three times in a row: wait a few minutes. ${RETRY}`,
  crashed: `The session of the agent broke off: its log shows where. ${RETRY}`,
  unsuccessful: `The agent says that it cannot be done: read its log, and hand over a new task with what it lacked.`,
  max_turns: 'The turns are used up: hand over the task again with a higher limit.',
  budget_exceeded: 'The budget is spent: hand over the task again with a higher one.',
  model_refused: 'The model declined it: say the task in other words. The same words will be declined again.',
  model_rejected: `The model service took neither request nor key: check the key, then retry.`,
};

/** One sentence for each kind of failure; a general one when nothing is known. */
export function adviceFor(
  attempts: readonly AttemptSpan[],
  failed: readonly Pick<GraphNode, 'position' | 'attempt'>[],
): string[] {
  const last = new Map(failed.map(({ position, attempt }) => [position, attempt]));
  const codes = attempts.flatMap((span) =>
    span.error_code !== null && last.get(span.position) === span.attempt ? [span.error_code] : [],
  );
  const words = [...new Set(codes)].flatMap((code) => ADVICE[code] ?? []);
  return words.length > 0 ? words : [`Read the log of what failed. ${RETRY}`];
}

/** The API cuts the error of a row here; the side panel has all of it. */
const ERROR_MAX = 200;

export function clipped(error: string | null): string {
  if (error === null) return 'no reason was given';
  return error.length < ERROR_MAX ? error : `${error.trimEnd()}…`;
}

// What the measurements ask of a running Muster, over its HTTP API alone.
import { setTimeout as pause } from 'node:timers/promises';

const LOOK_MS = 20;
const WAIT_MS = 180_000;

/** @typedef {{ position: number, started_at: string, ended_at: string | null, outcome: string, agent_id: string }} Span */
/** @typedef {{ subtask_id: string, status: string, output: unknown }} Result */

/** @param {string} url @param {string} path @param {unknown} [body] Sent as JSON. @returns {Promise<any>} */
export async function ask(url, path, body) {
  const request = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const answer = await fetch(url + path, body === undefined ? {} : request);
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
  return answer.json();
}

/** @param {string} url @param {{ description: string, plan?: unknown }} task @returns {Promise<string>} Its id. */
export async function submit(url, task) {
  return (await ask(url, '/tasks', task)).task_id;
}

/** Until it has ended. @param {string} url @param {string} id @returns {Promise<{ task: { status: string, error: string | null, result: { summary: string } | null, subtasks: { id: string, status: string }[] }, subtask_results: Result[] }>} */
export async function ended(url, id) {
  const deadline = Date.now() + WAIT_MS;
  for (;;) {
    const answer = await ask(url, `/tasks/${id}`);
    if (['completed', 'failed', 'cancelled'].includes(answer.task.status)) return answer;
    if (Date.now() > deadline) throw new Error(`${id} is ${answer.task.status} after ${WAIT_MS / 1000} s`);
    await pause(LOOK_MS);
  }
}

/** Rejects unless it completes. @param {string} url @param {{ description: string, plan?: unknown }} task @returns {Promise<Span[]>} Its attempts. */
export async function completed(url, task) {
  const id = await submit(url, task);
  const answer = await ended(url, id);
  if (answer.task.status !== 'completed') throw new Error(`${id} is ${answer.task.status}: ${answer.task.error}`);
  return (await ask(url, `/tasks/${id}/graph`)).attempts;
}

/** The most attempts that ran at one instant. @param {Span[]} spans */
export function mostAtOnce(spans) {
  const moves = spans.flatMap(({ started_at, ended_at }) => [
    { at: Date.parse(started_at), by: 1 },
    { at: Date.parse(ended_at ?? started_at), by: -1 },
  ]);
  // At one instant ends count before starts, so that two in a row are not taken for two at once.
  moves.sort((one, other) => one.at - other.at || one.by - other.by);
  let running = 0;
  return moves.reduce((most, { by }) => {
    running += by;
    return Math.max(most, running);
  }, 0);
}

/** @param {number[]} values @param {number} share 0 to 1. The nearest rank. */
export function percentile(values, share) {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

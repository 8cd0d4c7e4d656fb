// `npm run load`: every operation of contracts/ at a fixed rate on real processes, PostgreSQL and Redis, with thousands of tasks
// there and streams of events open. `--short`: a second each and a low rate, to see that all of it works.
//
// Prints a table and writes test-results/load.json, for whoever reads it by program:
//   { "machine": {…}, "rate": 200, "seconds": 5, "tasks": 5000, "streams": 60,
//     "operations": [{ "operation": "getTask", "service": "orchestrator", "method": "GET", "path": "/tasks/{task_id}",
//       "rate": 200, "answers": 1000, "p50": 1, "p95": 2, "p99": 4, "bad": 0, "broken": 0 }, …],
//     "left": { "in_flight": 0 }, "failures": [] }
// Times are milliseconds; those of a stream are until its headers. The exit code is 1 when an answer was not 2xx, a connection
// broke, or requests were still open at the end; how long anything took is not judged.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { fire } from './fire.mjs';
import { cleanUpWhenInterrupted } from './interruption.mjs';
import { planned, RECIPES } from './load-recipes.mjs';
import { describeMachine } from './machine.mjs';
import { NARROW } from './measure.mjs';
import { startServices } from './muster-processes.mjs';
import { dropAll, freshPlace } from './servers.mjs';
import { percentile } from './statistics.mjs';
import { grow } from './workloads/history.mjs';

const RESULTS = new URL('../test-results/', import.meta.url);
const FULL = { rate: 200, seconds: 5, tasks: 5_000, streams: 20 };
const SHORT = { rate: 20, seconds: 1, tasks: 300, streams: 5 };
/** Keys may be made without any being asked for; nothing is limited. */
const SETTINGS = { MUSTER_API_KEYS: 'off', RATE_LIMIT: 'off' };
const IN_FLIGHT = /^muster_http_requests_in_flight (\d+)$/m;
const SETTLE_MS = 30_000;
const LOOK_MS = 50;
const USED_UP = 'used_up';

/** @typedef {{ id: string, service: string, method: string, path: string, recipe: import('./load-recipes.mjs').Recipe }} Operation */
/** @typedef {import('./load-recipes.mjs').There} There */
/** @typedef {Awaited<ReturnType<typeof measure>>} Reading */

/** @param {string} service @returns {Operation[]} */
function operationsOf(service) {
  const { paths } = JSON.parse(readFileSync(new URL(`../contracts/${service}-api.json`, import.meta.url), 'utf8'));
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, { operationId: id }]) => {
      const recipe = RECIPES[id];
      if (!recipe) throw new Error(`${id} has no recipe: add one to bench/load-recipes.mjs`);
      return { id, service, method: method.toUpperCase(), path, recipe };
    }),
  );
}

async function main() {
  const { values } = parseArgs({ options: { short: { type: 'boolean', default: false } } });
  const sizes = values.short ? SHORT : FULL;
  const operations = [...operationsOf('orchestrator'), ...operationsOf('agent')];
  const place = await freshPlace();
  await grow(place.postgresUrl, sizes.tasks);
  const muster = await startServices({ ...NARROW, place, settings: SETTINGS });
  try {
    const [agent] = await muster.client.agents();
    const urls = { orchestrator: muster.url, agent: agent?.url ?? '' };
    const there = await prepare(muster, { sizes, operations });
    const streams = await openStreams(operations, { url: muster.url, there, count: sizes.streams });
    const readings = [...streams.readings];
    for (const operation of operations.filter(({ recipe }) => !recipe.stream)) {
      if (operation.service === 'agent') {
        streams.close();
        await cancelLeft(muster.client, there);
      }
      const url = operation.service === 'agent' ? urls.agent : urls.orchestrator;
      readings.push(await measure(operation, { url, there, sizes }));
    }
    await report({ sizes, readings, streams: streams.count, inFlight: await settled(muster.url) });
  } finally {
    await muster.stop();
    await place.drop();
  }
}

/**
 * What the recipes ask for: a task with a file, and as many to be used up as requests will be sent.
 * @param {import('./muster-processes.mjs').RunningMuster} muster
 * @param {{ sizes: typeof FULL, operations: Operation[] }} wanted
 * @returns {Promise<There>}
 */
async function prepare({ url, client }, { sizes }) {
  const form = new FormData();
  form.set('description', 'One step, with a file');
  form.set('plan', JSON.stringify(planned().plan));
  form.set('files', new Blob(['some words']), 'words.txt');
  const task = await asked(`${url}/tasks`, { method: 'POST', body: form });
  const { task: done } = await client.wait(task.task_id);
  const [file] = (await asked(`${url}/tasks/${done.id}/files`)).files;
  // Once: of several at the same moment PostgreSQL lets one make the table.
  const sql = 'create table load (one int)';
  await asked(`${url}/workspace/execute`, { method: 'POST', ...jsonBody({ sql }) });
  const count = Math.ceil(sizes.rate * (sizes.seconds + 1) * 1.5);
  const failed = await submitMany(client, { count, input: { fail: 'it was to fail' } });
  for (const id of failed) await client.wait(id);
  const running = await submitMany(client, { count, input: { duration_ms: 3_600_000 } });
  const keys = [];
  for (let nth = 0; nth < count; nth += 1) keys.push((await client.createKey({ role: 'operate', user_id: 'load' })).id);
  const next = (/** @type {string[]} */ ids) => () => ids.pop() ?? USED_UP;
  return {
    task: done.id,
    subtask: done.subtasks[0]?.id ?? '',
    file: file.path,
    watched: running.shift() ?? '',
    running: next(running),
    failed: next(failed),
    key: next(keys),
  };
}

/** Agents that are full would refuse what they are asked to run. @param {import('../dist/protocol/client.js').Client} client @param {There} there */
async function cancelLeft(client, there) {
  await client.cancel(there.watched).catch((error) => {
    if (error.code !== 'wrong_state') throw error;
  });
  for (let id = there.running(); id !== USED_UP; id = there.running()) await client.cancel(id);
  const agents = async () => (await client.agents()).every(({ running }) => running.length === 0);
  while (!(await agents())) await pause(LOOK_MS);
}

/** @param {string} url @param {RequestInit} [init] @returns {Promise<any>} */
async function asked(url, init) {
  const answer = await fetch(url, init);
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

/** @param {unknown} value */
function jsonBody(value) {
  return { headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) };
}

/** @param {import('../dist/protocol/client.js').Client} client @param {{ count: number, input: object }} wanted */
async function submitMany(client, { count, input }) {
  const outcomes = await client.submitAll(Array.from({ length: count }, () => planned(input)));
  return outcomes.map((outcome) => {
    if (outcome.status !== 'created') throw new Error(`a task was refused: ${outcome.error.detail}`);
    return outcome.task_id;
  });
}

/** @param {Operation} operation @param {There} there */
function requestFor({ method, path, recipe }, there) {
  const filled = Object.entries(recipe.path?.(there) ?? {}).reduce(
    (text, [name, value]) => text.replace(`{${name}}`, value.split('/').map(encodeURIComponent).join('/')),
    path,
  );
  const body = recipe.body?.(there);
  return {
    method: /** @type {'GET'} */ (method),
    path: recipe.query === undefined ? filled : `${filled}?${recipe.query}`,
    ...(body !== undefined && jsonBody(body)),
  };
}

/** @param {Operation} operation @param {{ url: string, there: There, sizes: typeof FULL }} load */
async function measure(operation, { url, there, sizes }) {
  const rate = Math.min(sizes.rate, operation.recipe.rate ?? sizes.rate);
  const request = operation.recipe.uses
    ? { setupRequest: (/** @type {object} */ one) => ({ ...one, ...requestFor(operation, there) }) }
    : requestFor(operation, there);
  const { times, bad, broken } = await fire({ url, rate, seconds: sizes.seconds, requests: [request] });
  return readingOf(operation, { rate, times, bad, broken });
}

/** @param {Operation} operation @param {{ rate: number } & import('./fire.mjs').Fired} fired */
function readingOf({ id, service, method, path }, { rate, times, bad, broken }) {
  const at = (/** @type {number} */ percent) => Number(percentile(times, percent).toFixed(1));
  const figures = { answers: times.length, p50: at(50), p95: at(95), p99: at(99) };
  return { operation: id, service, method, path, rate, ...figures, bad, broken };
}

/** All at once, and open until they are closed. @param {Operation[]} operations @param {{ url: string, there: There, count: number }} wanted */
async function openStreams(operations, { url, there, count }) {
  const closing = new AbortController();
  const running = { ...there, task: there.watched };
  const readings = [];
  for (const operation of operations.filter(({ recipe }) => recipe.stream)) {
    const opened = await Promise.all(
      Array.from({ length: count }, async () => {
        const startedAt = performance.now();
        const { path } = requestFor(operation, running);
        const { ok } = await fetch(`${url}${path}`, { signal: closing.signal });
        return { ms: performance.now() - startedAt, ok };
      }),
    );
    const times = opened.map(({ ms }) => ms);
    const bad = opened.filter(({ ok }) => !ok).length;
    readings.push(readingOf(operation, { rate: count, times, bad, broken: 0 }));
  }
  return { readings, count: readings.length * count, close: () => closing.abort() };
}

/** Requests that are still open once all are answered and the streams closed: only that which asks. @param {string} url */
async function settled(url) {
  const until = performance.now() + SETTLE_MS;
  for (;;) {
    const metrics = await (await fetch(`${url}/metrics`)).text();
    const inFlight = Number(IN_FLIGHT.exec(metrics)?.[1]) - 1;
    if (inFlight <= 0 || performance.now() > until) return inFlight;
  }
}

/** @param {{ sizes: typeof FULL, readings: Reading[], streams: number, inFlight: number }} measured */
async function report({ sizes, readings, streams, inFlight }) {
  const failures = [
    ...readings
      .filter(({ bad, broken, answers }) => bad + broken > 0 || answers === 0)
      .map(
        ({ operation, bad, broken, answers }) => `${operation}: ${answers} answers, ${bad} not 2xx, ${broken} broken`,
      ),
    ...(inFlight > 0 ? [`${inFlight} requests are still open`] : []),
  ];
  console.table(
    Object.fromEntries(
      readings.map(({ operation, service: _, path: __, method: ___, ...figures }) => [operation, figures]),
    ),
  );
  const { rate, seconds, tasks } = sizes;
  const result = { machine: await describeMachine(), rate, seconds, tasks, streams, operations: readings };
  mkdirSync(RESULTS, { recursive: true });
  const text = JSON.stringify({ ...result, left: { in_flight: inFlight }, failures }, null, 2);
  writeFileSync(new URL('load.json', RESULTS), `${text}\n`);
  for (const failure of failures) console.error(`FAILED ${failure}`);
  process.exitCode = failures.length > 0 ? 1 : 0;
}

cleanUpWhenInterrupted();

try {
  await main();
} catch (error) {
  console.error(error);
  process.exitCode = 2;
} finally {
  await dropAll();
}
process.exit();

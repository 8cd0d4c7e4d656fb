// What an agent adds to a subtask: from the dispatch of a subtask to the first request that the model gets for it, with the
// real Claude Agent SDK against the offline model; started cold, and in a session that was started ahead. And what an agent
// takes in memory, its children included. `--docs` writes the table into docs/performance.md, `--attempts N` says how many.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { cpus, loadavg } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { median, percentile } from '../statistics.mjs';
import { treeMemory } from './tree-memory.mjs';

const TARGET_MS = 250;
const TARGET_MB = 512;
/** Between two attempts, as many times the cold start: the session that was started ahead is then up. */
const REST = 3;
const DOCS = new URL('../../docs/performance.md', import.meta.url);
const BEGIN = '<!-- Written by `node micro/warm-sessions.mjs --docs`: begin -->';
const END = '<!-- Written by `node micro/warm-sessions.mjs --docs`: end -->';

const { startOfflineModel } = await import(new URL('../../dist/offline/server.js', import.meta.url).href);

const { values } = parseArgs({
  options: { docs: { type: 'boolean', default: false }, attempts: { type: 'string', default: '20' } },
});
const attempts = Number(values.attempts);
if (!Number.isInteger(attempts) || attempts < 1) throw new Error(`--attempts ${values.attempts}: give a whole number`);

const model = await startOfflineModel();
const tap = await openTap(model.url);
const cold = await measure('cold', 0);
const warm = await measure('warm', REST * median(cold.overheads));
await tap.close();
await model.close();

const table = describe();
console.log(table);
if (values.docs) writeDocs(table);

/**
 * The first attempt, which warms up nothing but the caches of the machine, is not counted.
 * @param {'cold' | 'warm'} kind @param {number} restMs
 */
async function measure(kind, restMs) {
  const agent = await startAgent(kind);
  const overheads = [];
  const working = [];
  const idle = [];
  for (let nth = 0; nth <= attempts; nth += 1) {
    const { overhead, memory } = await runAttempt(agent, nth);
    await delay(restMs);
    if (nth === 0) continue;
    overheads.push(overhead);
    working.push(memory);
    idle.push(await treeMemory(agent.pid));
  }
  await agent.stop();
  return { overheads, working, idle };
}

/** @param {Awaited<ReturnType<typeof startAgent>>} agent @param {number} nth */
async function runAttempt(agent, nth) {
  const asked = tap.next();
  const ended = agent.report();
  const sentAt = performance.now();
  const answer = await fetch(`${agent.url}/execute`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(subtaskOf(nth)),
  });
  if (!answer.ok) throw new Error(`the agent answered ${answer.status}: ${await answer.text()}`);
  const overhead = (await asked) - sentAt;
  const memory = await treeMemory(agent.pid);
  const { outcome } = await ended;
  if (outcome.status !== 'completed') throw new Error(`attempt ${nth} did not complete: ${JSON.stringify(outcome)}`);
  return { overhead, memory };
}

/** @param {number} nth */
function subtaskOf(nth) {
  return {
    task_id: 'task_bench',
    subtask: { id: `subtask_${nth}`, description: 'Calculate 2 + 2', required_capabilities: ['data_analysis'] },
  };
}

/** @param {'cold' | 'warm'} kind */
async function startAgent(kind) {
  const child = fork(new URL('agent-process.mjs', import.meta.url), [tap.url, kind]);
  const [{ url }] = await once(child, 'message');
  return {
    url,
    pid: child.pid ?? 0,
    /** The next one. */
    async report() {
      const [message] = await once(child, 'message');
      return message.report;
    },
    async stop() {
      const exited = once(child, 'exit');
      child.send('stop');
      const [code] = await exited;
      if (code !== 0) throw new Error(`the agent ended with ${code}`);
    },
  };
}

/** Stands before the model and notes when a question comes. @param {string} target */
async function openTap(target) {
  let heard = (/** @type {number} */ _at) => {};
  const server = createServer((from, to) => {
    if (from.url?.startsWith('/v1/messages')) heard(performance.now());
    const onward = request(
      new URL(from.url ?? '/', target),
      { method: from.method, headers: from.headers },
      (answer) => {
        to.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(to);
      },
    );
    onward.on('error', () => to.destroy());
    from.pipe(onward);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || !address) throw new Error('the tap does not listen');
  return {
    url: `http://127.0.0.1:${address.port}`,
    /** When the next question comes, in milliseconds of this process. */
    next: () => new Promise((/** @type {(at: number) => void} */ resolve) => (heard = resolve)),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function describe() {
  const [cpu] = cpus();
  const [load = 0] = loadavg();
  const coldMs = median(cold.overheads);
  const warmMs = median(warm.overheads);
  const row = (/** @type {string} */ name, /** @type {number[]} */ times) =>
    `| ${name} | ${median(times).toFixed(0)} ms | ${percentile(times, 95).toFixed(0)} ms |`;
  return [
    `${attempts} attempts of each kind, on ${cpus().length} x ${cpu?.model.trim()}, Node.js ${process.version}, load ${load.toFixed(1)}.`,
    '',
    '| start of the session | median | 95th percentile |',
    '|---|---|---|',
    row('cold', cold.overheads),
    row('warm', warm.overheads),
    '',
    `A warm session is ${(coldMs / warmMs).toFixed(1)} times as fast at the median; the target of ${TARGET_MS} ms is ${warmMs < TARGET_MS ? 'met' : 'missed'}.`,
    '',
    ...memoryRows(),
  ].join('\n');
}

function memoryRows() {
  const idle = warm.idle.flatMap((size) => size ?? []);
  const working = warm.working.flatMap((size) => size ?? []);
  if (idle.length === 0) return ['Memory is measured on Linux only.'];
  const most = Math.max(...idle, ...working);
  const row = (/** @type {string} */ name, /** @type {number[]} */ sizes) =>
    `| ${name} | ${median(sizes).toFixed(0)} MB | ${Math.max(...sizes).toFixed(0)} MB |`;
  return [
    '| memory of an agent of one slot (PSS, children included) | median | most |',
    '|---|---|---|',
    row('with a warm session', idle),
    row('at work', working),
    '',
    `The target of ${TARGET_MB} MB is ${most < TARGET_MB ? 'met' : 'missed'}.`,
  ];
}

/** @param {string} text */
function writeDocs(text) {
  const page = readFileSync(DOCS, 'utf8');
  const [before, after] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (before < 0 || after < before) throw new Error(`docs/performance.md has lost its marks: ${BEGIN} and ${END}`);
  writeFileSync(DOCS, `${page.slice(0, before + BEGIN.length)}\n\n${text}\n\n${page.slice(after)}`);
}

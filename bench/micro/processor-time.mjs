// Which processes a step's time goes to: processor time of each kind of process for a step of W1, read from /proc, so on Linux
// and with PostgreSQL and Redis on this machine. `node micro/processor-time.mjs [--docs]`, after `npm run build` of Muster.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { countSteps, diamonds } from '../graphs.mjs';
import { NARROW } from '../measure.mjs';
import { startServices } from '../muster-processes.mjs';
import { submitAll, untilNoneIsOpen } from '../muster-session.mjs';
import { freshPlace } from '../servers.mjs';
import { median } from '../statistics.mjs';
import { now } from '../tally.mjs';

const DOCS = new URL('../../docs/performance.md', import.meta.url);
const BEGIN = '<!-- Written by `node micro/processor-time.mjs --docs`: begin -->';
const END = '<!-- Written by `node micro/processor-time.mjs --docs`: end -->';

const RUNS = 3;
const WARM_UP = 20;
const DIAMONDS = 500;
/** Of the kernel's clock for processes: USER_HZ is 100 on every Linux that Node.js runs on. */
const MS_PER_TICK = 10;

const KINDS = /** @type {const} */ (['orchestrator', 'agents', 'PostgreSQL', 'Redis', 'client']);
/** @typedef {Record<(typeof KINDS)[number], number>} Times Milliseconds. */
/** @typedef {{ times: Times, ms: number, steps: number }} Run */

/** @returns {Promise<Run>} */
async function measure() {
  const load = loadavg()[0] ?? 0;
  if (load > 1)
    console.warn(`others use the machine (load ${load.toFixed(1)}): processor time is comparable, speed is not`);
  const place = await freshPlace();
  const database = new URL(place.postgresUrl).pathname.slice(1);
  try {
    const muster = await startServices({ ...NARROW, place });
    try {
      const agents = new Set(muster.crew.map(({ child }) => child.pid));
      const kindOf = (/** @type {Process} */ one) => kind(one, { database, agents });
      await run(muster.client, diamonds(WARM_UP));
      const graphs = diamonds(DIAMONDS);
      const before = timesNow(kindOf);
      const ms = await run(muster.client, graphs);
      const after = timesNow(kindOf);
      const times = /** @type {Times} */ (Object.fromEntries(KINDS.map((name) => [name, after[name] - before[name]])));
      return { times, ms, steps: countSteps(graphs) };
    } finally {
      await muster.stop();
    }
  } finally {
    await place.drop();
  }
}

/** @param {import('../muster-session.mjs').Client} client @param {import('../graphs.mjs').Graph[]} graphs */
async function run(client, graphs) {
  const startedAt = now();
  await submitAll(client, graphs);
  await untilNoneIsOpen(client);
  return now() - startedAt;
}

/** @typedef {{ pid: number, parent: number, command: string, ms: number }} Process */

/** @param {(one: Process) => keyof Times | null} kindOf @returns {Times} */
function timesNow(kindOf) {
  const times = { orchestrator: 0, agents: 0, PostgreSQL: 0, Redis: 0, client: 0 };
  for (const one of processes()) {
    const kind = kindOf(one);
    if (kind) times[kind] += one.ms;
  }
  return times;
}

/** @param {Process} one @param {{ database: string, agents: Set<number | undefined> }} known */
function kind({ pid, parent, command }, { database, agents }) {
  if (pid === process.pid) return 'client';
  if (agents.has(pid)) return 'agents';
  if (parent === process.pid) return 'orchestrator';
  if (command.startsWith('postgres:') && command.includes(database)) return 'PostgreSQL';
  return command.includes('redis-server') ? 'Redis' : null;
}

/** Those that end while they are read are left out. @returns {Process[]} */
function processes() {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8');
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        // The name of the program, in parentheses, may hold anything; state, parent, … come after it.
        const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        const ms = (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK;
        return [{ pid: Number(name), parent: Number(fields[1]), command, ms }];
      } catch (error) {
        if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ENOENT') return [];
        if (/** @type {NodeJS.ErrnoException} */ (error).code === 'ESRCH') return [];
        throw error;
      }
    });
}

/** @param {Run[]} runs */
function table(runs) {
  const perStep = (/** @type {keyof Times} */ name) => median(runs.map(({ times, steps }) => times[name] / steps));
  const all = KINDS.reduce((sum, name) => sum + perStep(name), 0);
  const rows = KINDS.map(
    (name) => `| ${name} | ${perStep(name).toFixed(2)} | ${Math.round((perStep(name) / all) * 100)} % |`,
  );
  const used = median(
    runs.map(({ times, ms }) => KINDS.reduce((sum, name) => sum + times[name], 0) / (ms * cpus().length)),
  );
  return [
    `${DIAMONDS} diamonds, medians of ${RUNS} runs, on ${cpus().length} x ${cpus()[0]?.model.trim()}, Node.js ${process.version}, load ${loadavg()[0]?.toFixed(1)} at the end. PostgreSQL: the processes of Muster's connections, without those that write its log.`,
    '',
    '| | ms of a processor for a step | share |',
    '|---|---|---|',
    ...rows,
    `| together | ${all.toFixed(2)} | |`,
    '',
    `Together they kept the processors busy for ${Math.round(used * 100)} % of the time.`,
  ].join('\n');
}

/** @type {Run[]} */
const runs = [];
for (let nth = 0; nth < RUNS; nth += 1) runs.push(await measure());
const text = table(runs);
console.log(text);
if (process.argv.includes('--docs')) {
  const page = readFileSync(DOCS, 'utf8');
  const [before, rest] = page.split(BEGIN);
  const [, after] = rest?.split(END) ?? [];
  if (after === undefined) throw new Error(`docs/performance.md has no place between ${BEGIN} and ${END}`);
  writeFileSync(DOCS, `${before}${BEGIN}\n\n${text}\n\n${END}${after}`);
}

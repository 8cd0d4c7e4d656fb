// What a round of scheduling takes beside its statements: the queue and the matching at 100,000 ready subtasks and 1,000 agents,
// and reading the queue anew from PostgreSQL. `node micro/tick.mjs [--docs]`, after `npm run build` of Muster; needs nothing
// else of this package.
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { performance } from 'node:perf_hooks';
import { CAPABILITIES } from '../../dist/domain/capability.js';
import { matchLine } from '../../dist/domain/match.js';
import { createLogger } from '../../dist/log.js';
import { REFILL_ROWS } from '../../dist/scheduler/ready-intake.js';
import { ReadyQueue } from '../../dist/scheduler/ready-queue.js';
import { openPg } from '../../dist/store/db-pg.js';
import { migrate } from '../../dist/store/migrate.js';
import { listReady } from '../../dist/store/ready-list.js';
import { median, percentile } from '../statistics.mjs';

const DOCS = new URL('../../docs/performance.md', import.meta.url);
const BEGIN = '<!-- Written by `node micro/tick.mjs --docs`: begin -->';
const END = '<!-- Written by `node micro/tick.mjs --docs`: end -->';
const POSTGRES = process.env.POSTGRES_URL ?? 'postgresql://postgres:postgres@localhost:5432';

const SUBTASKS = 100_000;
const AGENTS = 1_000;
const USERS = 1_000;
const SETS = 63;
const ROUNDS = 101;
const REFILLS = 21;

/** @typedef {import('../../dist/domain/subtask.js').ReadySubtask} ReadySubtask */
/** @typedef {{ what: string, rows: number, ms: number[] }} Reading */

const setOf = (/** @type {number} */ mask) => CAPABILITIES.filter((_, bit) => mask & (1 << bit));

/** Every user has some of each set, of three priorities. @param {number} nth @returns {ReadySubtask} */
function subtask(nth) {
  const user = nth % USERS;
  return {
    id: `subtask_${nth}`,
    task_id: `task_${user}`,
    user_id: `user_${user}`,
    required_capabilities: setOf(1 + ((Math.floor(nth / USERS) * 5 + user) % SETS)),
    priority: 5 + ((nth * 31) % 3),
    rank: (nth * 7_919) % 600,
    ready_at: '2030-01-01T00:00:00.000Z',
    due_in_ms: 0,
  };
}

/** The queue is as full before each round as before the first. @param {number} free @returns {Reading} */
function measureRounds(free) {
  const subtasks = Array.from({ length: SUBTASKS }, (_, nth) => subtask(nth));
  const byId = new Map(subtasks.map((one) => [one.id, one]));
  const queue = new ReadyQueue();
  queue.add(subtasks, 0);
  const seats = Array.from({ length: AGENTS }, (_, nth) => ({
    id: `agent_${nth}`,
    has: 1 + ((nth * 31) % SETS),
    free: nth < free ? 1 : 0,
    running: nth < free ? 0 : 1,
  }));
  const nothingWaits = new Set();
  let rows = 0;
  const ms = Array.from({ length: ROUNDS }, () => {
    const start = performance.now();
    const placed = queue.serve(0, nothingWaits, (line) => matchLine(line, seats));
    const took = performance.now() - start;
    rows = placed.length;
    queue.add(
      placed.flatMap(({ seeker }) => byId.get(seeker.id) ?? []),
      0,
    );
    return took;
  });
  return { what: `a round with ${number(free)} agents free`, rows, ms };
}

/** From the statement to the filled queue. @returns {Promise<Reading>} */
async function measureRefill() {
  const name = `muster_bench_tick_${process.pid}`;
  const url = (/** @type {string} */ path) => new URL(`/${path}`, POSTGRES).href;
  const open = (/** @type {string} */ path) => openPg({ url: url(path), logger: createLogger('silent') });
  const db = await open(name);
  try {
    await migrate(db);
    await fill(db);
    const queue = new ReadyQueue();
    let from = new Map();
    let rows = 0;
    const ms = [];
    for (let nth = 0; nth < REFILLS; nth += 1) {
      const start = performance.now();
      const list = await listReady(db, { offered: [CAPABILITIES], limit: REFILL_ROWS, from });
      queue.replace(list.rows, 0);
      ms.push(performance.now() - start);
      from = new Map(list.cursor);
      rows = list.rows.length;
    }
    return { what: 'reading the queue anew', rows, ms };
  } finally {
    await db.close();
    const server = await open('postgres');
    await server.script(`drop database ${name} with (force)`);
    await server.close();
  }
}

/** @param {import('../../dist/store/db.js').Db} db */
async function fill(db) {
  await db.query(
    `insert into tasks (id, user_id, description, status)
     select 'task_' || n, 'user_' || n, 'A task of the benchmark', 'in_progress' from generate_series(0, $1::int - 1) as n`,
    [USERS],
  );
  const rows = Array.from({ length: SUBTASKS }, (_, nth) => subtask(nth));
  for (let nth = 0; nth < SUBTASKS; nth += 10_000)
    await db.query(
      `insert into subtasks (id, task_id, user_id, position, description, required_capabilities, priority, rank, status,
         waiting_for, ready_at)
       select s.id, s.task_id, s.user_id, $2 + row_number() over (), 'Do one step of it', s.required_capabilities,
         s.priority, s.rank, 'ready', 0, now()
       from jsonb_to_recordset($1::jsonb) as s (id text, task_id text, user_id text, required_capabilities text[],
         priority int, rank float8)`,
      [JSON.stringify(rows.slice(nth, nth + 10_000)), nth],
    );
  await db.script('vacuum analyze subtasks');
}

/** @param {Reading[]} readings */
function tableOf(readings) {
  const rows = readings.map(({ what, rows, ms }) => [
    what,
    number(rows),
    median(ms).toFixed(2),
    percentile(ms, 95).toFixed(2),
    Math.min(...ms).toFixed(2),
  ]);
  const head = ['', 'subtasks', 'ms, median', 'p95', 'least'];
  const [cpu] = cpus();
  const machine = `${cpus().length} x ${cpu?.model.trim()}, Node.js ${process.version}, load ${(loadavg()[0] ?? 0).toFixed(1)}`;
  const size = `${number(SUBTASKS)} ready subtasks of ${number(USERS)} users and ${SETS} sets, ${number(AGENTS)} agents`;
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  return `${size}; ${machine}; ${ROUNDS} rounds, ${REFILLS} readings.\n\n${lines.join('\n')}`;
}

/** @param {number} value */
function number(value) {
  return value.toLocaleString('en');
}

/** @param {string} table */
function writeDocs(table) {
  const page = readFileSync(DOCS, 'utf8');
  const [before, after] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (before < 0 || after < before) throw new Error(`docs/performance.md has lost its marks: ${BEGIN} and ${END}`);
  writeFileSync(DOCS, `${page.slice(0, before + BEGIN.length)}\n\n${table}\n\n${page.slice(after)}`);
}

const table = tableOf([measureRounds(10), measureRounds(AGENTS), await measureRefill()]);
console.log(table);
if (process.argv.includes('--docs')) writeDocs(table);

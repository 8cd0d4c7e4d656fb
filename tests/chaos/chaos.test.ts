// The whole system, broken at random while it works, must lose nothing, do nothing twice and leave nothing behind.
// CHAOS_SEED repeats a run's schedule, CHAOS_MINUTES makes it longer: `npm run chaos -- --minutes 30 --seed 7`.
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { createLogger } from '../../src/log.ts';
import type { Db } from '../../src/store/db.ts';
import { openPg } from '../../src/store/db-pg.ts';
import {
  type Cluster,
  killCluster,
  orphans,
  prepareCluster,
  removeCluster,
  removeFolder,
  startCluster,
  stopCluster,
} from './cluster.ts';
import { diagnose, graveLines } from './diagnosis.ts';
import { injectFaults, planFaults } from './faults.ts';
import { brokenRules, census, stuckInRedis } from './invariants.ts';
import { Random } from './random.ts';
import { missingServers } from './servers.ts';
import { runWorkload } from './workload.ts';

const SEED = process.env.CHAOS_SEED ?? String(Date.now() % 1_000_000);
const DURATION_MS = Number(process.env.CHAOS_MINUTES ?? 1) * 60_000;
/** Apart, on average. A minute holds 36. */
const FAULT_EVERY_MS = 1_650;
const TASK_EVERY_MS = 300;
const AT_ONCE = 40;
/** More are not submitted: what a slow machine cannot keep up with would only pile up. */
const IN_FLIGHT_MAX = 80;
/** Once everything is healed: tasks end, and messages of dead consumers are taken over. */
const SETTLE_MS = 120_000;

/** And clients hear of it. */
const WATCH_MS = 10_000;

const NOTHING = { broken: {}, stuck: [], grave: [], troubles: [] };

const missing = missingServers();
if (missing && process.env.CI === 'true') throw new Error(`${missing}, and in CI the chaos suite must run`);
if (missing) console.warn(`${missing}: the chaos suite is skipped`);

let cluster: Cluster | null = null;
let db: Db | null = null;

process.once('exit', () => cluster && killCluster(cluster));
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

afterEach(async () => {
  await db?.close();
  if (cluster) await removeCluster(cluster);
});

it.skipIf(missing)(
  'loses nothing, does nothing twice and leaves nothing behind, whatever breaks',
  async () => {
    const log = startLog();
    log(`seed ${SEED}, ${DURATION_MS / 60_000} minutes`);
    cluster = await prepareCluster();
    await startCluster(cluster);
    db = await openPg({ url: cluster.postgres.url(), logger: createLogger('silent') });
    await breakWhileItWorks(cluster, db, log);
    removeFolder(cluster);
  },
  DURATION_MS + 2 * SETTLE_MS + 120_000,
);

async function breakWhileItWorks(cluster: Cluster, db: Db, log: (line: string) => void): Promise<void> {
  const random = new Random(SEED);
  const faults = planFaults(random.branch('faults'), {
    count: Math.ceil(DURATION_MS / FAULT_EVERY_MS),
    durationMs: DURATION_MS,
  });
  const giveUp = new AbortController();
  const workload = {
    random: random.branch('workload'),
    urls: cluster.urls,
    tasks: AT_ONCE + Math.floor(DURATION_MS / TASK_EVERY_MS),
    atOnce: AT_ONCE,
    durationMs: DURATION_MS,
    room: roomFor(db),
    signal: giveUp.signal,
    log,
  };
  const [{ submitted, watching }] = await Promise.all([runWorkload(workload), injectFaults(cluster, faults, log)]);
  log(`everything is healed; ${(await openTasks(db)).length} tasks are open`);
  const open = await settle(() => openTasks(db));
  log(open.length === 0 ? 'every task has ended' : 'some tasks do not end');
  const stuck = await settle(() => stuckInRedis(cluster.redis));
  await Promise.race([Promise.all(watching), pause(WATCH_MS)]);
  giveUp.abort();
  const watched = await Promise.all(watching);
  log(JSON.stringify(await census(db), null, 1));
  const found = {
    broken: await brokenRules(db, { submitted, watched }),
    stuck,
    grave: graveLines(cluster),
    troubles: cluster.troubles,
  };
  if (JSON.stringify(found) !== JSON.stringify(NOTHING)) log(await diagnose(db, cluster));
  await stopCluster(cluster);
  expect({ ...found, orphans: orphans(cluster) }).toEqual({ ...NOTHING, orphans: [] });
}

async function openTasks(db: Db): Promise<unknown[]> {
  return db.query(`select id from tasks where status in ('pending', 'in_progress')`);
}

/** Lets one in after the other; the database that it looks at may itself be away, which then keeps nobody waiting. */
function roomFor(db: Db): () => Promise<void> {
  let turn = Promise.resolve();
  const inFlight = async () => (await openTasks(db).catch(() => [])).length;
  return () => {
    turn = turn.then(async () => {
      while ((await inFlight()) >= IN_FLIGHT_MAX) await pause(100);
    });
    return turn;
  };
}

/** What is left when nothing is left any more, or when there was time enough. */
async function settle(ask: () => Promise<unknown[]>): Promise<unknown[]> {
  const deadline = Date.now() + SETTLE_MS;
  for (;;) {
    const left = await ask();
    if (left.length === 0 || Date.now() > deadline) return left;
    await pause(250);
  }
}

function startLog(): (line: string) => void {
  const startedAt = Date.now();
  return (line) => process.stdout.write(`[${((Date.now() - startedAt) / 1000).toFixed(1).padStart(6)} s] ${line}\n`);
}

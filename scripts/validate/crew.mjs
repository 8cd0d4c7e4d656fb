// Real sessions of the Claude Agent SDK, with the offline model behind them: how many run at once on the default crew, what
// one agent and its child take of memory, and how soon an agent is registered.
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { ask, completed, mostAtOnce } from './client.mjs';
import { CREW } from './coordination.mjs';
import { freePort, startMuster, startUp, temporaryFolder, treeOf, until } from './processes.mjs';
import { freshPlace } from './servers.mjs';

const MEMORY_MB = 512;
const LOOK_MS = 100;
const REGISTERED_MS = 5_000;

/** @returns {Promise<import('./run.mjs').Figure[]>} */
export async function measureCrew() {
  return [await sideBySide(), ...(await oneAgent())];
}

async function sideBySide() {
  const folder = temporaryFolder();
  const muster = await startUp(folder.path, {});
  try {
    const subtasks = CREW.map((required_capabilities) => ({ description: 'Wait 5 seconds', required_capabilities }));
    const most = mostAtOnce(
      await completed(muster.url, { description: 'Five sessions side by side', plan: { subtasks } }),
    );
    return {
      what: 'Sessions of the Agent SDK that ran at once on the default crew',
      value: String(most),
      target: String(CREW.length),
      ok: most === CREW.length,
    };
  } finally {
    await muster.stop();
    folder.remove();
  }
}

/** An agent is a process of its own only beside a server of Redis. */
async function oneAgent() {
  const place = await freshPlace();
  if (!place.settings.REDIS_URL)
    return [
      { what: 'Memory of an agent as a process of its own', value: 'not measured: PostgreSQL or Redis do not answer' },
    ];
  const folder = temporaryFolder();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const common = { ...place.settings, MUSTER_MODEL: 'offline', SHARED_FILES: folder.path, LOG_LEVEL: 'error' };
  const orchestrator = await startMuster(['orchestrator'], { ...common, ORCHESTRATOR_PORT: String(port) });
  try {
    const begun = performance.now();
    const capabilities = { AGENT_CAPABILITIES: 'data_analysis,code_generation' };
    const identity = { AGENT_ID: 'agent_1', AGENT_PORT: '0', ORCHESTRATOR_URL: url };
    const agent = await startMuster(['agent'], { ...common, ...identity, ...capabilities });
    try {
      await until('the agent is registered', async () => (await ask(url, '/agents')).agents.length === 1);
      return [registered(performance.now() - begun), await memoryAtWork(url, agent.pid)];
    } finally {
      await agent.stop();
    }
  } finally {
    await orchestrator.stop();
    await place.drop();
    folder.remove();
  }
}

/** @param {number} ms */
function registered(ms) {
  return {
    what: 'Start of an agent process until it is registered',
    value: `${(ms / 1000).toFixed(1)} s`,
    target: `${REGISTERED_MS / 1000} s at most`,
    ok: ms <= REGISTERED_MS,
    timed: true,
  };
}

/** @param {string} url @param {number} pid Of the agent. */
async function memoryAtWork(url, pid) {
  const subtasks = ['Calculate factorial of 20', 'Wait 3 seconds', 'Calculate sum of 1 to 1000'].map(
    (description, nth) => ({
      description,
      required_capabilities: ['data_analysis'],
      dependencies: nth === 0 ? [] : [nth - 1],
    }),
  );
  const work = completed(url, { description: 'Some work in real sessions', plan: { subtasks } });
  let isDone = false;
  void work.then(
    () => (isDone = true),
    () => (isDone = true),
  );
  const most = { pss: 0, rss: 0, processes: 0 };
  while (!isDone) {
    const { pss, rss, processes } = memoryOf(pid);
    Object.assign(most, {
      pss: Math.max(most.pss, pss),
      rss: Math.max(most.rss, rss),
      processes: Math.max(most.processes, processes),
    });
    await pause(LOOK_MS);
  }
  await work;
  return {
    what: 'Memory of an agent with the child processes of its sessions, at its highest',
    value: `${most.pss} MB PSS, ${most.rss} MB RSS (${most.processes} processes at most)`,
    target: `PSS under ${MEMORY_MB} MB`,
    ok: most.processes > 1 && most.pss < MEMORY_MB,
  };
}

/** Of the process and all that it started, in MB. PSS counts a page that several share once. @param {number} pid */
function memoryOf(pid) {
  const rollups = treeOf(pid).flatMap((one) => rollupOf(one));
  const sum = (/** @type {string} */ name) =>
    rollups.reduce((total, text) => total + Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0), 0);
  return { pss: Math.round(sum('Pss') / 1024), rss: Math.round(sum('Rss') / 1024), processes: rollups.length };
}

/** Nothing for a process that has ended meanwhile. @param {number} pid */
function rollupOf(pid) {
  try {
    return [readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')];
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    if (code === 'ESRCH' || code === 'ENOENT') return [];
    throw error;
  }
}

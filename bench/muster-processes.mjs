// Muster's processes, started through its CLI as a user would start them, on the servers of a place.
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createClient } from '../dist/protocol/client.js';
import { launch, stopAll } from './processes.mjs';

const CLI = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const CREW = fileURLToPath(new URL('./workers/muster-crew.mjs', import.meta.url));
const PROBE = ['--import', new URL('./workers/muster-probe.mjs', import.meta.url).href];
const LOOK_MS = 20;

/** The capability of every step of W1 to W3; two agents of the default crew have it. */
export const CAPABILITY = 'data_analysis';

/**
 * @typedef {object} RunningMuster
 * @property {string} url
 * @property {import('../dist/protocol/client.js').Client} client
 * @property {import('./processes.mjs').Launched[]} crew The processes in which agents are.
 * @property {() => Promise<void>} stop
 */

/** An orchestrator, and two agents or, where there are many, two processes with half of them each. */
export async function startServices(/** @type {import('./engines.mjs').Scene} */ scene) {
  return start(scene.place, scene.agents, async (settings) => {
    const orchestrator = await startOrchestrator({ ...settings, ...scene.settings });
    const crew = await Promise.all(
      crewOf(scene).map((one) =>
        launch({ ...one, env: { ...settings, ...one.env, ORCHESTRATOR_URL: orchestrator.url } }),
      ),
    );
    return { url: orchestrator.url, launched: [orchestrator.launched, ...crew], crew };
  });
}

/** An orchestrator and the five agents of the default crew, one slot each. @param {import('./servers.mjs').Place} place */
export async function startDefaultCrew(place) {
  return start(place, 5, async (settings) => {
    const orchestrator = await startOrchestrator(settings);
    const env = { ...settings, ORCHESTRATOR_URL: orchestrator.url, AGENT_PORT: '0' };
    const crew = await Promise.all(
      [1, 2, 3, 4, 5].map((nth) => launch({ ...agentProcess(nth), env: { ...env, AGENT_ID: `agent_${nth}` } })),
    );
    return { url: orchestrator.url, launched: [orchestrator.launched, ...crew], crew };
  });
}

/** All in one process. @param {import('./engines.mjs').Scene} scene */
export async function startUp({ place, slots }) {
  return start(place, 5, async (settings) => {
    const env = { ...settings, AGENT_SLOTS: String(slots / 2) };
    const all = await launch({ name: 'muster up', file: CLI, args: ['up'], nodeArgs: PROBE, env, ready: API });
    return { url: addressIn(all.output()), launched: [all], crew: [all] };
  });
}

/**
 * @param {import('./servers.mjs').Place} place
 * @param {number} agents How many have to be registered.
 * @param {(settings: Record<string, string>) => Promise<{ url: string, launched: import('./processes.mjs').Launched[],
 *   crew: import('./processes.mjs').Launched[] }>} startProcesses
 * @returns {Promise<RunningMuster>}
 */
async function start(place, agents, startProcesses) {
  const { url, launched, crew } = await startProcesses(settingsOf(place));
  const client = createClient({ url });
  while ((await client.agents()).length < agents) await pause(LOOK_MS);
  return { url, client, crew, stop: () => stopAll(launched) };
}

/** @param {import('./servers.mjs').Place} place @returns {Record<string, string>} */
function settingsOf(place) {
  return {
    POSTGRES_URL: place.postgresUrl,
    REDIS_URL: place.redisUrl,
    MUSTER_MODEL: 'offline',
    AGENT_RUNTIME: 'simulate',
    ORCHESTRATOR_PORT: '0',
    AGENT_BASE_PORT: '0',
    SHARED_FILES: join(place.folder, 'shared'),
  };
}

/** @param {Record<string, string>} env */
async function startOrchestrator(env) {
  const launched = await launch({ name: 'orchestrator', file: CLI, args: ['orchestrator'], env, ready: ADDRESS });
  return { launched, url: addressIn(launched.output()) };
}

/** @param {import('./engines.mjs').Scene} scene */
function crewOf({ agents, slots, processes }) {
  const env = { AGENT_SLOTS: String(slots / agents), AGENT_CAPABILITIES: CAPABILITY, AGENT_PORT: '0' };
  const share = agents / processes;
  return Array.from({ length: processes }, (_, nth) =>
    share === 1
      ? { ...agentProcess(nth + 1), env: { ...env, AGENT_ID: `agent_${nth + 1}` } }
      : {
          ...agentProcess(nth + 1),
          file: CREW,
          args: [],
          env: { ...env, CREW_FIRST: String(1 + nth * share), CREW_COUNT: String(share) },
        },
  );
}

/** @param {number} nth */
function agentProcess(nth) {
  return { name: `agents ${nth}`, file: CLI, args: ['agent'], nodeArgs: PROBE, ready: / is up/ };
}

const ADDRESS = /(http:\/\/[\w.]+:\d+)/;
/** `muster up` names its dashboard first; the API has a line of its own there. */
const API = /API +(http:\/\/[\w.]+:\d+)/;

/** @param {string} banner */
function addressIn(banner) {
  return (API.exec(banner) ?? ADDRESS.exec(banner))?.[1] ?? '';
}

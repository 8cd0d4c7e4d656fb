// What an engine has to offer to be measured, and where each one is found.
/**
 * Where and how large. `slots` steps may run at once, in `processes` worker processes; Muster has `agents` for them.
 * @typedef {{ place: import('./servers.mjs').Place, processes: number, slots: number, agents: number,
 *   settings?: Record<string, string> }} Scene
 */

/**
 * `ms` from the first submit until the last graph was durably complete; for each graph the output of each step; and the
 * executions as the workers saw them, with finer `starts` where those are known.
 * @typedef {{ ms: number, outputs: number[][], spans: import('./tally.mjs').Span[], starts?: number[] }} Run
 */

/** @typedef {{ run: (graphs: import('./graphs.mjs').Graph[]) => Promise<Run>, close: () => Promise<void> }} Session */

/**
 * @typedef {object} Engine
 * @property {string} key As in the JSON.
 * @property {string} title
 * @property {string} package Its npm package, or '' for none.
 * @property {string} settings How it is set up, in words.
 * @property {string} durability What survives a crash of the machine.
 * @property {string | undefined} [missing] Why it cannot be measured.
 * @property {(scene: Scene) => Promise<Session>} open
 */

/** In the order in which they are measured: the file of each, loaded only when it is asked for. */
const FILES = {
  muster: 'muster.mjs',
  muster_one_process: 'muster-in-one-process.mjs',
  floor: 'bare-sql.mjs',
  bullmq: 'bullmq.mjs',
  graphile_worker: 'graphile-worker.mjs',
  pg_boss: 'pg-boss.mjs',
  dbos: 'dbos.mjs',
  restate: 'restate.mjs',
  openworkflow: 'openworkflow.mjs',
  langgraph: 'langgraph.mjs',
  open_multi_agent: 'open-multi-agent.mjs',
};

/** @typedef {keyof typeof FILES} EngineKey */

export const ENGINE_KEYS = /** @type {EngineKey[]} */ (Object.keys(FILES));

/** One that cannot be loaded is missing, with the reason. @param {EngineKey} key @returns {Promise<Engine>} */
export async function loadEngine(key) {
  try {
    return (await import(`./engines/${FILES[key]}`)).engine;
  } catch (error) {
    const [missing] = String(error).split('\n');
    return { key, title: key, package: '', settings: '', durability: '', missing, open: () => Promise.reject(error) };
  }
}

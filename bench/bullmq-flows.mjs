// Graphs as BullMQ's flows. A flow is a tree whose children run before their parent, and a job has one parent: a step that
// several others wait for begins apart from them, and adds the flow of those others once it has run.

export const QUEUE = 'steps';

/**
 * @typedef {object} JobData
 * @property {number} task
 * @property {number} nth
 * @property {number} value
 * @property {number} durationMs
 * @property {number[]} given Outputs that its children do not bring.
 * @property {Flow | null} next Added once it has run, with its output given to whoever `wants` it.
 * @property {boolean} wants
 */
/** @typedef {{ name: string, queueName: string, data: JobData, opts: { jobId: string }, children: Flow[] }} Flow */

/** @param {import('./graphs.mjs').Graph} graph @param {number} task @returns {Flow[]} */
export function flowsOf(graph, task) {
  const waiters = countWaiters(graph);
  const shared = waiters.findIndex((count) => count > 1);
  const ends = graph.steps.flatMap((_, nth) => (waiters[nth] === 0 ? [flowOf({ graph, task, nth, shared })] : []));
  if (shared < 0) return ends;
  const begin = flowOf({ graph, task, nth: shared, shared: -1 });
  const [end, ...others] = ends;
  if (!end || others.length > 0 || waiters.filter((count) => count > 1).length > 1)
    throw new Error(`${graph.name} has a shape that is not translated to flows`);
  return [{ ...begin, data: { ...begin.data, next: end } }];
}

/** @param {import('./graphs.mjs').Graph} graph */
function countWaiters({ steps }) {
  const waiters = steps.map(() => 0);
  for (const { dependencies } of steps) for (const source of dependencies) waiters[source] = (waiters[source] ?? 0) + 1;
  return waiters;
}

/**
 * @param {{ graph: import('./graphs.mjs').Graph, task: number, nth: number, shared: number }} place
 * @returns {Flow}
 */
function flowOf({ graph, task, nth, shared }) {
  const { value = 0, durationMs = 0, dependencies = [] } = graph.steps[nth] ?? {};
  const before = dependencies.filter((source) => source !== shared);
  return {
    name: 'step',
    queueName: QUEUE,
    data: { task, nth, value, durationMs, given: [], next: null, wants: before.length < dependencies.length },
    opts: { jobId: `${task}-${nth}` },
    children: before.map((source) => flowOf({ graph, task, nth: source, shared })),
  };
}

/** The flow with the output of the step that it waited for. @param {Flow} flow @param {number} output @returns {Flow} */
export function give(flow, output) {
  const given = flow.data.wants ? [output] : [];
  return { ...flow, data: { ...flow.data, given }, children: flow.children.map((child) => give(child, output)) };
}

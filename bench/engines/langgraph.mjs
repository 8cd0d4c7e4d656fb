// LangGraph: a graph run in process, its state checkpointed in PostgreSQL. It has no workers: whoever asks is who runs.
import { Annotation, END, Send, START, StateGraph } from '@langchain/langgraph';
import { PostgresSaver } from '@langchain/langgraph-checkpoint-postgres';
import pg from 'pg';
import { execute, now, takeSpans } from '../tally.mjs';

/** @type {import('../engines.mjs').Engine} */
export const engine = {
  key: 'langgraph',
  title: 'LangGraph',
  package: '@langchain/langgraph',
  settings:
    'in the process that submits, as many tasks at once as there are slots; PostgreSQL checkpointer, durability "sync"; independent steps by Send',
  durability:
    'PostgreSQL: fsync and synchronous_commit on; what a dead process was running waits until somebody asks for it again',
  async open({ place, slots }) {
    const pool = new pg.Pool({ connectionString: place.postgresUrl });
    // One that is still closing when its database is dropped: a run has ended by then, and one that had not would fail.
    pool.on('error', () => undefined);
    const checkpointer = new PostgresSaver(pool);
    await checkpointer.setup();
    let submitted = 0;
    return {
      async run(graphs) {
        const [shape] = graphs;
        if (!shape) throw new Error('nothing to run');
        const app = build(shape).compile({ checkpointer });
        /** @type {number[][]} */
        const outputs = [];
        const queue = [...graphs.entries()];
        const invokeNext = async () => {
          for (let next = queue.shift(); next; next = queue.shift()) {
            submitted += 1;
            const options = { ...OPTIONS, configurable: { thread_id: `${submitted}` } };
            const state = await app.invoke({ values: next[1].steps.map((step) => step.value) }, options);
            outputs[next[0]] = next[1].steps.map((_, nth) => state.outputs[nth] ?? Number.NaN);
          }
        };
        const startedAt = now();
        await Promise.all(Array.from({ length: slots }, invokeNext));
        return { ms: now() - startedAt, outputs, spans: takeSpans() };
      },
      close: () => checkpointer.end(),
    };
  },
};

const OPTIONS = { durability: /** @type {const} */ ('sync'), recursionLimit: 100, maxConcurrency: 10_000 };

const State = Annotation.Root({
  values: /** @type {import('@langchain/langgraph').LastValue<number[]>} */ (/** @type {unknown} */ (Annotation)),
  outputs: Annotation({
    reducer: (/** @type {Record<number, number>} */ all, /** @type {Record<number, number>} */ some) => ({
      ...all,
      ...some,
    }),
    default: () => ({}),
  }),
});

/** A node for each step; one node sent to as often as there are steps when none waits for another. */
function build(/** @type {import('../graphs.mjs').Graph} */ shape) {
  const graph = /** @type {any} */ (new StateGraph(State));
  const isWide = shape.steps.every((step) => step.dependencies.length === 0);
  return isWide ? addOne(graph, shape) : addEach(graph, shape);
}

/** @param {any} graph @param {import('../graphs.mjs').Graph} shape */
function addOne(graph, { steps }) {
  const durationMs = steps[0]?.durationMs ?? 0;
  graph.addNode('step', async (/** @type {{ nth: number, value: number }} */ { nth, value }) => ({
    outputs: { [nth]: await execute({ value, durationMs }, []) },
  }));
  graph.addConditionalEdges(START, (/** @type {{ values: number[] }} */ { values }) =>
    values.map((value, nth) => new Send('step', { nth, value })),
  );
  return graph.addEdge('step', END);
}

/** @param {any} graph @param {import('../graphs.mjs').Graph} shape */
function addEach(graph, { steps }) {
  for (const [nth, { dependencies, durationMs }] of steps.entries())
    graph.addNode(`step ${nth}`, async (/** @type {{ values: number[], outputs: Record<number, number> }} */ state) => {
      const inputs = dependencies.map((source) => state.outputs[source] ?? Number.NaN);
      return { outputs: { [nth]: await execute({ value: state.values[nth] ?? Number.NaN, durationMs }, inputs) } };
    });
  for (const [nth, { dependencies }] of steps.entries())
    graph.addEdge(dependencies.length > 0 ? dependencies.map((source) => `step ${source}`) : START, `step ${nth}`);
  return graph;
}

// A run counts when every step answered what it had to, and was executed once. Anything else is an error, never a number.
import { countSteps, expectedOutputs } from './graphs.mjs';

/**
 * @param {import('./graphs.mjs').Graph[]} graphs
 * @param {import('./engines.mjs').Run} run
 * @returns {import('./engines.mjs').Run}
 */
export function judge(graphs, run) {
  const steps = countSteps(graphs);
  if (run.spans.length !== steps) throw new Error(`${run.spans.length} executions of ${steps} steps`);
  for (const [nth, graph] of graphs.entries()) judgeOutputs(graph, run.outputs[nth] ?? []);
  if (!(run.ms > 0)) throw new Error(`it took ${run.ms} ms`);
  return run;
}

/** @param {import('./graphs.mjs').Graph} graph @param {number[]} outputs */
function judgeOutputs(graph, outputs) {
  for (const [nth, expected] of expectedOutputs(graph).entries())
    if (outputs[nth] !== expected)
      throw new Error(`${graph.name}: step ${nth} answered ${outputs[nth]} where ${expected} was due`);
}

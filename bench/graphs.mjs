// The graphs that every engine runs, and what must come out of them. A step does no work: its output is its own value plus
// the outputs of the steps that it waits for, so that a step that missed one of them is found out.

/**
 * @typedef {{ value: number, dependencies: number[], durationMs: number }} Step
 * @typedef {{ name: string, steps: Step[] }} Graph
 */

/** @param {number} value @param {number[]} dependencies @returns {Step} */
const step = (value, dependencies) => ({ value, dependencies, durationMs: 0 });

/** A → (B, C) → D, `count` times. @param {number} count @returns {Graph[]} */
export function diamonds(count) {
  return Array.from({ length: count }, (_, nth) => ({
    name: `diamond ${nth}`,
    steps: [step(nth, []), step(1, [0]), step(2, [0]), step(3, [1, 2])],
  }));
}

/** @param {number} length @returns {Graph} */
export function chain(length) {
  return { name: 'chain', steps: Array.from({ length }, (_, nth) => step(1, nth === 0 ? [] : [nth - 1])) };
}

/** Independent steps. @param {number} width @param {number} durationMs @returns {Graph} */
export function wide(width, durationMs) {
  return { name: 'wide', steps: Array.from({ length: width }, (_, nth) => ({ ...step(nth, []), durationMs })) };
}

/** What each step has to answer. @param {Graph} graph @returns {number[]} */
export function expectedOutputs(graph) {
  /** @type {number[]} */
  const outputs = [];
  for (const { value, dependencies } of graph.steps) outputs.push(outputOf(value, inputsOf(dependencies, outputs)));
  return outputs;
}

/** @param {number} value @param {number[]} inputs */
export function outputOf(value, inputs) {
  return inputs.reduce((sum, input) => sum + input, value);
}

/** @param {number[]} dependencies @param {number[]} outputs */
function inputsOf(dependencies, outputs) {
  return dependencies.map((source) => outputs[source] ?? Number.NaN);
}

/**
 * Runs a graph inside a function that an engine makes durable: each step begins when those before it have answered.
 * @param {Graph} graph
 * @param {(step: Step, inputs: number[], nth: number) => Promise<number>} runStep
 * @returns {Promise<number[]>}
 */
export async function play(graph, runStep) {
  /** @type {Promise<number>[]} */
  const outputs = [];
  for (const [nth, step] of graph.steps.entries()) {
    const inputs = Promise.all(step.dependencies.map((source) => outputs[source] ?? Number.NaN));
    outputs.push(inputs.then((values) => runStep(step, values, nth)));
  }
  return Promise.all(outputs);
}

/** @param {Graph} graph @returns {number[][]} for each step, those that wait for it */
export function dependentsOf(graph) {
  /** @type {number[][]} */
  const dependents = graph.steps.map(() => []);
  for (const [nth, { dependencies }] of graph.steps.entries())
    for (const source of dependencies) dependents[source]?.push(nth);
  return dependents;
}

/** @param {Graph[]} graphs */
export function countSteps(graphs) {
  return graphs.reduce((sum, graph) => sum + graph.steps.length, 0);
}

// What the command line asks for, and how large everything is.
import { parseArgs } from 'node:util';
import { ENGINE_KEYS } from './engines.mjs';

export const WORKLOADS = /** @type {const} */ (['W1', 'W2', 'W3', 'W4', 'W5', 'W6']);

/** @typedef {(typeof WORKLOADS)[number]} Workload */
/** @typedef {typeof FULL} Sizes */

const FULL = {
  repetitions: 3,
  diamonds: 500,
  chains: 5,
  chainLength: 20,
  wide: 2_000,
  atOnce: 1_000,
  atOnceMs: 2_000,
  history: 1_000_000,
  makespanGraphs: 10,
  apiSeconds: 10,
};

/** @type {Sizes} */
const QUICK = {
  ...FULL,
  repetitions: 1,
  diamonds: 100,
  chains: 1,
  wide: 500,
  atOnce: 200,
  atOnceMs: 1_000,
  history: 50_000,
  makespanGraphs: 2,
  apiSeconds: 3,
};

export const USAGE = `npm run bench -- [options]
  --quick                 about 2 minutes instead of 25: once, and smaller
  --json                  the last line printed is one JSON object
  --docs                  writes the tables into docs/performance.md
  --engines a,b           of ${ENGINE_KEYS.join(', ')}
  --workloads W1,W2       of ${WORKLOADS.join(', ')}`;

/** @param {string[]} args */
export function readOptions(args) {
  const { values } = parseArgs({
    args,
    options: {
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      docs: { type: 'boolean', default: false },
      engines: { type: 'string', default: ENGINE_KEYS.join() },
      workloads: { type: 'string', default: WORKLOADS.join() },
    },
  });
  return {
    quick: values.quick,
    json: values.json,
    docs: values.docs,
    sizes: values.quick ? QUICK : FULL,
    engines: chosen(values.engines, ENGINE_KEYS),
    workloads: chosen(values.workloads, WORKLOADS),
  };
}

/** @template {string} Name @param {string} text @param {readonly Name[]} names @returns {Name[]} */
function chosen(text, names) {
  const asked = text.split(',').map((name) => name.trim());
  const wrong = asked.find((name) => !names.some((known) => known === name));
  if (wrong !== undefined) throw new Error(`${wrong} is none of ${names.join(', ')}`);
  return names.filter((name) => asked.includes(name));
}

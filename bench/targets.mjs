// What the benchmark is to show, and by how much it does or does not: judged from the same figures as the tables.
import { median } from './statistics.mjs';

/** @typedef {import('./run.mjs').Results} Results */
/** @typedef {{ goal: string, measured: string, met: boolean, by: string }} Verdict */

/** Peers that are durable and hand a step to another process, or take it through PostgreSQL. */
const DURABLE = ['graphile_worker', 'pg_boss', 'dbos', 'restate', 'openworkflow'];
const NOT_PEERS = ['muster', 'muster_one_process', 'floor'];

const FLOOR_SHARE = 0.4;
const HOP_MS = 4;
const GROWN_RATIO = 1.1;
const MAKESPAN = 1.1;
const API_MS = 20;

/** Only of what was measured. @param {Results} results @returns {Verdict[]} */
export function verdictsOf({ engines, peers, history, makespans, api }) {
  const figure = (/** @type {string} */ key, /** @type {string} */ name) => {
    const values = (peers[key] ?? []).flatMap((one) => (one[name] === undefined ? [] : [one[name]]));
    return values.length > 0 ? median(values) : null;
  };
  const [w1, hop, floor] = [figure('muster', 'w1'), figure('muster', 'w2_p50'), figure('floor', 'w1')];
  const others = engines.filter(({ key }) => !NOT_PEERS.includes(key));
  return [
    ...others.flatMap(({ key, title }) => atLeast(`W1: faster than ${title}`, ratio(w1, figure(key, 'w1')), 1)),
    ...atLeast(`W1: at least ${FLOOR_SHARE} of the bare SQL`, ratio(w1, floor), FLOOR_SHARE),
    ...atMost(`W2: a hop under ${HOP_MS} ms at the median`, hop, HOP_MS),
    ...others
      .filter(({ key }) => DURABLE.includes(key))
      .flatMap(({ key, title }) => atLeast(`W2: a shorter hop than ${title}`, ratio(figure(key, 'w2_p50'), hop), 1)),
    ...(history ? grown(history) : []),
    ...(makespans.length > 0
      ? atMost(`W5: within ${MAKESPAN} of the lower bound`, median(makespans.map((one) => one.muster)), MAKESPAN)
      : []),
    ...api.flatMap(({ operation, p95 }) => atMost(`W6: ${operation} under ${API_MS} ms at p95`, p95, API_MS)),
  ];
}

/** @param {NonNullable<Results['history']>} history @returns {Verdict[]} */
function grown({ empty, grown: full }) {
  const of = (/** @type {typeof empty} */ figures, /** @type {string} */ name) =>
    median(figures.flatMap((one) => (one[name] === undefined ? [] : [one[name]])));
  return [
    ...atMost(`W4: W1 slowed down by less than ${GROWN_RATIO}`, of(empty, 'w1') / of(full, 'w1'), GROWN_RATIO),
    ...atMost(`W4: W2 slowed down by less than ${GROWN_RATIO}`, of(full, 'w2_p50') / of(empty, 'w2_p50'), GROWN_RATIO),
  ];
}

/** @param {number | null} one @param {number | null} other */
function ratio(one, other) {
  return one === null || other === null ? null : one / other;
}

/** @param {string} goal @param {number | null} value @param {number} limit @returns {Verdict[]} */
function atLeast(goal, value, limit) {
  return value === null ? [] : [verdict(goal, value, { met: value >= limit, by: limit / value })];
}

/** @param {string} goal @param {number | null} value @param {number} limit @returns {Verdict[]} */
function atMost(goal, value, limit) {
  return value === null ? [] : [verdict(goal, value, { met: value <= limit, by: value / limit })];
}

/** @param {string} goal @param {number} value @param {{ met: boolean, by: number }} judged @returns {Verdict} */
function verdict(goal, value, { met, by }) {
  return { goal, measured: value.toPrecision(3), met, by: met ? '' : `by a factor of ${by.toFixed(1)}` };
}

// What was measured, as Markdown tables and as one JSON object. The tables of docs/performance.md come from here alone.
import { readFileSync, writeFileSync } from 'node:fs';
import { ENGINE_KEYS } from './engines.mjs';
import { versionOf } from './machine.mjs';
import { median, spread } from './statistics.mjs';
import { verdictsOf } from './targets.mjs';

const DOCS = new URL('../docs/performance.md', import.meta.url);
const BEGIN = '<!-- Written by `npm run bench -- --docs`: begin -->';
const END = '<!-- Written by `npm run bench -- --docs`: end -->';

/** @typedef {import('./run.mjs').Results} Results */

/** @param {Results} results @returns {string[]} */
export function tablesOf(results) {
  return [
    machineTable(results),
    targetsTable(results),
    plot(results, { title: 'W1, steps per second', name: 'w1' }),
    plot(results, { title: 'W2, milliseconds a hop at the median', name: 'w2_p50' }),
    peersTable(results),
    historyTable(results),
    makespanTable(results),
    apiTable(results),
    settingsTable(results),
  ].filter((table) => table !== '');
}

/** @param {Results} results */
function machineTable({ machine, sizes }) {
  return table(
    'Measured on',
    ['', ''],
    [
      ['machine', machine.machine],
      ['Node.js', machine.node],
      ['PostgreSQL', machine.postgres],
      ['Redis', machine.redis],
      ['repetitions', `${sizes.repetitions}, interleaved; medians (least to most)`],
    ],
  );
}

/** @param {Results} results */
function targetsTable(results) {
  const verdicts = verdictsOf(results);
  if (verdicts.length === 0) return '';
  const rows = verdicts.map(({ goal, measured, met, by }) => [goal, measured, met ? 'met' : `**missed** ${by}`]);
  return table('What it is to reach', ['goal', 'measured', ''], rows);
}

/** Bars, drawn by whatever shows the page. @param {Results} results @param {{ title: string, name: string }} figure */
function plot({ engines, peers }, { title, name }) {
  const bars = engines.flatMap((engine) => {
    const values = valuesOf(peers[engine.key] ?? [], name);
    return values.length > 0 ? [{ title: engine.title, value: Number(median(values).toPrecision(3)) }] : [];
  });
  if (bars.length < 2) return '';
  const titles = bars.map((bar) => JSON.stringify(bar.title)).join(', ');
  return [
    '```mermaid',
    'xychart-beta horizontal',
    `    title ${JSON.stringify(title)}`,
    `    x-axis [${titles}]`,
    `    bar [${bars.map((bar) => bar.value).join(', ')}]`,
    '```',
  ].join('\n');
}

/** @param {Results} results */
function peersTable({ engines, peers, sizes }) {
  if (Object.keys(peers).length === 0) return '';
  const rows = engines.map((engine) => {
    const figures = peers[engine.key] ?? [];
    const cell = (/** @type {string} */ name, digits = 0) => cellOf(valuesOf(figures, name), digits);
    if (engine.missing !== undefined) return [engine.title, `missing: ${engine.missing}`, '', '', '', '', ''];
    return [
      engine.title,
      cell('w1'),
      cell('w2_p50', 1),
      cell('w2_p95', 1),
      cell('w3'),
      cell('w3_long_ms'),
      cell('w3_at_once'),
    ];
  });
  const long = `${number(sizes.atOnce)} steps of ${sizes.atOnceMs / 1_000} s`;
  return table(
    'W1 diamonds, W2 chain, W3 wide',
    [
      'engine',
      'W1 steps/s',
      'W2 ms a hop, p50',
      'p95',
      `W3 steps/s of ${number(sizes.wide)}`,
      `W3 ${long}: ms`,
      'of them at once',
    ],
    rows,
  );
}

/** @param {Results} results */
function historyTable({ history, sizes }) {
  if (!history) return '';
  const row = (/** @type {string} */ title, /** @type {string} */ name, /** @type {number} */ digits) => {
    const [empty, grown] = [valuesOf(history.empty, name), valuesOf(history.grown, name)];
    return [title, cellOf(empty, digits), cellOf(grown, digits), (median(grown) / median(empty)).toFixed(2)];
  };
  return table(
    `W4 with ${number(sizes.history)} finished tasks in the database`,
    ['Muster', 'empty', 'grown', 'ratio'],
    [row('W1 steps/s', 'w1', 0), row('W2 ms a hop, p50', 'w2_p50', 1), row('W2 ms a hop, p95', 'w2_p95', 1)],
  );
}

/** @param {Results} results */
function makespanTable({ makespans, sizes }) {
  if (makespans.length === 0) return '';
  const row = (/** @type {string} */ title, /** @type {keyof import('./workloads/makespan.mjs').Makespans} */ name) => [
    title,
    cellOf(
      makespans.map((one) => one[name]),
      3,
    ),
  ];
  return table(
    `W5 makespan of ${sizes.makespanGraphs} random layered graphs, as a multiple of the lower bound`,
    ['', 'median (least to most)'],
    [
      row('Muster, measured', 'muster'),
      row('its policy without overhead', 'ranked'),
      row('the same without ranks, without overhead', 'unranked'),
      row('first fit, first come first served, without overhead', 'firstFit'),
    ],
  );
}

/** @param {Results} results */
function apiTable({ api }) {
  if (api.length === 0) return '';
  const rows = api.map(({ operation, p50, p95, p99 }) => [operation, p50.toFixed(1), p95.toFixed(1), p99.toFixed(1)]);
  return table('W6 API at 200 requests a second, ms', ['', 'p50', 'p95', 'p99'], rows);
}

/** @param {Results} results */
function settingsTable({ engines }) {
  const rows = engines.map((engine) => [
    `${engine.title} ${engine.package && versionOf(engine.package)}`.trim(),
    engine.settings,
    engine.durability,
  ]);
  return table('How each is set up', ['engine', 'settings', 'durability'], rows);
}

/** @param {string} title @param {string[]} head @param {string[][]} rows */
function table(title, head, rows) {
  const line = (/** @type {string[]} */ cells) => `| ${cells.join(' | ')} |`;
  return [`### ${title}`, '', line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** @param {import('./workloads/peers.mjs').Figures[]} figures @param {string} name */
function valuesOf(figures, name) {
  return figures.flatMap((one) => (one[name] === undefined ? [] : [one[name]]));
}

/** @param {number[]} values @param {number} digits */
function cellOf(values, digits) {
  const found = spread(values);
  if (!found) return '–';
  const text = (/** @type {number} */ value) => number(value, digits);
  return values.length === 1 ? text(found.median) : `${text(found.median)} (${text(found.min)} to ${text(found.max)})`;
}

/** @param {number} value */
function number(value, digits = 0) {
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** A ratio above 1: Muster is faster. Null: not measured. @param {Results} results */
export function jsonOf({ peers, api }) {
  const figure = (/** @type {string} */ key, /** @type {string} */ name) => {
    const values = valuesOf(peers[key] ?? [], name);
    return values.length > 0 ? median(values) : null;
  };
  const own = figure('muster', 'w1');
  const ratioTo = (/** @type {string} */ key) => {
    const other = figure(key, 'w1');
    return own === null || other === null ? null : round(own / other);
  };
  const others = ENGINE_KEYS.filter((key) => !['muster', 'muster_one_process', 'floor'].includes(key));
  return {
    ratios: Object.fromEntries(others.map((key) => [key, ratioTo(key)])),
    floor: ratioTo('floor'),
    latency_ms: {
      hop_p50: round(figure('muster', 'w2_p50')),
      hop_p95: round(figure('muster', 'w2_p95')),
      api_p95: api.length > 0 ? round(Math.max(...api.map((one) => one.p95))) : null,
    },
  };
}

/** @template {number | null} Value @param {Value} value */
function round(value) {
  return value === null ? null : Number(value.toPrecision(3));
}

/** Only what was measured replaces what stands there. @param {Results} results */
export function writeDocs(results) {
  const page = readFileSync(DOCS, 'utf8');
  const [before, after] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (before < 0 || after < before) throw new Error(`docs/performance.md has lost its marks: ${BEGIN} and ${END}`);
  const tables = tablesOf(results).join('\n\n');
  writeFileSync(DOCS, `${page.slice(0, before + BEGIN.length)}\n\n${tables}\n\n${page.slice(after)}`);
}

// Each requirement against what was measured and the tests' reports. Pure.

/**
 * @typedef {object} Requirement
 * @property {string} id Group and number, such as 3.2.
 * @property {string} text
 * @property {Record<string, string[]>} [proof] Test file → titles of the tests that prove it, as they stand in the file.
 * @property {string} [measured] Name of the measurement that proves it.
 * @property {string} [unproven] Why it cannot be proven here.
 * @property {string} [missing] What is not built yet.
 */

/** @typedef {{ title: string, requirements: Requirement[] }[]} Groups */
/** @typedef {'proven' | 'FAILED' | 'not run' | 'not judged' | 'not provable here' | 'not built'} Word */
/** @typedef {Map<string, { word: Word, why: string[] }>} Verdicts By id. */

/**
 * @param {Groups} groups
 * @param {{ reports: import('./tests.mjs').Reports, measured: import('./run.mjs').Measurement[] }} evidence
 * @returns {Verdicts}
 */
export function judge(groups, { reports, measured }) {
  const tests = reports.suites.flatMap((suite) => suite.tests);
  return new Map(
    groups.flatMap(({ requirements }) => requirements).map((one) => [one.id, verdictOn(one, { tests, measured })]),
  );
}

/**
 * @param {Requirement} requirement
 * @param {{ tests: import('./tests.mjs').Test[], measured: import('./run.mjs').Measurement[] }} evidence
 * @returns {{ word: Word, why: string[] }}
 */
function verdictOn({ proof = {}, measured: name, unproven, missing }, { tests, measured }) {
  if (missing !== undefined) return { word: 'not built', why: [] };
  if (unproven !== undefined) return { word: 'not provable here', why: [] };
  const byTests = Object.entries(proof).flatMap(([file, titles]) =>
    titles.map((title) => onTest({ file, title }, tests)),
  );
  const byFigures = name === undefined ? [] : onMeasurement(measured.find((one) => one.name === name));
  const all = [...byTests, ...byFigures];
  const word = WORST_FIRST.find((one) => all.some((verdict) => verdict.word === one)) ?? 'not run';
  return { word, why: all.filter((verdict) => verdict.word === word).map(({ what }) => what) };
}

/** The worst of what was found decides. @type {Word[]} */
const WORST_FIRST = ['FAILED', 'not run', 'not judged', 'proven'];

/** @typedef {{ word: Word, what: string }} Finding */

/** @param {{ file: string, title: string }} named @param {import('./tests.mjs').Test[]} tests @returns {Finding} */
function onTest(named, tests) {
  const statuses = testsOf(named, tests).map(({ status }) => status);
  const what = `“${named.title}”`;
  if (statuses.includes('failed')) return { word: 'FAILED', what };
  return { word: statuses.includes('passed') ? 'proven' : 'not run', what };
}

/** @param {import('./run.mjs').Measurement | undefined} measurement @returns {Finding[]} */
function onMeasurement(measurement) {
  if (!measurement || measurement.figures.length === 0) return [{ word: 'not run', what: 'the measurement' }];
  return measurement.figures.map((figure) => {
    const what = `${figure.what}: ${figure.value}`;
    if (isMissed(figure, measurement)) return { word: 'FAILED', what };
    return { word: figure.ok === false ? 'not judged' : 'proven', what };
  });
}

/** Percent of the machine that others may use without being blamed for the times. */
const BUSY = 15;

/** Whether times that were measured then say too little. @param {{ others: number }} measurement */
export function wasBusy({ others }) {
  return others > BUSY;
}

/** Off its target, for which nobody else is to blame. @param {import('./run.mjs').Figure} figure @param {{ others: number }} measurement */
export function isMissed({ ok, timed }, measurement) {
  return ok === false && !(timed && wasBusy(measurement));
}

/**
 * The tests that a title stands for: a title with places to fill in has many, and the tests of a contract suite run in the
 * files of its implementations.
 * @param {{ file: string, title: string }} named
 * @param {import('./tests.mjs').Test[]} tests
 */
export function testsOf({ file, title }, tests) {
  const pattern = new RegExp(`^${title.split(PLACE).map(escaped).join('.*')}$`, 's');
  const folder = file.endsWith('.contract.ts') ? file.slice(0, file.lastIndexOf('/') + 1) : null;
  return tests.filter(
    (test) => (folder ? test.file.startsWith(folder) : test.file === file) && pattern.test(test.title),
  );
}

/** A place that a row of `it.each`, or a template, fills in. */
const PLACE = /%[.\d]*[sdifjo#]|\$\{[^}]*\}|\$\w+/;

/** @param {string} text */
function escaped(text) {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

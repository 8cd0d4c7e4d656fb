// The tests' own reports, the coverage and the checks of the code.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const ROOT = new URL('../../', import.meta.url);
const RESULTS = new URL('test-results/', ROOT);

/** @typedef {{ file: string, title: string, status: string }} Test */
/** @typedef {{ name: string, passed: number, failed: number, tests: Test[] }} Report */
/** @typedef {{ lines: number, branches: number, functions: number, domainBranches: number } | null} Coverage Percent. */
/** @typedef {{ suites: Report[], coverage: Coverage }} Reports */

/** Every suite that runs on any machine, with coverage. What fails stands in the report. */
export function runTests() {
  const report = fileURLToPath(new URL('suites.json', RESULTS));
  run('npm', ['run', 'coverage', '--', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`]);
}

/** Style, types, import rule and dead code. */
export function checkCode() {
  return { ok: run('npm', ['run', '-s', 'check:code']) };
}

/** @param {string} file @param {string[]} args */
function run(file, args) {
  return spawnSync(file, args, { cwd: fileURLToPath(ROOT), stdio: ['ignore', 'inherit', 'inherit'] }).status === 0;
}

/** Those that were written after the commit. @param {{ since: number }} options @returns {Reports} */
export function readReports({ since }) {
  const isFresh = (/** @type {URL} */ path) => existsSync(path) && statSync(path).mtimeMs > since;
  const names = readdirSync(RESULTS).filter((name) => name.endsWith('.json') && name !== 'validation.json');
  const coverage = new URL('coverage/coverage-summary.json', ROOT);
  return {
    suites: names
      .filter((name) => isFresh(new URL(name, RESULTS)))
      .flatMap((name) => readReport(name.replace('.json', ''), readFileSync(new URL(name, RESULTS), 'utf8'))),
    coverage: isFresh(coverage) ? coverageOf(JSON.parse(readFileSync(coverage, 'utf8'))) : null,
  };
}

/** Nothing when it is no report of vitest. @param {string} name @param {string} text @returns {Report[]} */
export function readReport(name, text) {
  const { testResults } = JSON.parse(text);
  if (!Array.isArray(testResults)) return [];
  const root = fileURLToPath(ROOT);
  const tests = testResults.flatMap(({ name: path, assertionResults }) =>
    assertionResults.map((/** @type {{ title: string, status: string }} */ { title, status }) => ({
      file: String(path).replace(root, ''),
      title,
      status,
    })),
  );
  const count = (/** @type {string} */ status) => tests.filter((test) => test.status === status).length;
  // A file that could not be loaded has no test that says so.
  const broken = testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  );
  return [{ name, passed: count('passed'), failed: count('failed') + broken.length, tests }];
}

/** @param {Record<string, Record<'lines' | 'branches' | 'functions', { pct: number, total: number, covered: number }>>} summary */
function coverageOf(summary) {
  const domain = Object.entries(summary).filter(([path]) => path.includes('/src/domain/'));
  const [covered, total] = ['covered', 'total'].map((word) =>
    domain.reduce(
      (sum, [, { branches }]) => sum + Number(Object.entries(branches).find(([name]) => name === word)?.[1]),
      0,
    ),
  );
  const all = summary.total;
  if (!all) throw new Error('coverage-summary.json has no total');
  return {
    lines: all.lines.pct,
    branches: all.branches.pct,
    functions: all.functions.pct,
    domainBranches: total ? Math.round((10_000 * Number(covered)) / total) / 100 : 100,
  };
}

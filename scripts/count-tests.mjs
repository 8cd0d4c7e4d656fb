// Prints `N passed, N failed`, summed from vitest's JSON reports. A file that could not be loaded counts as one failed
// test, and so does a run that left no report or stopped half-way.
// usage: node scripts/count-tests.mjs REPORT.json …
import { readFileSync } from 'node:fs';

/** @typedef {{ status: string, assertionResults: { status: string }[] }} TestFile */

/** @param {TestFile} file */
function failuresOf(file) {
  const failed = file.assertionResults.filter((test) => test.status === 'failed').length;
  return failed === 0 && file.status === 'failed' ? 1 : failed;
}

/** @param {string} path */
function countTests(path) {
  try {
    const report = JSON.parse(readFileSync(path, 'utf8'));
    const files = /** @type {TestFile[]} */ (report.testResults);
    const failed = files.reduce((sum, file) => sum + failuresOf(file), 0);
    return { passed: Number(report.numPassedTests), failed: failed === 0 && !report.success ? 1 : failed };
  } catch {
    return { passed: 0, failed: 1 };
  }
}

const counts = process.argv.slice(2).map(countTests);
const passed = counts.reduce((sum, count) => sum + count.passed, 0);
const failed = counts.reduce((sum, count) => sum + count.failed, 0);
console.log(`${passed} passed, ${failed} failed`);

// `npm run validate`: measures this build on this machine, goes through the requirements, and writes VALIDATION.md.
// `--quick` takes the tests' reports that are there already, if they are newer than the commit. `--only a,b` measures these
// anew and takes the other figures from the last run; the page says of which commit those are.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { measureApi } from './api.mjs';
import { measureCoordination } from './coordination.mjs';
import { measureCrew } from './crew.mjs';
import { describeMachine, usedByOthers } from './machine.mjs';
import { validationPage } from './page.mjs';
import { measureQuickstart } from './quickstart.mjs';
import { measureRecovery } from './recovery.mjs';
import { checkCode, readReports, runTests } from './tests.mjs';
import { isMissed, judge } from './verdicts.mjs';

const ROOT = new URL('../../', import.meta.url);
const RESULTS = new URL('test-results/', ROOT);
const FIGURES = new URL('validation.json', RESULTS);

/** In this order; each by itself, so that none loads the machine for another. */
const MEASUREMENTS = {
  quickstart: measureQuickstart,
  api: measureApi,
  coordination: measureCoordination,
  crew: measureCrew,
  recovery: measureRecovery,
};

/** @typedef {{ what: string, value: string, target?: string, ok?: boolean, timed?: boolean }} Figure One row of the page; `timed`: a busy machine makes it worse. */
/** @typedef {{ name: string, commit: string, others: number, figures: Figure[] }} Measurement `others`: percent of the machine that others used right before. */

const { quick, only } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, only: { type: 'string' } },
}).values;
mkdirSync(RESULTS, { recursive: true });
const machine = await describeMachine();
/** @type {Measurement[]} */
const earlier = existsSync(FIGURES) ? JSON.parse(readFileSync(FIGURES, 'utf8')) : [];
/** @type {Measurement[]} */
const measured = [];
for (const [name, measure] of Object.entries(MEASUREMENTS)) {
  const known = earlier.find((one) => one.name === name);
  if (only !== undefined && known && !only.split(',').includes(name)) measured.push(known);
  else measured.push(await taken(name, measure));
}
writeFileSync(FIGURES, JSON.stringify(measured, null, 2));
if (!quick) runTests();
const reports = readReports({ since: machine.committedAt });
const code = checkCode();
const requirements = JSON.parse(readFileSync(new URL('docs/requirements.json', ROOT), 'utf8'));
const verdicts = judge(requirements, { reports, measured });
writeFileSync(
  new URL('VALIDATION.md', ROOT),
  validationPage({ machine, measured, reports, code, requirements, verdicts }),
);
const failed = [...verdicts.values()].filter(({ word }) => word === 'FAILED').length;
const missed = measured.flatMap((one) => one.figures.filter((figure) => isMissed(figure, one))).length;
console.log(`VALIDATION.md: ${verdicts.size} requirements, ${failed} failed; ${missed} figures off their target`);
process.exitCode = failed + missed + (code.ok ? 0 : 1) > 0 ? 1 : 0;

/** @param {string} name @param {() => Promise<Figure[]>} measure @returns {Promise<Measurement>} */
async function taken(name, measure) {
  const others = await usedByOthers();
  const figures = await measure().catch((/** @type {Error} */ error) => [
    { what: `${name} could not be measured`, value: error.message, target: 'measured', ok: false },
  ]);
  for (const { what, value } of figures) console.log(`${what}: ${value}`);
  return { name, commit: machine.commit, others, figures };
}

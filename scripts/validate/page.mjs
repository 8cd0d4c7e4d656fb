// VALIDATION.md out of what was measured, tested and judged. Pure.
import { isMissed, wasBusy } from './verdicts.mjs';

/**
 * @typedef {object} Validation
 * @property {import('./machine.mjs').Machine} machine
 * @property {import('./run.mjs').Measurement[]} measured
 * @property {import('./tests.mjs').Reports} reports
 * @property {{ ok: boolean }} code
 * @property {import('./verdicts.mjs').Groups} requirements
 * @property {import('./verdicts.mjs').Verdicts} verdicts
 */

/** @param {Validation} validation */
export function validationPage(validation) {
  return `<!-- Written by \`npm run validate\`. -->
# Validation

Every figure and every verdict on this page was written by \`npm run validate\`, from what it measured and from the tests' own
reports; \`npm run validate -- --quick\` takes the reports of the last run of the tests, if they are newer than the commit.

${[circumstances(validation), figures(validation), tests(validation), requirements(validation)].join('\n\n')}
`;
}

/** @param {Validation} validation */
function circumstances({ machine, measured }) {
  const others = measured.map((one) => `${one.name} ${one.others} %`).join(', ');
  const old = measured.filter((one) => one.commit !== machine.commit).map((one) => `${one.name} of ${one.commit}`);
  const warning = measured.some(wasBusy)
    ? '. **Others kept the machine busy during some: of those, times that miss their target are not judged**'
    : '';
  return `## Where and when

| | |
|---|---|
| commit | ${machine.commit}${machine.isDirty ? ', with changes that are not committed' : ''} |
${old.length > 0 ? `| figures of another commit | ${old.join(', ')} |\n` : ''}| date | ${machine.date} |
| machine | ${machine.cores} cores of ${machine.processor}, ${machine.memoryGb} GB, ${machine.system} |
| Node.js | ${machine.node} |
| servers | ${machine.servers ?? 'none: PostgreSQL or Redis did not answer, so all was measured embedded'} |
| used by others right before each measurement | ${others}${warning} |`;
}

/** @param {Validation} validation */
function figures({ measured }) {
  const rows = measured.flatMap((one) =>
    one.figures.map((figure) => `| ${figure.what} | ${figure.value} | ${figure.target ?? ''} | ${mark(figure, one)} |`),
  );
  return ['## Figures', '', '| | measured | target | |', '|---|---|---|---|', ...rows].join('\n');
}

/** @param {import('./run.mjs').Figure} figure @param {import('./run.mjs').Measurement} measurement */
function mark(figure, measurement) {
  if (figure.ok === undefined) return '';
  if (figure.ok) return 'met';
  return isMissed(figure, measurement) ? '**missed**' : 'not judged: the machine was busy';
}

/** @param {Validation} validation */
function tests({ reports: { suites, coverage }, code }) {
  const rows = suites.map(({ name, passed, failed }) => `| ${name} | ${passed} | ${failed} |`);
  const covered = coverage
    ? `lines ${coverage.lines} % (target 90 %), branches ${coverage.branches} %, functions ${coverage.functions} %; branches of \`src/domain\` ${coverage.domainBranches} % (target 100 %)`
    : 'not measured for this commit: `npm run coverage`';
  return `## Tests

${suites.length === 0 ? 'No report of the tests is newer than the commit.' : ['| report | passed | failed |', '|---|---|---|', ...rows].join('\n')}

- Coverage: ${covered}.
- Style, types, import rule, dead code (\`npm run check:code\`): ${code.ok ? 'no error' : '**errors**'}.`;
}

/** @param {Validation} validation */
function requirements({ requirements: groups, verdicts }) {
  const words = [...verdicts.values()].map(({ word }) => word);
  const counts = [...new Set(words)].map((word) => `${words.filter((one) => one === word).length} ${word}`);
  const sections = groups.map(({ title, requirements: list }) => {
    const rows = list.map((one) => `| ${one.id} | ${one.text} | ${evidence(one)} | ${verdict(verdicts.get(one.id))} |`);
    return [`### ${title}`, '', '| | requirement | shown by | |', '|---|---|---|---|', ...rows].join('\n');
  });
  return `## Requirements

${verdicts.size}: ${counts.join(', ')}. They are listed in [docs/requirements.json](docs/requirements.json). “Proven” means that every test
named has passed in a report above, and that every figure named met its target.

${sections.join('\n\n')}`;
}

/** What a requirement is shown by, as a cell of the table. @param {import('./verdicts.mjs').Requirement} requirement */
export function evidence({ proof = {}, measured, unproven, missing }) {
  const named = Object.entries(proof).map(
    ([file, titles]) => `\`${file}\`: ${titles.map((title) => cell(titleInWords(title))).join(' · ')}`,
  );
  return [
    ...named,
    ...(measured ? [`the figures of “${measured}”`] : []),
    ...(unproven ? [unproven] : []),
    ...(missing ? [`Not built yet: ${missing}.`] : []),
  ].join('<br>');
}

/** Of a test that runs with many values: what stands for a value is no word. @param {string} title */
function titleInWords(title) {
  return title.replace(/\$\{[^}]*\}|\$[a-z_][\w.]*|%[sijdf]/gi, '…');
}

/** @param {{ word: string, why: string[] } | undefined} verdict */
function verdict(verdict) {
  if (!verdict) return '';
  if (verdict.word === 'FAILED') return ['**FAILED**', ...verdict.why.map(cell)].join('<br>');
  return verdict.word === 'not run' ? `not run: ${verdict.why.length} of what is named` : verdict.word;
}

/** @param {string} text */
function cell(text) {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('\n', ' ');
}

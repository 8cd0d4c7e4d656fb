// Every requirement names what shows that it is met, the tests named do exist, and VALIDATION.md is about the same
// requirements. What the verdicts make of reports is tested here too.
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { evidence } from '../../scripts/validate/page.mjs';
import { readReport } from '../../scripts/validate/tests.mjs';
import { type Groups, judge, type Requirement } from '../../scripts/validate/verdicts.mjs';

const ROOT = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, ROOT), 'utf8');
const groups = JSON.parse(read('docs/requirements.json')) as Groups;
const requirements = groups.flatMap((group) => group.requirements);
const named = requirements.flatMap(({ proof = {} }) =>
  Object.entries(proof).flatMap(([file, titles]) => titles.map((title) => [file, title] as const)),
);

describe('the requirements', () => {
  it('are numbered by group, without a gap', () => {
    const ids = groups.flatMap((group, nth) => group.requirements.map((_, place) => `${nth + 1}.${place + 1}`));
    expect(requirements.map(({ id }) => id)).toEqual(ids);
  });

  it.each(requirements.map((one) => [one.id, one] as const))(
    '%s names a test, a figure, or why there is none',
    (_, one) => {
      const tests = Object.values(one.proof ?? {}).flat();
      const shown = tests.length > 0 || one.measured !== undefined;
      expect([shown, one.unproven !== undefined, one.missing !== undefined].filter(Boolean)).toHaveLength(1);
    },
  );

  it.each(named)('%s has the test “%s”', (file, title) => {
    expect(existsSync(new URL(file, ROOT)), `${file} exists`).toBe(true);
    const source = read(file);
    expect(['"', "'", '`'].some((quote) => source.includes(`${quote}${title}${quote},`))).toBe(true);
  });

  it('are those of VALIDATION.md', () => {
    const rows = [...read('VALIDATION.md').matchAll(/^\| (\d+\.\d+) \| (.+?) \| /gm)].map(([, id, text]) => ({
      id,
      text,
    }));
    expect(rows, 'is stale: run "npm run validate"').toEqual(requirements.map(({ id, text }) => ({ id, text })));
  });
});

describe('a verdict', () => {
  const report = (tests: object[]) =>
    readReport(
      'suites',
      JSON.stringify({ testResults: [{ name: 'src/a.test.ts', status: 'x', assertionResults: tests }] }),
    );
  interface Evidence {
    tests?: object[];
    /** Whether the figure of the measurement met its target. */
    ok?: boolean;
    others?: number;
  }
  const verdictOn = (requirement: Omit<Requirement, 'id' | 'text'>, { tests = [], ok, others = 0 }: Evidence = {}) => {
    const figures = ok === undefined ? [] : [{ what: 'speed', value: '9 ms', timed: true, ok }];
    const measured = [{ name: 'api', commit: 'c', others, figures }];
    const list = [{ title: 'All', requirements: [{ id: '1.1', text: 'It works.', ...requirement }] }];
    return judge(list, { reports: { suites: report(tests), coverage: null }, measured }).get('1.1')?.word;
  };
  const proof = { 'src/a.test.ts': ['takes %s'] };
  const test = (title: string, status: string) => ({ title, status });

  it('is proven by tests that passed, for each row of a table', () => {
    expect(verdictOn({ proof }, { tests: [test('takes one', 'passed'), test('takes two', 'passed')] })).toBe('proven');
    expect(verdictOn({ proof }, { tests: [test('takes one', 'passed'), test('takes two', 'failed')] })).toBe('FAILED');
  });

  it('is not run where a test is not in the reports, or was skipped', () => {
    expect(verdictOn({ proof })).toBe('not run');
    expect(verdictOn({ proof }, { tests: [test('takes one', 'skipped')] })).toBe('not run');
    expect(verdictOn({ proof }, { tests: [test('it takes one', 'passed')] })).toBe('not run');
  });

  it('takes the tests of a contract suite where they run', () => {
    expect(verdictOn({ proof: { 'src/a.contract.ts': ['takes %s'] } }, { tests: [test('takes one', 'passed')] })).toBe(
      'proven',
    );
  });

  it('fails with a figure that missed its target', () => {
    expect(verdictOn({ measured: 'api' }, { ok: true })).toBe('proven');
    expect(verdictOn({ measured: 'api' }, { ok: false })).toBe('FAILED');
    expect(verdictOn({ measured: 'api' })).toBe('not run');
  });

  it('is left open by a time that missed its target on a busy machine', () => {
    expect(verdictOn({ measured: 'api' }, { ok: false, others: 80 })).toBe('not judged');
    expect(verdictOn({ measured: 'api' }, { ok: true, others: 80 })).toBe('proven');
  });

  it('says what cannot be proven here, and what is not built', () => {
    expect(verdictOn({ unproven: 'no engine' })).toBe('not provable here');
    expect(verdictOn({ missing: 'a command' })).toBe('not built');
  });
});

it('the title of a test that runs with many values is printed without what stands for them', () => {
  const titles = [
    'sends a plan with $what back',
    'takes %s (seed %i)',
    `in \${RUNS} histories`,
    'costs $0.50, 100 % of it',
  ];
  expect(evidence({ id: '1.1', text: 'It works.', proof: { 'a.test.ts': titles } })).toBe(
    '`a.test.ts`: sends a plan with … back · takes … (seed …) · in … histories · costs $0.50, 100 % of it',
  );
});

it('a report counts a file that could not be loaded as a failure', () => {
  const broken = { testResults: [{ name: 'src/a.test.ts', status: 'failed', assertionResults: [] }] };
  expect(readReport('suites', JSON.stringify(broken))).toMatchObject([{ passed: 0, failed: 1 }]);
});

// What can be checked of the pages that people write: links lead somewhere, decisions stay short, no dependency lacks its
// reason.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const ROOT = new URL('../../', import.meta.url);
const DECISIONS = readdirSync(new URL('docs/decisions/', ROOT)).map((name) => `docs/decisions/${name}`);
const PAGES = [
  ...readdirSync(ROOT).filter((name) => name.endsWith('.md')),
  ...readdirSync(new URL('docs/', ROOT)).flatMap((name) => (name.endsWith('.md') ? [`docs/${name}`] : [])),
  ...DECISIONS,
  ...readdirSync(new URL('docs/api/', ROOT)).map((name) => `docs/api/${name}`),
];

function read(path: string): string {
  return readFileSync(new URL(path, ROOT), 'utf8');
}

describe('links', () => {
  it.each(PAGES)('of %s lead to files that exist', (page) => {
    const targets = [...read(page).matchAll(/\]\((?!https?:)([^)#]+)/g)].map((match) => String(match[1]));
    const missing = targets.filter((target) => !existsSync(new URL(target, new URL(page, ROOT))));
    expect(missing).toEqual([]);
  });

  it('in the tables of ARCHITECTURE.md name source files that exist', () => {
    const named = [...read('ARCHITECTURE.md').matchAll(/`((?:\w[\w-]*\/)+[\w.-]+\.(?:ts|sql))`/g)];
    const paths = named.map((match) => String(match[1]));
    const missing = paths.filter((path) => ![path, `src/${path}`].some((place) => existsSync(new URL(place, ROOT))));
    expect(paths).not.toEqual([]);
    expect(missing).toEqual([]);
  });
});

describe('README.md', () => {
  it('stays short enough to be read: at most 220 lines', () => {
    expect(read('README.md').trimEnd().split('\n').length).toBeLessThanOrEqual(220);
  });
});

describe('decisions', () => {
  it.each(DECISIONS)('%s has at most 40 lines', (page) => {
    expect(read(page).trimEnd().split('\n').length).toBeLessThanOrEqual(40);
  });

  it('give a reason for every runtime dependency, and for nothing else', () => {
    const { dependencies } = JSON.parse(read('package.json')) as { dependencies: Record<string, string> };
    const rows = [...read('docs/decisions/0002-dependencies.md').matchAll(/^\| (`[^|]+`) \|/gm)];
    const named = rows.flatMap(([, names = '']) => [...names.matchAll(/`([^`]+)`/g)].map((name) => name[1]));
    expect(named).toEqual(Object.keys(dependencies).toSorted());
  });
});

describe('the changelog', () => {
  it('has a place for what is not released yet', () => {
    expect(read('CHANGELOG.md')).toContain('## [Unreleased]');
  });
});

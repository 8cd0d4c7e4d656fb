// docs/operations.md quotes what Muster really says, and names files and settings that exist.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { COMPOSE_VARIABLES } from '../../scripts/env-example.mjs';
import { settings } from '../../src/config.ts';

const ROOT = new URL('../../', import.meta.url);
const page = readFileSync(new URL('docs/operations.md', ROOT), 'utf8');
const sources = readdirSync(new URL('src/', ROOT), { recursive: true, encoding: 'utf8' })
  .concat(readdirSync(new URL('migrations/', ROOT)).map((name) => `../migrations/${name}`))
  .filter((path) => /\.(ts|sql)$/.test(path) && !path.endsWith('.test.ts'))
  .map((path) => readFileSync(new URL(`src/${path}`, ROOT), 'utf8'))
  .join('\n');

const symptoms = [...page.slice(page.indexOf('## Troubleshoot')).matchAll(/^\| ([^|]+) \| [^|]+ \| [^|]+ \|$/gm)]
  .map(([, symptom]) => String(symptom))
  .slice(2);

describe('the table of troubles', () => {
  const quoted = symptoms.flatMap((symptom) => [...symptom.matchAll(/`([^`]+)`/g)].map((match) => String(match[1])));
  const ofMuster = quoted.filter((words) => !/^[/.]|^[A-Z_]+$/.test(words));

  it.each(ofMuster)('quotes %j as it is said', (words) => {
    for (const part of words.split('…')) expect(sources).toContain(part.trim());
  });

  it('has more than a dozen of them', () => {
    expect(ofMuster.length).toBeGreaterThan(12);
  });
});

it('names only variables that exist', () => {
  const others = ['EXEC', 'ORCHESTRATOR_PORT'];
  const named = [...page.matchAll(/`([A-Z]+(?:_[A-Z]+)+)(?:=[^`]*)?`/g)].map((match) => String(match[1]));
  const known = (name: string) => name in settings.shape || name in COMPOSE_VARIABLES || others.includes(name);
  expect(named.filter((name) => !known(name))).toEqual([]);
});

it('names only files that exist', () => {
  const named = [...page.matchAll(/`((?:scripts|deploy|monitoring)\/[\w./-]+)`/g)].map((match) => String(match[1]));
  const missing = named.filter(
    (path) => ![path, `deploy/kubernetes/${path}`].some((one) => existsSync(new URL(one, ROOT))),
  );
  expect(named).not.toEqual([]);
  expect(missing).toEqual([]);
});

// The pages of docs/ that are made from the code say what the code says now.
import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { describe, expect, it } from 'vitest';
import { COMPOSE_VARIABLES, envExample } from '../../scripts/env-example.mjs';
import { configurationPage, errorsPage, statesPage } from '../../scripts/reference-pages.mjs';
import { readConfig, settings } from '../../src/config.ts';
import { ERRORS } from '../../src/domain/errors.ts';
import * as transitions from '../../src/domain/transitions.ts';

const STALE = 'is stale: run "npm run generate"';

function arrowsOf(table: Readonly<Record<string, transitions.Transition<string>>>): string[] {
  return Object.entries(table).flatMap(([name, { from, to }]) =>
    from.map((status) => `    ${status} --> ${to}: ${name}`),
  );
}

function page(name: string): string {
  return readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');
}

describe('docs/configuration.md', () => {
  it('is the page made from the settings', () => {
    expect(page('configuration.md'), STALE).toBe(configurationPage(settings));
  });

  it('has a row with a description for every setting', () => {
    const rows = page('configuration.md').matchAll(/^\| `([A-Z_]+)` \| [^|]+ \| [^|]+ \| (.+) \|$/gm);
    expect([...rows].map(([, name]) => name)).toEqual(Object.keys(settings.shape));
  });

  it('shows every default as it can be set', () => {
    const rows = page('configuration.md').matchAll(/^\| `([A-Z_]+)` \| [^|]+ \| `([^`]+)` \|/gm);
    const defaults = Object.fromEntries([...rows].map(([, name, preset]) => [name, preset]));
    expect(defaults.TASKS_KEEP_DAYS).toBe('off');
    expect(readConfig(defaults)).toMatchObject(readConfig({}));
  });
});

describe('docs/errors.md', () => {
  it('is the page made from the catalogue', () => {
    expect(page('errors.md'), STALE).toBe(errorsPage(ERRORS));
  });

  it('names every code once', () => {
    const codes = [...page('errors.md').matchAll(/^\| `([a-z_]+)` \|/gm)].map(([, code]) => code);
    expect(codes.toSorted()).toEqual(Object.keys(ERRORS).toSorted());
  });
});

describe('docs/states.md', () => {
  it('is the page made from the transition tables', () => {
    expect(page('states.md'), STALE).toBe(statesPage(transitions));
  });

  it('draws exactly the moves of the tables', () => {
    const drawn = [...page('states.md').matchAll(/^ {4}([a-z_]+) --> ([a-z_]+): (\w+)$/gm)].map((match) => match[0]);
    const moves = [transitions.TASK_TRANSITIONS, transitions.SUBTASK_TRANSITIONS].flatMap(arrowsOf);
    expect(drawn).toEqual(moves);
  });
});

describe('.env.example', () => {
  const text = page('../.env.example');

  it('is the file made from the settings', () => {
    expect(text, STALE).toBe(envExample(settings));
  });

  it('explains every setting, and what only the Compose files read', () => {
    const explained = [...text.matchAll(/(?<=^# .*\n)#?([A-Z_]+)=/gm)].map(([, name]) => name);
    expect(explained.toSorted()).toEqual(
      [...Object.keys(settings.shape), ...Object.keys(COMPOSE_VARIABLES)].toSorted(),
    );
  });

  it('can be copied as it is', () => {
    expect(() => readConfig(parseEnv(text))).not.toThrow();
  });
});

// docs/cli.md says what the commands say of themselves.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { cliPage } from '../../scripts/cli-page.mjs';
import { helpOf } from '../../src/cli/help.ts';

const page = readFileSync(new URL('../../docs/cli.md', import.meta.url), 'utf8');
const commands = helpOf();

it('is the page made from the commands', () => {
  expect(page, 'is stale: run "npm run generate"').toBe(cliPage(commands));
});

it('has a section for every command, with what it takes', () => {
  const named = [...page.matchAll(/^## (muster.*)$/gm)].map(([, name]) => name);
  expect(named).toEqual(commands.map(({ name }) => name));
  expect(named).toEqual(expect.arrayContaining(['muster doctor', 'muster keys create', 'muster completion']));
  for (const { name } of commands) expect(page).toContain(`Usage: ${name}`);
});

it('names no command that is for shells alone', () => expect(page).not.toMatch(/muster complete\b/));

it('lets every command but one answer in JSON', () => {
  const leaves = commands.filter(({ name }) => !commands.some((other) => other.name.startsWith(`${name} `)));
  const without = leaves.filter(({ help }) => !/^ {2}--json /m.test(help)).map(({ name }) => name);
  // It prints a script.
  expect(without).toEqual(['muster completion']);
});

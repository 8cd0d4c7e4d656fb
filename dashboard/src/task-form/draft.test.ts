import { expect, it } from 'vitest';
import { type Draft, EMPTY, judgeDraft, lengthOf, parametersOf } from './draft.ts';

const GOOD: Draft = { ...EMPTY, description: 'Calculate factorial of 10' };
const judge = (given: Partial<Draft>, files: { name: string; size: number }[] = []) =>
  judgeDraft({ ...GOOD, ...given }, files, 1_000);

it('finds nothing wrong with a description and nothing else', () => {
  expect(judge({})).toEqual({});
});

it.each([
  ['', /Say in plain language/],
  ['   too short   ', /at least 10 characters/],
  ['x'.repeat(5_001), /at most 5,000 characters/],
])('says what is wrong with the description %.20j', (description, words) => {
  expect(judge({ description }).description).toMatch(words);
});

it('counts characters as the orchestrator does: whole emoji, no surrounding space', () => {
  expect(lengthOf('  🦆🦆🦆  ')).toBe(3);
});

it.each(['0', '-1', 'many', '1e3', '0.1234567', '10001', '1,50'])('refuses the budget %s', (budget) => {
  expect(judge({ budget }).budget_usd).toBeTruthy();
});

it.each(['0', '1.5', 'ten', '100001'])('refuses %s turns', (turns) => {
  expect(judge({ turns }).max_turns).toBeTruthy();
});

it('refuses files that are too large together, or have the same name', () => {
  expect(
    judge({}, [
      { name: 'a', size: 600 },
      { name: 'b', size: 600 },
    ]).files,
  ).toMatch(/1\.2 KB, 1000 B are allowed/);
  expect(
    judge({}, [
      { name: 'a', size: 1 },
      { name: 'a', size: 1 },
    ]).files,
  ).toMatch(/Two files are called a/);
});

it('sends what was filled in, as numbers where numbers are meant', () => {
  expect(parametersOf({ ...GOOD, description: ` ${GOOD.description} ` })).toEqual({ description: GOOD.description });
  expect(parametersOf({ ...GOOD, user: 'ada', budget: '0.50', turns: '40' })).toEqual({
    description: GOOD.description,
    user_id: 'ada',
    budget_usd: 0.5,
    max_turns: 40,
  });
});

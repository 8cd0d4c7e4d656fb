import { expect, it } from 'vitest';
import { whereOf } from './conditions.ts';

it('joins the conditions whose values are all given, and numbers the values in their order', () => {
  const params: unknown[] = ['there before'];
  const where = whereOf(
    [
      ['a = ?', 1],
      ['b = ?', undefined],
      ['(c, d) < (?, ?)', 'x', null],
      ['(e, f) < (?, ?)', 'x', undefined],
      ["g in ('h')"],
    ],
    params,
  );
  expect(where).toBe("a = $2 and (c, d) < ($3, $4) and g in ('h')");
  expect(params).toEqual(['there before', 1, 'x', null]);
});

it('asks for nothing when nothing is given', () => {
  expect(whereOf([['a = ?', undefined]], [])).toBe('true');
});

it('never lets a value into the text', () => {
  const params: unknown[] = [];
  expect(whereOf([['a = ?', '? or true --']], params)).toBe('a = $1');
  expect(params).toEqual(['? or true --']);
});

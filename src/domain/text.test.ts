import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boundedText, characters } from './text.ts';

describe('the length of a text', () => {
  it('is counted in characters, not in the halves of which emoji are made', () => {
    expect(['', 'abc', 'é', '😀😀', '\ud83d'].map(characters)).toEqual([0, 3, 1, 2, 1]);
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', minLength: 1, maxLength: 1 })), (letters) => {
        expect(characters(letters.join(''))).toBe(letters.length);
      }),
    );
  });
});

describe('a bounded text', () => {
  const schema = boundedText({ min: 3, max: 5, tooShort: 'say more', tooLong: 'say less' });
  const messages = (text: unknown) => schema.safeParse(text).error?.issues.map((issue) => issue.message) ?? [];

  it('loses the space around it before it is measured', () => {
    expect(schema.parse('  abc \n')).toBe('abc');
    expect(messages(' ab  ')).toEqual(['must be at least 3 characters: say more']);
  });

  it('may have its least and its greatest length, in characters', () => {
    for (const text of ['abc', 'abcde', '😀😀😀', '😀😀😀😀😀']) expect(schema.parse(text)).toBe(text);
  });

  it('says what to do when it is too short or too long', () => {
    expect(messages('😀😀')).toEqual(['must be at least 3 characters: say more']);
    expect(messages('abcdef')).toEqual(['must be at most 5 characters: say less']);
  });

  it('holds nothing that the database cannot hold, and nothing that is no text', () => {
    expect(messages('a\u0000bc')).toEqual(['holds the character U+0000: remove it']);
    expect(messages(7)).toHaveLength(1);
  });
});

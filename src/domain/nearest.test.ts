import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nearestWord, suggestWord } from './nearest.ts';

describe('the nearest word', () => {
  it.each([
    ['limt', 'limit'],
    ['user', 'user_id'],
    ['usr_id', 'user_id'],
    ['Status', 'status'],
    ['zebra', null],
    ['x', null],
    ['', null],
  ])('to %j is %j', (word, nearest) => {
    expect(nearestWord(word, ['limit', 'user_id', 'status', 'cursor'])).toBe(nearest);
  });

  it('to a known word is itself', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ minLength: 1, maxLength: 9 }), { minLength: 1 }), (words) => {
        expect(nearestWord(words[0]!, words)).toBe(words[0]);
      }),
    );
  });

  it('is found with a letter too few, too many or another one', () => {
    const word = fc.stringMatching(/^[a-z]{4,12}$/);
    fc.assert(
      fc.property(word, fc.nat(), fc.constantFrom('', 'q', 'qq'), (known, place, instead) => {
        const at = place % known.length;
        expect(nearestWord(known.slice(0, at) + instead + known.slice(at + 1), [known])).toBe(known);
      }),
    );
  });
});

describe('the advice on an unknown word', () => {
  it('names the near one, or all that are known, or says to leave it out', () => {
    expect(suggestWord('limt', ['limit', 'cursor'])).toBe('did you mean limit?');
    expect(suggestWord('zebra', ['limit', 'cursor'])).toBe('known are limit, cursor');
    expect(suggestWord('zebra', [])).toBe('leave it out');
  });
});

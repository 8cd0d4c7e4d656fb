import { describe, expect, it } from 'vitest';
import { block, columnsOf, cut, duration, localTime, oneLine, pad } from './text.ts';

describe('making text harmless', () => {
  it('takes out escape sequences, other control characters and what reorders text', () => {
    const evil = 'a\x1b[2J\x1b]0;title\x07b\x9b31mc\rd\x08\u202ee\u2066';
    expect(oneLine(evil)).not.toMatch(/[\p{Cc}\u202e\u2066]/u);
    expect(oneLine(evil)).toMatch(/^ab.*c d.*e$/);
  });

  it('puts everything on one line', () => {
    expect(oneLine('  first\n\tsecond\u2028third  ')).toBe('first second third');
  });

  it('keeps the lines of a block and nothing else that controls', () => {
    expect(block('one\r\n\ttwo\x1b[31m\x00\n\nthree\n')).toBe('one\n  two\n\nthree');
  });
});

describe('measuring', () => {
  it.each([
    ['abc', 3],
    ['é', 1],
    ['漢字', 4],
    ['👍🏽', 2],
    ['👩‍👩‍👧', 2],
    ['\u200b', 0],
    ['✓●░', 3],
  ])('%s fills %i columns', (text, columns) => expect(columnsOf(text)).toBe(columns));

  it('cuts to a width and marks the cut', () => {
    expect(cut('abcdef', 6)).toBe('abcdef');
    expect(cut('abcdef', 4)).toBe('abc…');
    expect(cut('漢字漢字', 4)).toBe('漢…');
    expect(cut('abc', 1)).toBe('…');
    expect(cut('abc', 0)).toBe('');
  });

  it('pads on either side by columns, not by characters', () => {
    expect(pad('漢', 4)).toBe('漢  ');
    expect(pad('7', 3, 'right')).toBe('  7');
    expect(pad('long', 2)).toBe('long');
  });
});

describe('saying times', () => {
  it.each([
    [-1, '0.0 s'],
    [0.34, '0.3 s'],
    [42.4, '42 s'],
    [59.7, '1 min 00 s'],
    [185, '3 min 05 s'],
    [7800, '2 h 10 min'],
  ])('%f seconds are %s', (seconds, said) => expect(duration(seconds)).toBe(said));

  it('says an instant in local time, in a form that sorts', () => {
    expect(localTime('2026-01-02T03:04:05.000Z')).toMatch(/^202[56]-\d\d-\d\d \d\d:\d\d:05$/);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toJson, toParameter, toText } from './db.ts';

describe('JSON for jsonb', () => {
  it('has no U+0000 and no half pair, in values and in keys', () => {
    expect(JSON.parse(toJson({ a: 'x\u0000y', 'k\u0000': ['\u0000\u0000', '\ud83d', '\ude00\ud83d'] }))).toEqual({
      a: 'x\ufffdy',
      'k\ufffd': ['\ufffd\ufffd', '\ufffd', '\ufffd\ufffd'],
    });
  });

  it('leaves a backslash followed by u0000 alone', () => {
    for (const text of ['\\u0000', '\\\\u0000', 'C:\\ud800', '\\']) expect(JSON.parse(toJson([text]))).toEqual([text]);
  });

  it('changes nothing else', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
        const text = JSON.stringify(value);
        expect(toJson(value)).toBe(text.includes('\\u0000') ? text.replace(/\\u0000/g, '\\ufffd') : text);
      }),
    );
  });

  it('never holds what PostgreSQL refuses', () => {
    const strange = fc
      .array(fc.constantFrom('\u0000', '\ud83d', '\ude00', '\\', 'u0000', 'ud83d', '"', 'x'))
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(strange, (text) => {
        const stored = JSON.parse(toJson({ text }));
        expect(stored).toEqual({ text: Buffer.from(text.replaceAll('\u0000', '\ufffd')).toString() });
      }),
    );
  });
});

describe('parameters', () => {
  it('have no U+0000 in texts and lists of texts', () => {
    expect(toText('a\u0000b')).toBe('a\ufffdb');
    expect(toParameter(['a\u0000', ['\u0000b'], 7, null])).toEqual(['a\ufffd', ['\ufffdb'], 7, null]);
    for (const value of [7, null, undefined, true, 'text']) expect(toParameter(value)).toBe(value);
  });
});

import vm from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseExpression } from './expression.ts';

describe('expressions', () => {
  it.each<[string, bigint | number]>([
    ['2 + 2', 4n],
    ['(3+4)*2', 14n],
    ['2 + 3 * 4 - 5', 9n],
    ['-2 ^ 2', -4n],
    ['2 ** 3 ** 2', 64 * 8],
    ['7 / 2', 3.5],
    ['7 % 4', 3],
    ['--3', 3n],
    ['1.5 * 2 - 0.5 + 2 ^ 2', 6.5],
    ['2 ^ 5000', Number.POSITIVE_INFINITY],
    ['2 ^ -1', 0.5],
    ['((-2)^2) ^ 2', 16],
  ])('%s is %s', (text, expected) => {
    const expression = parseExpression(text);
    expect(expression?.value()).toBe(expected);
    expect(vm.runInNewContext(expression?.code ?? '')).toBe(expected);
  });

  it.each(['', '2 +', '(2', '2)', '* 2', '2 2', '2 + x', '(1+)', '2 ^', '- '])('%j is none', (text) => {
    expect(parseExpression(text)).toBeUndefined();
  });

  it('have the same value here and as JavaScript', () => {
    const expression = fc.letrec<{ node: string }>((tie) => ({
      node: fc.oneof(
        { maxDepth: 5 },
        fc.nat(999).map(String),
        fc
          .tuple(tie('node'), fc.constantFrom('+', '-', '*', '/', '%'), tie('node'))
          .map(([a, o, b]) => `(${a} ${o} ${b})`),
        tie('node').map((inner) => `-${inner}`),
      ),
    })).node;
    fc.assert(
      fc.property(expression, (text) => {
        const parsed = parseExpression(text);
        expect(vm.runInNewContext(parsed?.code ?? 'fail')).toEqual(parsed?.value());
      }),
    );
  });
});

import vm from 'node:vm';
import { describe, expect, it } from 'vitest';
import { findCalculations } from './calculations.ts';

const values = (text: string) => findCalculations(text).map((each) => each.value());

describe('calculations in a sentence', () => {
  it.each<[string, unknown[]]>([
    ['5! and 10 factorial', [120n, 3628800n]],
    ['the 10th Fibonacci number', [55n]],
    ['first 7 fibonacci numbers', [['0', '1', '1', '2', '3', '5', '8']]],
    ['sum of all numbers from 1 to 100', [5050n]],
    ['sum of the numbers between 1 and 4', [10n]],
    ['sum of 3 and 9', [12]],
    ['sum of 1, 2, 3 and 4', [10]],
    ['product of 2, 3, and 4', [24]],
    ['average of 1 to 9', [5]],
    ['median of 5, 1, 4 and 2', [3]],
    ['median of 5, 1, 4', [4]],
    ['largest of 3 9 4', [9]],
    ['minimum value of: 3, 9, 4', [3]],
    ['gcd of 48, 36', [12]],
    ['lcm of 0 and 5', [0n]],
    ['primes up to 20', [[2, 3, 5, 7, 11, 13, 17, 19]]],
    ['prime factors of 84', [[2, 2, 3, 7]]],
    ['prime factors of 8', [[2, 2, 2]]],
    ['is 91 a prime', [false]],
    ['square root of 144', [12]],
    ['9 squared, cube of 2', [81n, 8n]],
    ['multiply 6 by 7, divide 1 by 4, add 2 to 3, subtract 2 from 9', [42n, 0.25, 5n, 7n]],
    ['double 21', [42n]],
    ['7 times 6 minus 2 plus 1 divided by 2', [40.5]],
    ['17 mod 5', [2]],
    ['12.5 percent of 80', [10]],
    ['(1 + 2) * 3, and 4 - 5', [9n, -1n]],
  ])('%s', (text, expected) => {
    expect(values(text)).toEqual(expected);
    expect(findCalculations(text).map((each) => vm.runInNewContext(each.code))).toEqual(expected);
  });

  it.each(['on 2024-01-15', 'call 555-1234-99', 'chapter 7', 'a - b', 'version 1.2.3', '()', 'room (12)'])(
    '%j asks for none',
    (text) => {
      expect(findCalculations(text)).toEqual([]);
    },
  );

  it('are flagged when they are too large, and named as a person would', () => {
    expect(findCalculations('factorial of 2001')[0]).toMatchObject({ label: 'factorial of 2001', tooLarge: true });
    expect(findCalculations('factorial of 2000')[0]?.tooLarge).toBe(false);
    expect(findCalculations('sum of 1 to 2000000')[0]?.tooLarge).toBe(true);
  });
});

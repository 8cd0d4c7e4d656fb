// Finds the calculations that a sentence asks for ("factorial of 5", "15% of 200", "(3+4)*2") and says, for each, the
// JavaScript that computes it and how to compute it here. Running them is the arithmetic skill's.
import { parseExpression } from './expression.ts';
import * as operations from './operations.ts';

type Value = bigint | number | boolean | (number | string)[];

export interface Calculation {
  /** As a person would write it: `factorial of 10`. */
  label: string;
  /** JavaScript whose value is the answer. */
  code: string;
  /** Beyond what the offline model computes. */
  tooLarge: boolean;
  value(): Value;
}

type Operation = (...numbers: number[]) => Value;

interface Rule {
  pattern: RegExp;
  label: (numbers: number[]) => string;
  operation: Operation;
  /** Largest allowed number, so that a small sentence cannot ask for hours of work. */
  limit?: number;
}

const NUMBER = String.raw`(-?\d+(?:\.\d+)?)`;
const WHOLE = String.raw`(\d+)`;
const LIST = String.raw`(-?\d+(?:\.\d+)?(?:(?:\s*,\s*and\s+|\s*,\s*|\s+and\s+|\s*&\s*|\s+)-?\d+(?:\.\d+)?)+)`;
const KINDS = String.raw`(?:(?:all|the|whole|natural|integers?|numbers?)\s+)*`;
const RANGE = String.raw`${KINDS}(?:between\s+(-?\d+)\s+and\s+(-?\d+)|(?:from\s+)?(-?\d+)\s*(?:to|through|\.\.\.?|-|–)\s*(-?\d+))`;

const range = (numbers: number[]): string => `${numbers[0]} to ${numbers[1]}`;

// Order matters: a match takes its words away from the rules below it.
const RULES: readonly Rule[] = [
  rule(`first ${WHOLE} (?:prime numbers|primes)`, ([n]) => `first ${n} primes`, [operations.firstPrimes, 2000]),
  rule(
    `(?:prime numbers|primes) (?:up to|below|under|less than|from 1 to|between 1 and) ${WHOLE}`,
    ([n]) => `primes up to ${n}`,
    [operations.primesUpTo, 20_000],
  ),
  rule(`prime (?:factors|factori[sz]ation) of ${WHOLE}`, ([n]) => `prime factors of ${n}`, [
    operations.primeFactors,
    1e12,
  ]),
  rule(`(?:is|whether|if) ${WHOLE} (?:is )?(?:a )?prime`, ([n]) => `whether ${n} is prime`, [operations.isPrime, 1e12]),
  rule(`factorial (?:of )?${WHOLE}`, ([n]) => `factorial of ${n}`, [operations.factorial, 2000]),
  rule(`${WHOLE}(?:!| factorial)`, ([n]) => `factorial of ${n}`, [operations.factorial, 2000]),
  rule(`first ${WHOLE} fibonacci numbers`, ([n]) => `first ${n} Fibonacci numbers`, [
    operations.fibonacciNumbers,
    1000,
  ]),
  rule(`${WHOLE}(?:st|nd|rd|th) fibonacci(?: number)?`, ([n]) => `fibonacci of ${n}`, [operations.fibonacci, 10_000]),
  rule(`fibonacci (?:number |sequence )?(?:of |at )?${WHOLE}`, ([n]) => `fibonacci of ${n}`, [
    operations.fibonacci,
    10_000,
  ]),
  rule(`sum (?:of )?${RANGE}`, (n) => `sum of ${range(n)}`, [operations.sumOfRange, 1_000_000]),
  rule(`product (?:of )?${RANGE}`, (n) => `product of ${range(n)}`, [operations.productOfRange, 2000]),
  rule(`(?:average|mean) of ${RANGE}`, (n) => `average of ${range(n)}`, [averageOfRange]),
  listRule('sum|total|add up', 'sum', operations.sum),
  listRule('product|multiply', 'product', operations.product),
  listRule('average|mean', 'average', operations.average),
  listRule('median', 'median', operations.median),
  listRule('maximum|max|largest|highest', 'maximum', operations.maximum),
  listRule('minimum|min|smallest|lowest', 'minimum', operations.minimum),
  listRule('gcd|hcf|greatest common divisor|highest common factor', 'gcd', operations.gcd),
  listRule('lcm|least common multiple', 'lcm', operations.lcm),
  rule(`square root of ${NUMBER}`, ([x]) => `square root of ${x}`, [operations.squareRoot]),
];

// Each becomes a plain expression. A power's base keeps its sign by standing in parentheses.
const WORDINGS: readonly [RegExp, string][] = [
  [/(-?\d+(?:\.\d+)?)\s*(?:%|percent) of (-?\d+(?:\.\d+)?)/gi, '(($1) / 100 * ($2))'],
  [/multiply (-?[\d.]+) (?:by|with|and) (-?[\d.]+)/gi, '(($1) * ($2))'],
  [/divide (-?[\d.]+) by (-?[\d.]+)/gi, '(($1) / ($2))'],
  [/add (-?[\d.]+) (?:to|and) (-?[\d.]+)/gi, '(($1) + ($2))'],
  [/subtract (-?[\d.]+) from (-?[\d.]+)/gi, '(($2) - ($1))'],
  [/(?:double|twice) (-?[\d.]+)/gi, '(2 * ($1))'],
  [/square(?: of)? (-?\d[\d.]*)|(-?\d[\d.]*) squared/gi, '(($1$2) ^ 2)'],
  [/cube(?: of)? (-?\d[\d.]*)|(-?\d[\d.]*) cubed/gi, '(($1$2) ^ 3)'],
  [/(-?\d[\d.]*) (?:(?:raised )?to the power (?:of )?)(-?\d[\d.]*)/gi, '(($1) ^ ($2))'],
  [/\bplus\b/gi, '+'],
  [/\bminus\b/gi, '-'],
  [/\btimes\b|\bmultiplied by\b|×/gi, '*'],
  [/\bdivided by\b|÷/gi, '/'],
  [/\bmod(?:ulo)?\b/gi, '%'],
];

/** In the order they stand in the text; empty when nothing is to be calculated. */
export function findCalculations(text: string): Calculation[] {
  const found: { at: number; calculation: Calculation }[] = [];
  let rest = text;
  for (const each of RULES) {
    for (const match of rest.matchAll(each.pattern)) {
      found.push({ at: match.index, calculation: fromRule(each, numbersIn(match.slice(1).join(' '))) });
    }
    rest = rest.replaceAll(each.pattern, (whole) => '~'.repeat(whole.length));
  }
  found.push(...findExpressions(rest));
  return found.sort((a, b) => a.at - b.at).map((each) => each.calculation);
}

function fromRule({ label, operation, limit }: Rule, numbers: number[]): Calculation {
  return {
    label: label(numbers),
    code: `(${operation.toString()})(${numbers.join(', ')})`,
    tooLarge: limit !== undefined && numbers.some((number) => Math.abs(number) > limit),
    value: () => operation(...numbers),
  };
}

function findExpressions(text: string): { at: number; calculation: Calculation }[] {
  const worded = WORDINGS.reduce((sofar, [pattern, expression]) => sofar.replaceAll(pattern, expression), text);
  return [...worded.matchAll(/[-(\d][\d\s().+\-*/%^]*[\d)]/g)].flatMap((match) => {
    const label = match[0].trim();
    // A date or a telephone number looks like a subtraction, but has no spaces and a leading zero or three parts.
    if (!/\d\s*[-+*/%^]/.test(label.replaceAll(/[()]/g, '')) || /^[\d-]+-[\d-]+-[\d-]+$/.test(label)) return [];
    const expression = parseExpression(label);
    return expression ? [{ at: match.index, calculation: { label, tooLarge: false, ...expression } }] : [];
  });
}

function rule(pattern: string, label: Rule['label'], [operation, limit]: [Operation, number?]): Rule {
  return {
    pattern: new RegExp(String.raw`(?<!\w)(?:${pattern})(?![\w.]*\d)`, 'gi'),
    label,
    operation,
    ...(limit ? { limit } : {}),
  };
}

function listRule(words: string, name: string, operation: Operation): Rule {
  const pattern = `(?:${words})(?: value)?(?: of)?(?: the)?(?: following)?(?: numbers| values| list)?\\s*[:([]?\\s*${LIST}`;
  return rule(pattern, (numbers) => `${name} of ${numbers.join(', ')}`, [operation]);
}

function averageOfRange(from = 0, to = 0): number {
  return (from + to) / 2;
}

function numbersIn(text: string): number[] {
  return (text.match(/-?\d+(?:\.\d+)?/g) ?? []).map(Number);
}

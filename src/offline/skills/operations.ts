// The named calculations. Each is one self-contained function, because its own source text is what run_code gets
// (so the sandbox and the tool-less fallback cannot disagree). Nothing here may refer to anything outside itself.

export function factorial(n: number): bigint {
  let product = 1n;
  for (let i = 2n; i <= BigInt(n); i += 1n) product *= i;
  return product;
}

export function fibonacci(n: number): bigint {
  let [current, next] = [0n, 1n];
  for (let i = 0; i < n; i += 1) [current, next] = [next, current + next];
  return current;
}

export function fibonacciNumbers(count: number): string[] {
  const numbers = [0n, 1n];
  while (numbers.length < count) numbers.push((numbers.at(-1) ?? 0n) + (numbers.at(-2) ?? 0n));
  return numbers.slice(0, count).map(String);
}

export function sumOfRange(from: number, to: number): bigint {
  let sum = 0n;
  for (let i = from; i <= to; i += 1) sum += BigInt(i);
  return sum;
}

export function productOfRange(from: number, to: number): bigint {
  let product = 1n;
  for (let i = from; i <= to; i += 1) product *= BigInt(i);
  return product;
}

export function sum(...numbers: number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}

export function product(...numbers: number[]): number {
  return numbers.reduce((a, b) => a * b, 1);
}

export function average(...numbers: number[]): number {
  return numbers.reduce((a, b) => a + b, 0) / numbers.length;
}

export function median(...numbers: number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

export function maximum(...numbers: number[]): number {
  return Math.max(...numbers);
}

export function minimum(...numbers: number[]): number {
  return Math.min(...numbers);
}

export function gcd(...numbers: number[]): number {
  return numbers.reduce((a, b) => {
    let [left, right] = [Math.abs(a), Math.abs(b)];
    while (right > 0) [left, right] = [right, left % right];
    return left;
  });
}

export function lcm(...numbers: number[]): bigint {
  let multiple = 1n;
  for (const number of numbers) {
    let [left, right] = [multiple, BigInt(Math.abs(number))];
    while (right > 0n) [left, right] = [right, left % right];
    multiple = left === 0n ? 0n : (multiple * BigInt(Math.abs(number))) / left;
  }
  return multiple;
}

export function firstPrimes(count: number): number[] {
  const primes: number[] = [];
  for (let n = 2; primes.length < count; n += 1) {
    if (!primes.some((prime) => prime * prime <= n && n % prime === 0)) primes.push(n);
  }
  return primes;
}

export function primesUpTo(limit: number): number[] {
  const primes: number[] = [];
  for (let n = 2; n <= limit; n += 1) {
    if (!primes.some((prime) => prime * prime <= n && n % prime === 0)) primes.push(n);
  }
  return primes;
}

export function isPrime(n: number): boolean {
  for (let d = 2; d * d <= n; d += 1) if (n % d === 0) return false;
  return n >= 2;
}

export function primeFactors(n: number): number[] {
  const factors: number[] = [];
  let rest = n;
  for (let d = 2; d * d <= rest; d += 1) {
    while (rest % d === 0) {
      factors.push(d);
      rest /= d;
    }
  }
  return rest > 1 ? [...factors, rest] : factors;
}

export function squareRoot(x: number): number {
  return Math.sqrt(x);
}

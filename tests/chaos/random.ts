// Random numbers that a seed repeats. Each part of a run takes its own branch, so that one more draw in one part does not
// change what the others do.

import { mulberry32 } from '../support/dice.ts';

export class Random {
  private readonly seed: string;
  /** In [0, 1). */
  readonly next: () => number;

  constructor(seed: string) {
    this.seed = seed;
    this.next = mulberry32(hashOf(seed));
  }

  /** An independent sequence with its own name. */
  branch(name: string | number): Random {
    return new Random(`${this.seed}/${name}`);
  }

  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.between(0, choices.length - 1)] as T;
  }

  /** One of the names, each as likely as its weight says. */
  weighted<Name extends string>(weights: Readonly<Record<Name, number>>): Name {
    const entries = Object.entries(weights) as [Name, number][];
    let left = this.next() * entries.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [name, weight] of entries) {
      left -= weight;
      if (left < 0) return name;
    }
    return entries.at(-1)?.[0] as Name;
  }
}

/** FNV-1a, 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const letter of text) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 0x01000193);
  return hash;
}

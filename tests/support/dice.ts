// Chance that a seed repeats.

/** A whole number from 0 up to, but without, `below`. */
export type Dice = (below: number) => number;

/** Numbers in [0, 1), the same ones for the same seed: the generator mulberry32, by Tommy Ettinger (2017). */
export function mulberry32(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function createDice(seed: number): Dice {
  const next = mulberry32(seed);
  return (below) => Math.floor(next() * below);
}

// The product's own chance, made to follow a seed.
import { webcrypto } from 'node:crypto';
import { random } from 'nanoid';
import { vi } from 'vitest';
import { createDice } from '../support/dice.ts';

/**
 * Makes the ids of tasks and subtasks, which break ties, and the jitter of back-offs follow the seed. Returns what undoes
 * it. Ids come from a pool of random bytes, which is used up first.
 */
export function loadDice(seed: number): () => void {
  const bytes = createDice(seed ^ 0x1d5);
  const jitter = createDice(seed ^ 0x71773);
  let filled = false;
  const ids = vi.spyOn(webcrypto, 'getRandomValues').mockImplementation((array) => {
    if (array instanceof Uint8Array) for (let nth = 0; nth < array.length; nth += 1) array[nth] = bytes(256);
    filled = true;
    return array;
  });
  while (!filled) random(1);
  const jitters = vi.spyOn(Math, 'random').mockImplementation(() => jitter(2 ** 20) / 2 ** 20);
  return () => {
    ids.mockRestore();
    jitters.mockRestore();
  };
}

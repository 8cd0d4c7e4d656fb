import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Heap, OUT } from './heap.ts';

interface Item {
  at: number;
  value: number;
}

const valuesOf = (items: readonly Item[]) => items.map((one) => one.value).toSorted((a, b) => a - b);

/** Empties it. */
function drain(heap: Heap<Item>): number[] {
  const out: number[] = [];
  for (let first = heap.first; first; first = heap.first) {
    out.push(first.value);
    heap.remove(first);
    expect(first.at).toBe(OUT);
    expect(heap.has(first)).toBe(false);
  }
  return out;
}

const MOVES = {
  push(heap: Heap<Item>, held: Item[], value: number): void {
    const added = { at: OUT, value };
    held.push(added);
    heap.push(added);
  },
  change(heap: Heap<Item>, held: Item[], value: number): void {
    const item = held[value % held.length];
    if (!item) return;
    item.value = (value * 7) % 20;
    heap.moved(item);
  },
  remove(heap: Heap<Item>, held: Item[], value: number): void {
    for (const item of held.splice(value % Math.max(1, held.length), 1)) heap.remove(item);
  },
};

it('keeps its items in order, whatever is added, changed and taken out', () => {
  const moves = fc.array(fc.tuple(fc.constantFrom('push', 'push', 'change', 'remove'), fc.nat(40)), { maxLength: 60 });
  fc.assert(
    fc.property(moves, (given) => {
      const heap = new Heap<Item>((a, b) => a.value - b.value);
      const held: Item[] = [];
      for (const [kind, value] of given) {
        MOVES[kind as keyof typeof MOVES](heap, held, value);
        expect(heap.size).toBe(held.length);
        expect(heap.first?.value).toBe(valuesOf(held)[0]);
        expect(held.every((item) => heap.has(item))).toBe(true);
      }
      expect(drain(heap)).toEqual(valuesOf(held));
    }),
  );
});

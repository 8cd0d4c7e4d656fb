import { expect, it } from 'vitest';
import { reachOf } from './far.ts';

it('keeps the number of a subtask longer than its words', () => {
  const at = (zoom: number) => reachOf({ transform: [0, 0, zoom] });
  expect([1, 0.5, 0.4, 0.2, 0.1].map(at)).toEqual(['words', 'words', 'number', 'number', 'colour']);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hops, median, mostAtOnce, percentile } from './statistics.mjs';

test('the median of an even number of values lies between the middle two', () => {
  assert.equal(median([4, 1, 3]), 3);
  assert.equal(median([4, 1, 3, 2]), 2.5);
});

test('a percentile is one of the values', () => {
  const values = Array.from({ length: 100 }, (_, nth) => nth + 1);
  assert.equal(percentile(values, 95), 95);
  assert.equal(percentile([7], 50), 7);
});

test('spans that only touch do not overlap', () => {
  const spans = [
    { start: 0, end: 2 },
    { start: 2, end: 3 },
    { start: 1, end: 4 },
  ];
  assert.equal(mostAtOnce(spans), 2);
});

test('a hop is the time from one start to the next, finer ones where they are known', () => {
  const spans = [
    { start: 3, end: 4 },
    { start: 1, end: 2 },
  ];
  assert.deepEqual(hops({ ms: 0, outputs: [], spans }), [2]);
  assert.deepEqual(hops({ ms: 0, outputs: [], spans, starts: [1.5, 1, 3] }), [0.5, 1.5]);
});

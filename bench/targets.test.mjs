import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verdictsOf } from './targets.mjs';

const engine = (/** @type {string} */ key) => /** @type {any} */ ({ key, title: key });
const results = (/** @type {object} */ given) =>
  /** @type {any} */ ({ engines: [], peers: {}, history: null, makespans: [], api: [], ...given });

test('a goal that is missed says by how much, one that is met does not', () => {
  const engines = ['muster', 'floor', 'bullmq', 'pg_boss'].map(engine);
  const peers = {
    muster: [{ w1: 1_000, w2_p50: 6 }],
    floor: [{ w1: 5_000 }],
    bullmq: [{ w1: 2_000, w2_p50: 1 }],
    pg_boss: [{ w1: 500, w2_p50: 9 }],
  };
  assert.deepEqual(verdictsOf(results({ engines, peers })), [
    { goal: 'W1: faster than bullmq', measured: '0.500', met: false, by: 'by a factor of 2.0' },
    { goal: 'W1: faster than pg_boss', measured: '2.00', met: true, by: '' },
    { goal: 'W1: at least 0.4 of the bare SQL', measured: '0.200', met: false, by: 'by a factor of 2.0' },
    { goal: 'W2: a hop under 4 ms at the median', measured: '6.00', met: false, by: 'by a factor of 1.5' },
    { goal: 'W2: a shorter hop than pg_boss', measured: '1.50', met: true, by: '' },
  ]);
});

test('history, makespans and the API are judged by their medians and their p95', () => {
  const history = { empty: [{ w1: 100, w2_p50: 5 }], grown: [{ w1: 95, w2_p50: 6 }] };
  const makespans = [1.02, 1.3, 1.05].map((muster) => ({ muster }));
  const api = [{ operation: 'get', p50: 1, p95: 25, p99: 30 }];
  const verdicts = verdictsOf(results({ history, makespans, api }));
  assert.deepEqual(
    verdicts.map(({ measured, met }) => [measured, met]),
    [
      ['1.05', true],
      ['1.20', false],
      ['1.05', true],
      ['25.0', false],
    ],
  );
});

test('what was not measured is not judged', () => {
  assert.deepEqual(verdictsOf(results({ engines: [engine('muster'), engine('bullmq')] })), []);
});

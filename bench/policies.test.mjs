import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_CREW } from '../dist/domain/agent.js';
import { layeredGraph, lowerBound } from './layered.mjs';
import { firstFit, ranked, simulate, unranked } from './policies.mjs';

const crew = [
  { agent_id: 'agent_1', capabilities: ['a', 'b'] },
  { agent_id: 'agent_2', capabilities: ['a'] },
];
const step = { capabilities: ['a'], dependencies: [], durationMs: 10, estimate: 1 };

test('the bound is the longest path, or the work that only some agents can do', () => {
  assert.equal(lowerBound([step, { ...step, dependencies: [0] }], crew), 20);
  assert.equal(lowerBound([step, step, step, step], crew), 20);
  assert.equal(lowerBound([step, { ...step, capabilities: ['b'] }, { ...step, capabilities: ['b'] }], crew), 20);
});

test('first fit spends the only agent that can do b on a', () => {
  assert.equal(simulate([step, { ...step, capabilities: ['b'] }], crew, firstFit), 20);
});

test('no policy beats the bound, whatever the graph', () => {
  for (let seed = 1; seed <= 200; seed += 1) {
    const steps = layeredGraph(seed);
    const bound = lowerBound(steps, DEFAULT_CREW);
    for (const policy of [ranked, unranked, firstFit])
      assert.ok(simulate(steps, DEFAULT_CREW, policy) >= bound, `seed ${seed}, ${policy.name}`);
  }
});

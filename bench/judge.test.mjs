import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chain, diamonds, expectedOutputs } from './graphs.mjs';
import { judge } from './judge.mjs';

const graphs = [...diamonds(3), chain(4)];
const span = { start: 0, end: 1 };
const right = {
  ms: 1,
  outputs: graphs.map(expectedOutputs),
  spans: Array.from({ length: 16 }, () => span),
};

test('a run in which every step answered right and ran once counts', () => {
  assert.deepEqual(right.outputs[2], [2, 3, 4, 10]);
  assert.equal(judge(graphs, right), right);
});

test('a run that lost an output, or passed a wrong one on, does not count', () => {
  assert.throws(
    () => judge(graphs, { ...right, outputs: right.outputs.slice(0, 3) }),
    /chain: step 0 answered undefined/,
  );
  const wrong = right.outputs.map((outputs) => outputs.with(3, 0));
  assert.throws(() => judge(graphs, { ...right, outputs: wrong }), /diamond 0: step 3 answered 0 where 6 was due/);
});

test('a run that executed a step twice, or not at all, does not count', () => {
  assert.throws(() => judge(graphs, { ...right, spans: [...right.spans, span] }), /17 executions of 16 steps/);
  assert.throws(() => judge(graphs, { ...right, spans: right.spans.slice(1) }), /15 executions of 16 steps/);
});

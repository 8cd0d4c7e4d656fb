import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { RECIPES } from './load-recipes.mjs';

const THERE = {
  task: 'task_1',
  subtask: 'subtask_1',
  file: 'input/a.txt',
  watched: 'task_4',
  running: () => 'task_2',
  failed: () => 'task_3',
  key: () => 'key_1',
};

/** @type {{ operationId: string, path: string }[]} */
const OPERATIONS = ['orchestrator', 'agent'].flatMap((service) => {
  const { paths } = JSON.parse(readFileSync(new URL(`../contracts/${service}-api.json`, import.meta.url), 'utf8'));
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.values(operations).map(({ operationId }) => ({ operationId, path })),
  );
});

test('there is a recipe for every operation of the documents, and for nothing else', () => {
  assert.deepEqual(Object.keys(RECIPES).sort(), OPERATIONS.map(({ operationId }) => operationId).sort());
});

test('a recipe fills every parameter of its path', () => {
  for (const { operationId, path } of OPERATIONS) {
    const asked = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
    assert.deepEqual(Object.keys(RECIPES[operationId]?.path?.(THERE) ?? {}), asked, operationId);
  }
});

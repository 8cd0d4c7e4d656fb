import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { namesIn } from './log.ts';

it('names whom a line concerns, and nothing else', () => {
  const report = { task_id: 'task_1', subtask_id: 'subtask_1', attempt: 2, agent_id: 'agent_1', usage: {} };
  expect(namesIn(report)).toEqual({ task_id: 'task_1', subtask_id: 'subtask_1', attempt: 2, agent_id: 'agent_1' });
  expect(namesIn({ task_id: 'task_1', subtask_id: undefined })).toEqual({ task_id: 'task_1' });
  for (const nothing of [null, undefined, 'task_1', 7]) expect(namesIn(nothing)).toEqual({});
});

it('is the same name in every line: task_id, subtask_id, attempt, agent_id', () => {
  const root = new URL('.', import.meta.url);
  const sources = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((path) =>
    /(?<!\.test)\.ts$/.test(path),
  );
  const call = /\blog(?:ger)?\.(?:debug|info|warn|error|child)\(\s*\{([^}]*)\}/g;
  const other = /\b(task|subtask|agent|taskId|subtaskId|agentId)\b\s*(?=[:,]|$)/;
  const odd = sources.flatMap((path) =>
    [...readFileSync(new URL(path, root), 'utf8').matchAll(call)]
      .filter(([, fields = '']) => other.test(fields.replace(/:\s*[^,]+/g, ':').trim()))
      .map(([line]) => `${path}: ${line}`),
  );
  expect(odd).toEqual([]);
});

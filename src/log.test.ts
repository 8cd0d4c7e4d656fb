import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { createLogger, namesIn } from './log.ts';

const KEY = `muster_${'k'.repeat(43)}`;
const TOKEN = 'a "token" with \\ signs that JSON escapes';

function logged(write: (logger: ReturnType<typeof createLogger>) => void): string {
  const lines: string[] = [];
  write(createLogger('info', { secrets: [TOKEN], destination: { write: (line) => void lines.push(line) } }));
  return lines.join('');
}

it('writes no secret, wherever it stands in a line', () => {
  const lines = logged((logger) => {
    logger.info(`message with ${TOKEN}`);
    logger.info({ deep: { field: [TOKEN], [KEY]: 1 } }, 'fields');
    logger.error({ err: new Error(`POST failed: Bearer ${KEY}`) }, 'an error');
    logger.child({ agent: KEY }).warn({ req: { headers: { authorization: `Bearer ${TOKEN}` } } }, 'a child');
  });
  expect(lines.trim().split('\n')).toHaveLength(4);
  expect(lines).toContain('[redacted]');
  expect(lines).not.toContain(KEY);
  expect(lines).not.toContain('signs that JSON');
});

it('leaves lines of JSON whole', () => {
  const line = logged((logger) => logger.info({ url: `postgres://ada:${'x'.repeat(20)}@db/x`, token: TOKEN }, 'said'));
  expect(JSON.parse(line)).toMatchObject({ msg: 'said', url: 'postgres://ada:[redacted]@db/x', token: '[redacted]' });
});

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

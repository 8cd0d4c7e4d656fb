import { expect, it } from 'vitest';
import { createLogger } from './log.ts';

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

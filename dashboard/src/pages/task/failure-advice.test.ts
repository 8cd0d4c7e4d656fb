import { expect, it } from 'vitest';
import type { AttemptSpan } from '../../../../src/protocol/dashboard-api.ts';
import { adviceFor, clipped } from './failure-advice.ts';

const at = '2026-01-01T00:00:00.000Z';
const span = (position: number, attempt: number, error_code: AttemptSpan['error_code']): AttemptSpan => ({
  position,
  attempt,
  agent_id: 'agent_1',
  ready_at: at,
  started_at: at,
  ended_at: at,
  outcome: 'failed',
  error_code,
});

it('goes by the last attempt of what failed, and says the same once', () => {
  const attempts = [span(0, 1, 'timeout'), span(0, 2, 'model_refused'), span(1, 1, 'model_refused')];
  const failed = [
    { position: 0, attempt: 2 },
    { position: 1, attempt: 1 },
  ];
  expect(adviceFor(attempts, failed)).toEqual([expect.stringContaining('other words')]);
});

it('is general when no code is known', () => {
  expect(adviceFor([], [])).toEqual([expect.stringContaining('Read the log')]);
});

it('says when an error was cut', () => {
  expect([clipped('short'), clipped('x'.repeat(200)).includes('…')]).toEqual(['short', true]);
});

import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { captureIo } from '../../tests/support/captured-io.ts';
import { voiceOf } from './service-voice.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

async function start(json: boolean, terminalErrors: boolean) {
  const io = captureIo({ terminalErrors });
  const voice = voiceOf(io, { json });
  voice.step('database');
  await vi.advanceTimersByTimeAsync(3_000);
  const waiting = io.err();
  voice.up('It is up at http://h:1', { url: 'http://h:1' });
  voice.stopping('It stops.');
  return { waiting, out: io.out(), err: io.err() };
}

it('says on a terminal what the start waits for, and wipes it away', async () => {
  const { waiting, out, err } = await start(false, true);
  expect(waiting).toContain('⠋ starting: database … 2 s');
  expect(err.endsWith('\r\x1b[K')).toBe(true);
  expect(out).toBe('It is up at http://h:1\nIt stops.\n');
});

it.each([true, false])('keeps standard error to the log elsewhere (--json %s)', async (json) => {
  const { out, err } = await start(json, json);
  expect(err).toBe('');
  expect(out).toBe(
    json ? '{"event":"up","url":"http://h:1"}\n{"event":"stopping"}\n' : 'It is up at http://h:1\nIt stops.\n',
  );
});

import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { captureIo } from '../../tests/support/captured-io.ts';
import { startProgress, withProgress } from './progress.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('says nothing of what is quick', async () => {
  const io = captureIo({ terminalErrors: true });
  expect(await withProgress(io, 'planning', async () => 7)).toBe(7);
  await vi.advanceTimersByTimeAsync(10_000);
  expect([io.out(), io.err()]).toEqual(['', '']);
});

it('turns on a terminal, counts the seconds, and wipes itself away, also when the work fails', async () => {
  const io = captureIo({ terminalErrors: true });
  const done = withProgress(
    io,
    'planning',
    () => new Promise((_, reject) => setTimeout(reject, 3_250, new Error('no'))),
  );
  const failed = expect(done).rejects.toThrow('no');
  await vi.advanceTimersByTimeAsync(1_999);
  expect(io.err()).toBe('');
  await vi.advanceTimersByTimeAsync(1_300);
  await failed;
  const frames = io.err().split('\r\x1b[K');
  expect([frames[1], frames[2], frames.at(-2), frames.at(-1)]).toEqual([
    '⠋ planning … 2 s',
    '⠙ planning … 2 s',
    '⠹ planning … 3 s',
    '',
  ]);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(io.err().split('\r\x1b[K')).toHaveLength(frames.length);
});

it('writes elsewhere a line for each thing that is waited for, once', async () => {
  const io = captureIo();
  const progress = startProgress(io, 'starting: database');
  await vi.advanceTimersByTimeAsync(5_000);
  progress.say('starting: crew');
  await vi.advanceTimersByTimeAsync(5_000);
  progress.end();
  expect(io.err()).toBe('muster: starting: database …\nmuster: starting: crew …\n');
});

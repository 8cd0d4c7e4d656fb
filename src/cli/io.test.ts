import { describe, expect, it } from 'vitest';
import { captureIo } from '../../tests/support/captured-io.ts';
import { processIo, wantsColors, widthOf, writeJson, writeJsonLine, writeLines } from './io.ts';

describe('widthOf', () => {
  it('is the terminal’s, 80 when it does not know, and unlimited elsewhere', () => {
    expect(widthOf({ write: () => true, isTTY: true, columns: 120 })).toBe(120);
    expect(widthOf({ write: () => true, isTTY: true, columns: 0 })).toBe(80);
    expect(widthOf({ write: () => true, columns: 120 })).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('wantsColors', () => {
  const write = () => true;
  it.each([
    [{}, true, true],
    [{}, false, false],
    [{ CI: 'true' }, false, false],
    [{ TERM: 'dumb' }, true, false],
    [{ NO_COLOR: '1' }, true, false],
    [{ NO_COLOR: '' }, true, true],
    [{ FORCE_COLOR: '1' }, false, true],
    [{ FORCE_COLOR: '0' }, true, false],
    [{ NO_COLOR: '1', FORCE_COLOR: '1' }, true, false],
  ])('with %j on a terminal (%s): %s', (env, isTTY, wanted) => expect(wantsColors(env, { write, isTTY })).toBe(wanted));
});

describe('writing', () => {
  it('ends each line, and writes nothing for no lines', () => {
    const io = captureIo();
    writeLines(io.stdout, []);
    writeLines(io.stdout, ['a', 'b']);
    expect(io.out()).toBe('a\nb\n');
  });

  it('escapes in JSON what a terminal could take for a command', () => {
    const io = captureIo();
    writeJson(io.stdout, { text: '\x1b[2J\x7f\x9b' });
    expect(io.out()).toBe('{\n  "text": "\\u001b[2J\\u007f\\u009b"\n}\n');
    expect(JSON.parse(io.out())).toEqual({ text: '\x1b[2J\x7f\x9b' });
  });
});

it('writes JSON on one line where lines are documents', () => {
  const io = captureIo();
  writeJsonLine(io.stdout, { text: 'a\nb\x9b' });
  expect(io.out()).toBe('{"text":"a\\nb\\u009b"}\n');
});

describe('processIo', () => {
  it('hears of one Ctrl-C, and of none once it was released', () => {
    const before = process.listenerCount('SIGINT');
    const streamListeners = process.stdout.listeners('error');
    const io = processIo();
    let heard = 0;
    io.onInterrupt(() => {
      heard += 1;
    });
    process.emit('SIGINT');
    expect([heard, process.listenerCount('SIGINT')]).toEqual([1, before]);
    io.onInterrupt(() => {})();
    expect(process.listenerCount('SIGINT')).toBe(before);
    expect(io.now().getTime()).toBeLessThanOrEqual(Date.now());
    for (const added of process.stdout.listeners('error').filter((listener) => !streamListeners.includes(listener)))
      process.stdout.off('error', added as () => void);
  });
});

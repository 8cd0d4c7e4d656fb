import { afterEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { CALL_TIMEOUT_MS, callTool, MAX_ANSWER_CHARS } from './call-tool.ts';
import type { ToolContext } from './ports.ts';
import { defineTool, quote, ToolFailure } from './tool.ts';

const shape = {
  name: z.string().max(3),
  count: z.number().int().default(1),
  nested: z.object({ deep: z.boolean() }).optional(),
};

function toolThat(run: (signal: AbortSignal, input: object) => unknown) {
  return defineTool({
    name: 'probe',
    description: '',
    input: shape,
    run: async ({ signal }, input) => run(signal, input),
  });
}

async function call(
  tool: ReturnType<typeof toolThat>,
  input: unknown = { name: 'a' },
  signal = new AbortController().signal,
) {
  const { content, isError } = await callTool(tool, { signal } as ToolContext, input);
  return { text: content[0]?.type === 'text' ? content[0].text : '', isError: isError ?? false };
}

afterEach(() => {
  vi.useRealTimers();
});

describe('input', () => {
  it('is checked, with defaults filled in', async () => {
    expect(await call(toolThat((_, input) => input))).toEqual({ text: '{"name":"a","count":1}', isError: false });
  });

  it.each([
    [{ name: 'long' }, /^name: .*3.*, not "long"\. The fields are: name, count, nested$/],
    [{}, /^name: .*expected string/],
    [null, /^name: /],
    [{ name: 'a', count: 1.5 }, /^count: .*int.*, not 1\.5/],
    [{ name: 'a', nested: { deep: 'x'.repeat(500) } }, /^nested\.deep: .*boolean.*, not "x{100,}…/],
    [{ name: 'a', extra: 1 }, /^input: .*"extra".* The fields are/],
    [{ name: 1, count: 'x' }, /^name: .*, not 1; count: .*, not "x"/],
    ['text', /^input: .*expected object/],
  ])('that is wrong is answered with field, value and mend: %j', async (input, expected) => {
    const ran = vi.fn();
    const { text, isError } = await call(toolThat(ran), input);
    expect(isError).toBe(true);
    expect(text).toMatch(expected);
    expect(ran).not.toHaveBeenCalled();
  });
});

describe('an answer', () => {
  it('is a string as it is, JSON otherwise, null for nothing', async () => {
    expect((await call(toolThat(() => 'plain'))).text).toBe('plain');
    expect((await call(toolThat(() => ['a']))).text).toBe('["a"]');
    expect((await call(toolThat(() => undefined))).text).toBe('null');
  });

  it('is capped, and says so', async () => {
    const { text } = await call(toolThat(() => 'x'.repeat(MAX_ANSWER_CHARS + 1)));
    expect(text).toHaveLength(MAX_ANSWER_CHARS);
    expect(text).toMatch(/x\n\[truncated: 100000 of 100001 characters; ask for less\]$/);
  });
});

describe('a failure', () => {
  const throwing = (error: unknown) =>
    toolThat(() => {
      throw error;
    });

  it.each([
    [new ToolFailure('path: wrong'), 'path: wrong'],
    [new Error('disk full'), 'probe failed: disk full'],
    ['odd', 'probe failed: "odd"'],
  ])('becomes an error result: %s', async (error, expected) => {
    expect(await call(throwing(error))).toEqual({ text: expected, isError: true });
  });

  it('of a port that never answers is a timeout, and the tool is told to stop', async () => {
    vi.useFakeTimers();
    let seen: AbortSignal | undefined;
    const running = call(
      toolThat((signal) => {
        seen = signal;
        return new Promise(() => {});
      }),
    );
    await vi.advanceTimersByTimeAsync(CALL_TIMEOUT_MS);
    expect(await running).toEqual({ text: 'probe was stopped after 60 s; ask for less at a time', isError: true });
    expect(seen?.aborted).toBe(true);
  });

  it('of an attempt that is over ends the call, before or during its run', async () => {
    const abort = new AbortController();
    const running = call(
      toolThat(() => new Promise(() => {})),
      { name: 'a' },
      abort.signal,
    );
    abort.abort();
    const stopped = { text: 'probe was stopped: the subtask is over', isError: true };
    expect(await running).toEqual(stopped);
    expect(
      await call(
        toolThat(() => 'ran'),
        { name: 'a' },
        abort.signal,
      ),
    ).toEqual(stopped);
  });
});

it('quotes any value in one short line', () => {
  expect(quote('a\nb')).toBe('"a\\nb"');
  expect(quote(undefined)).toBe('nothing');
  expect(quote('x'.repeat(200))).toHaveLength(120);
});

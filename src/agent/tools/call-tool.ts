// One call of one tool, from untrusted input to an answer for the model: validated, bounded in time and in size, and
// every failure turned into words. Never throws.
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';
import type { ToolContext } from './ports.ts';
import { quote, type Tool, ToolFailure } from './tool.ts';

/** Above the longest cap that a tool sets itself (SQL: 30 s), so that this one is met only by a port that hangs. */
export const CALL_TIMEOUT_MS = 60_000;
export const MAX_ANSWER_CHARS = 100_000;

/** @param context its `signal` ends the call at once */
export async function callTool(tool: Tool, context: ToolContext, input: unknown): Promise<CallToolResult> {
  const ended = context.observe?.({ tool: tool.name, traceparent: context.traceparent ?? null });
  try {
    const parsed = parse(tool, input);
    const result = answer(await bounded(tool, context, parsed));
    ended?.('answered');
    return result;
  } catch (error) {
    ended?.('failed');
    return { ...answer(explain(tool, error)), isError: true };
  }
}

function parse(tool: Tool, input: unknown): Record<string, unknown> {
  const parsed = z.strictObject(tool.input).safeParse(input ?? {});
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => {
    const value = valueAt(input, issue.path);
    return `${issue.path.join('.') || 'input'}: ${issue.message}${value === undefined ? '' : `, not ${quote(value)}`}`;
  });
  throw new ToolFailure(`${problems.join('; ')}. The fields are: ${Object.keys(tool.input).join(', ')}`);
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined),
    input,
  );
}

async function bounded(tool: Tool, context: ToolContext, input: Record<string, unknown>): Promise<unknown> {
  const timeout = new AbortController();
  const signal = AbortSignal.any([context.signal, timeout.signal]);
  signal.throwIfAborted();
  const timer = setTimeout(() => {
    timeout.abort(
      new ToolFailure(`${tool.name} was stopped after ${CALL_TIMEOUT_MS / 1000} s; ask for less at a time`),
    );
  }, CALL_TIMEOUT_MS);
  let stop = () => {};
  const stopped = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
  });
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([tool.run({ ...context, signal }, input), stopped]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}

function explain(tool: Tool, error: unknown): string {
  if (error instanceof ToolFailure) return error.message;
  if (error instanceof DOMException && error.name === 'AbortError')
    return `${tool.name} was stopped: the subtask is over`;
  return `${tool.name} failed: ${error instanceof Error ? error.message : quote(error)}`;
}

function answer(value: unknown): CallToolResult {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'null');
  return { content: [{ type: 'text', text: capped(text) }] };
}

function capped(text: string): string {
  if (text.length <= MAX_ANSWER_CHARS) return text;
  const note = `\n[truncated: ${MAX_ANSWER_CHARS} of ${text.length} characters; ask for less]`;
  return text.slice(0, MAX_ANSWER_CHARS - note.length) + note;
}

// The answer side of the Messages API: one reply as a JSON message, or as the server-sent events that add up to it.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Reply, ReplyBlock } from './reply.ts';
import { estimateTokens } from './request.ts';

const DELTA_CHARACTERS = 400;
const PING_MS = 5000;

export interface MessageSource {
  model: string;
  inputTokens: number;
  reply: Reply;
}

export function message(source: MessageSource): object {
  return {
    ...envelope(source),
    content: source.reply.blocks.map((block) => withId(block)),
    stop_reason: source.reply.stopReason,
    usage: usage(source.inputTokens, outputTokens(source.reply)),
  };
}

/** The events of one reply. With a delay it starts at once and pings meanwhile, as a slow model does. */
export async function* messageEvents(
  source: MessageSource,
  delayMs: number,
  signal: AbortSignal,
): AsyncGenerator<string> {
  yield event('message_start', { message: envelope(source) });
  for (let left = delayMs; left > 0; left -= PING_MS) {
    await sleep(Math.min(left, PING_MS), undefined, { signal });
    yield event('ping', {});
  }
  for (const [index, block] of source.reply.blocks.entries()) yield* blockEvents(index, block);
  yield event('message_delta', {
    delta: { stop_reason: source.reply.stopReason, stop_sequence: null },
    usage: { output_tokens: outputTokens(source.reply) },
  });
  yield event('message_stop', {});
}

function* blockEvents(index: number, block: ReplyBlock): Generator<string> {
  const start = block.type === 'text' ? { type: 'text', text: '' } : { ...withId(block), input: {} };
  yield event('content_block_start', { index, content_block: start });
  const whole = block.type === 'text' ? block.text : JSON.stringify(block.input);
  for (let at = 0; at < whole.length; at += DELTA_CHARACTERS) {
    const part = whole.slice(at, at + DELTA_CHARACTERS);
    const delta =
      block.type === 'text' ? { type: 'text_delta', text: part } : { type: 'input_json_delta', partial_json: part };
    yield event('content_block_delta', { index, delta });
  }
  yield event('content_block_stop', { index });
}

function event(type: string, fields: object): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
}

function envelope({ model, inputTokens }: MessageSource): object {
  return {
    id: newId('msg'),
    type: 'message',
    role: 'assistant',
    model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: usage(inputTokens, 1),
  };
}

function withId(block: ReplyBlock): object {
  return block.type === 'tool_use' ? { ...block, id: newId('toolu') } : block;
}

function newId(prefix: string): string {
  return `${prefix}_${randomUUID().replaceAll('-', '')}`;
}

function usage(inputTokens: number, output: number): object {
  return {
    input_tokens: inputTokens,
    output_tokens: output,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 0,
  };
}

function outputTokens(reply: Reply): number {
  return Math.max(1, estimateTokens(reply.blocks.map((each) => (each.type === 'text' ? each.text : each.input))));
}

// One question to the model, answered as a stream: a long answer keeps its connection busy, the time to the first word is
// known, and a model that has gone silent is given up. Nothing is asked twice here; whoever asks decides about that.
import Anthropic from '@anthropic-ai/sdk';
import type { Clock } from '../clock.ts';
import type { ModelTokens } from '../domain/attempt.ts';

/** Milliseconds without any event, the first included, after which the model is given up. */
const SILENCE_MS = 120_000;
/** Milliseconds for a whole answer. 16,000 tokens at 30 a second take nine minutes. */
const ANSWER_MS = 600_000;

/** Told what each answer of the model used, also when nothing comes of it. */
export type CountTokens = (tokens: ModelTokens) => void;

export interface Asker {
  client: Anthropic;
  model: string;
  clock: Clock;
}

export interface Question {
  system: string;
  messages: Anthropic.MessageParam[];
  maxTokens: number;
  format?: Anthropic.JSONOutputFormat;
  /** Times that the SDK asks again by itself, as long as no answer has begun. */
  maxRetries: number;
  signal: AbortSignal | undefined;
  count: CountTokens | undefined;
  /** Each piece of the answer's text, as it comes. */
  onText?: (piece: string) => void;
}

/** The model may well answer later: it is overloaded, limits the account, cannot be reached, or broke off. */
export class ModelBusy extends Error {
  /** Milliseconds that it asked to wait. */
  readonly retryAfterMs: number | null;
  /** The account asked too much: whoever else asks meets the same limit. */
  readonly isRateLimit: boolean;

  constructor(message: string, { cause, retryAfterMs = null, isRateLimit = false }: BusyDetails = {}) {
    super(message, { cause });
    this.name = 'ModelBusy';
    this.retryAfterMs = retryAfterMs;
    this.isRateLimit = isRateLimit;
  }
}

interface BusyDetails {
  cause?: unknown;
  retryAfterMs?: number | null;
  isRateLimit?: boolean;
}

/** The text of the answer. Rejects with ModelBusy, with what the SDK says, or when the model refused or was cut off. */
export async function ask(asker: Asker, question: Question): Promise<string> {
  const message = await hear(asker, question);
  question.count?.(tokensOf(message.usage));
  if (message.stop_reason === 'refusal') throw new Error('the model declined to answer');
  if (message.stop_reason === 'max_tokens') throw new Error(`the answer was cut at ${question.maxTokens} tokens`);
  return message.content.map((block) => (block.type === 'text' ? block.text : '')).join('');
}

async function hear({ client, model, clock }: Asker, question: Question): Promise<Anthropic.Message> {
  const { system, messages, maxTokens, format, maxRetries, signal, onText } = question;
  signal?.throwIfAborted();
  const stream = client.messages.stream(
    {
      model,
      max_tokens: maxTokens,
      system,
      messages,
      ...(format && { output_config: { format } }),
    },
    // The SDK's time ends with the headers; ours goes on.
    { signal: signal ?? null, timeout: SILENCE_MS, maxRetries },
  );
  const patience = new Patience(clock, () => stream.abort());
  let hasBegun = false;
  stream.on('streamEvent', () => {
    hasBegun = true;
    patience.heard();
  });
  if (onText) stream.on('text', onText);
  try {
    return await stream.finalMessage();
  } catch (error) {
    signal?.throwIfAborted();
    if (patience.exhausted) throw new ModelBusy(patience.exhausted, { cause: error });
    throw busyOf(error, hasBegun) ?? error;
  } finally {
    patience.end();
  }
}

/** Waits for events, and says in words when it has waited long enough. */
class Patience {
  exhausted: string | null = null;
  private readonly clock: Clock;
  private readonly giveUp: () => void;
  private readonly cancelWhole: () => void;
  private cancelSilence: () => void;

  constructor(clock: Clock, giveUp: () => void) {
    this.clock = clock;
    this.giveUp = giveUp;
    this.cancelWhole = this.limit(ANSWER_MS, `the model had not ended its answer after ${ANSWER_MS / 1_000} s`);
    this.cancelSilence = this.limitSilence();
  }

  heard(): void {
    this.cancelSilence();
    this.cancelSilence = this.limitSilence();
  }

  end(): void {
    this.cancelWhole();
    this.cancelSilence();
  }

  private limitSilence(): () => void {
    return this.limit(SILENCE_MS, `the model was silent for ${SILENCE_MS / 1_000} s`);
  }

  private limit(ms: number, words: string): () => void {
    return this.clock.after(ms, () => {
      this.exhausted ??= words;
      this.giveUp();
    });
  }
}

/** Null: asking again would not help. */
function busyOf(error: unknown, hasBegun: boolean): ModelBusy | null {
  if (error instanceof Anthropic.APIConnectionError) return new ModelBusy(error.message, { cause: error });
  if (error instanceof Anthropic.APIError) return isTransient(error) ? busyAs(error) : null;
  return hasBegun ? new ModelBusy('the model broke off in the middle of its answer', { cause: error }) : null;
}

/** Errors inside a stream have a type and no status. */
const TRANSIENT_TYPES: readonly unknown[] = ['overloaded_error', 'api_error', 'rate_limit_error', 'timeout_error'];

function isTransient({ status, type }: InstanceType<typeof Anthropic.APIError>): boolean {
  if (status === undefined) return TRANSIENT_TYPES.includes(type);
  return status === 408 || status === 429 || status >= 500;
}

function busyAs(error: InstanceType<typeof Anthropic.APIError>): ModelBusy {
  const isRateLimit = error.status === 429 || error.type === 'rate_limit_error';
  return new ModelBusy(error.message, { cause: error, retryAfterMs: retryAfterOf(error.headers), isRateLimit });
}

/** Milliseconds, or null when it did not say. */
function retryAfterOf(headers: Headers | undefined): number | null {
  const ms = Number(headers?.get('retry-after-ms') || Number.NaN);
  const seconds = Number(headers?.get('retry-after') || Number.NaN);
  const wait = Number.isFinite(ms) ? ms : seconds * 1_000;
  return Number.isFinite(wait) && wait > 0 ? wait : null;
}

function tokensOf(usage: Anthropic.Usage): ModelTokens {
  const { input_tokens, cache_creation_input_tokens, cache_read_input_tokens, output_tokens } = usage;
  const cached = (cache_creation_input_tokens ?? 0) + (cache_read_input_tokens ?? 0);
  return { input_tokens: input_tokens + cached, output_tokens };
}

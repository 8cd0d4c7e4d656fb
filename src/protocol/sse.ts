// Reading server-sent events over connections that may be cut: what the streams of events and of log lines share.
import type { EventSourceMessage } from 'eventsource-parser/stream';
import { EventSourceParserStream } from 'eventsource-parser/stream';
import { backoffMs } from '../domain/backoff.ts';
import { ClientError } from './client-error.ts';

/** Reconnecting is given up after this many failures in a row: about a minute. */
export const MAX_RECONNECTS = 15;
/** Before a connection that ended is opened again. */
export const PAUSE_MS = 100;

const MAX_PAUSE_MS = 5_000;

/** Resolves after `ms`; rejects with the signal's reason when it is aborted. */
export type Wait = (ms: number) => Promise<void>;

/** The messages of one connection; returns when it ends, however it does. */
export async function* readMessages(response: Response): AsyncGenerator<EventSourceMessage, void> {
  if (!response.body) return;
  const reader = response.body
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(new EventSourceParserStream())
    .getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read().catch(() => ({ done: true, value: undefined }));
      if (done || !value) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/** Repeats what fails transiently, with backoff. Throws what is final, and the last failure once there were too many. */
export async function patiently<Value>(wait: Wait, work: () => Promise<Value>): Promise<Value> {
  for (let failures = 1; ; failures += 1) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ClientError && error.transient) || failures > MAX_RECONNECTS) throw error;
      await wait(Math.min(MAX_PAUSE_MS, backoffMs(failures, Math.random())));
    }
  }
}

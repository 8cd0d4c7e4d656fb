// Follows a task's server-sent events to its end, over as many connections as that takes: a cut connection is resumed
// after the last event seen. How a connection is opened is the client's business.
import { EventSourceParserStream } from 'eventsource-parser/stream';
import type { z } from 'zod';
import { backoffMs } from '../domain/backoff.ts';
import { EVENT_TYPES, isTaskEnded, type TaskStatus } from '../domain/transitions.ts';
import { taskEvent } from './api.ts';
import { ClientError } from './client-error.ts';

export type TaskEvent = z.infer<typeof taskEvent>;

/** Reconnecting is given up after this many failures in a row: about a minute. */
export const MAX_RECONNECTS = 15;

const PAUSE_MS = 100;
const MAX_PAUSE_MS = 5_000;

export interface EventSource {
  /** Opens a stream of the events whose `seq` is greater than `after`. Throws a ClientError. */
  connect(after: number): Promise<Response>;
  /** How the task stands now. Throws a ClientError. */
  status(): Promise<TaskStatus>;
  /** Resolves after `ms`; rejects with the signal's reason when it is aborted. */
  wait(ms: number): Promise<void>;
}

/**
 * The task's events after `after`, in order and each once, until the one that ended the task. The first connection must
 * succeed; later ones are retried with backoff. Throws a ClientError, or the abort reason.
 */
export async function* followTask(source: EventSource, after: number): AsyncGenerator<TaskEvent, void> {
  let seq = after;
  let response = await source.connect(seq);
  for (;;) {
    const before = seq;
    for await (const event of readEvents(response, before)) {
      seq = event.seq;
      yield event;
      if (await isLast(event, source)) return;
    }
    // A caller may resume after the last event: then nothing more will ever come.
    if (seq === before && isTaskEnded(await patiently(source, () => source.status()))) return;
    await source.wait(PAUSE_MS);
    response = await patiently(source, () => source.connect(seq));
  }
}

/** The events of one connection whose `seq` is above `after`; returns when the connection ends, however it does. */
async function* readEvents(response: Response, after: number): AsyncGenerator<TaskEvent, void> {
  if (!response.body) return;
  let seq = after;
  const reader = response.body
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(new EventSourceParserStream())
    .getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read().catch(() => ({ done: true, value: undefined }));
      if (done || !value) return;
      if (!isKnown(value.event)) continue;
      const event = parseEvent(value.data);
      if (event.seq > seq) yield event;
      seq = Math.max(seq, event.seq);
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/** Event names that nobody here listens for are skipped, as in a browser. */
function isKnown(name: string | undefined): boolean {
  return (EVENT_TYPES as readonly (string | undefined)[]).includes(name);
}

function parseEvent(data: string): TaskEvent {
  try {
    return taskEvent.parse(JSON.parse(data));
  } catch (cause) {
    const detail = 'the event stream holds an event that is not of this version of Muster';
    throw new ClientError({ status: 200, code: 'invalid_response', detail, cause });
  }
}

/** A failed task may have been retried since: then its failure is history, and the stream goes on. */
async function isLast(event: TaskEvent, source: EventSource): Promise<boolean> {
  if (event.type === 'task.completed' || event.type === 'task.cancelled') return true;
  return event.type === 'task.failed' && (await patiently(source, () => source.status())) === 'failed';
}

async function patiently<Value>(source: EventSource, work: () => Promise<Value>): Promise<Value> {
  for (let failures = 1; ; failures += 1) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ClientError && error.transient) || failures > MAX_RECONNECTS) throw error;
      await source.wait(Math.min(MAX_PAUSE_MS, backoffMs(failures, Math.random())));
    }
  }
}

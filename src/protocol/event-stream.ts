// Follows a task's server-sent events to its end, over as many connections as that takes: a cut connection is resumed
// after the last event seen. How a connection is opened is the client's business.
import type { z } from 'zod';
import { EVENT_TYPES, isTaskEnded, type TaskStatus } from '../domain/transitions.ts';
import { taskEvent } from './api.ts';
import { ClientError } from './client-error.ts';
import { PAUSE_MS, patiently, readMessages, type Wait } from './sse.ts';

export type TaskEvent = z.infer<typeof taskEvent>;

export interface EventSource {
  /** Opens a stream of the events whose `seq` is greater than `after`. Throws a ClientError. */
  connect(after: number): Promise<Response>;
  /** How the task stands now. Throws a ClientError. */
  status(): Promise<TaskStatus>;
  wait: Wait;
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
    if (seq === before && isTaskEnded(await patiently(source.wait, () => source.status()))) return;
    await source.wait(PAUSE_MS);
    response = await patiently(source.wait, () => source.connect(seq));
  }
}

/** The events of one connection whose `seq` is above `after`; returns when the connection ends, however it does. */
async function* readEvents(response: Response, after: number): AsyncGenerator<TaskEvent, void> {
  let seq = after;
  for await (const message of readMessages(response)) {
    if (!isKnown(message.event)) continue;
    const event = parseEvent(message.data);
    if (event.seq > seq) yield event;
    seq = Math.max(seq, event.seq);
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
  return event.type === 'task.failed' && (await patiently(source.wait, () => source.status())) === 'failed';
}

// A task's events as server-sent events: read from the durable rows, after whatever number the client saw last, until the
// one that ended the task. The bus only says when to look again.
import { AppError } from '../domain/errors.ts';
import type { TaskEvent } from '../domain/event.ts';
import { isTaskEnded, TASK_TRANSITIONS } from '../domain/transitions.ts';
import { listEvents } from '../store/events.ts';
import { linkedAbort } from './linked-abort.ts';
import { listenToTask, type TaskBell } from './notices.ts';
import type { Parts } from './parts.ts';
import { findStatus } from './task-response.ts';

/** The database is read at least this often, since a notice may be lost. */
const LOOK_MS = 5_000;
/** A comment after this much silence keeps proxies from cutting the connection. */
const HEARTBEAT_MS = 15_000;
const PAGE = 500;
/** Event numbers are PostgreSQL integers. */
const SEQ_MAX = 2_147_483_647;

const LAST_TYPES: readonly string[] = [
  TASK_TRANSITIONS.complete.event,
  TASK_TRANSITIONS.fail.event,
  TASK_TRANSITIONS.cancel.event,
];

/** The number after which to begin: the header that a reconnecting client sends, else the parameter, else 0. */
export function readStart(header: string | string[] | undefined, parameter: string | undefined): number {
  const [field, given] = header === undefined ? ['after', parameter] : ['Last-Event-ID', String(header)];
  const start = Number(given ?? 0);
  if (/^\d+$/.test(given ?? '0') && start <= SEQ_MAX) return start;
  const message = `${field} ${JSON.stringify(given)} is no event id: send the id of the last event received, or leave it out`;
  throw new AppError('invalid_request', message, { field });
}

export interface Watch {
  taskId: string;
  after: number;
  /** Aborts when the client goes. */
  gone: AbortSignal;
}

/** The stream's text, or null when the task has ended and nothing follows `after`. Throws not_found. */
export async function watchTask(parts: Parts, watch: Watch): Promise<AsyncGenerator<string> | null> {
  if (isTaskEnded(await findStatus(parts, watch.taskId))) {
    const [next] = await listEvents(parts.db, watch.taskId, { after: watch.after, limit: 1 });
    if (!next) return null;
  }
  return streamEvents(parts, watch);
}

async function* streamEvents(parts: Parts, { taskId, after, gone }: Watch): AsyncGenerator<string> {
  const ending = linkedAbort(parts.stopping, gone);
  // Listening starts before the first read, so that no event falls between the two.
  const bell = await listenToTask(parts, taskId);
  try {
    // Sent at once, so that the client knows it is connected.
    yield 'retry: 1000\n\n';
    yield* follow({ parts, bell, signal: ending.signal }, taskId, after);
  } finally {
    bell.close();
    ending.release();
  }
}

interface Follow {
  parts: Parts;
  bell: TaskBell;
  signal: AbortSignal;
}

async function* follow({ parts, bell, signal }: Follow, taskId: string, after: number): AsyncGenerator<string> {
  let seq = after;
  let last = '';
  let spokenAt = parts.clock.now().getTime();
  while (!signal.aborted) {
    const events = await listEvents(parts.db, taskId, { after: seq, limit: PAGE });
    const now = parts.clock.now().getTime();
    if (events.length > 0) {
      yield events.map(toText).join('');
      seq = events.at(-1)?.seq ?? seq;
      last = events.at(-1)?.type ?? last;
      spokenAt = now;
      continue;
    }
    // Nothing follows: not even a retry of a failed task.
    if (LAST_TYPES.includes(last)) return;
    if (now - spokenAt >= HEARTBEAT_MS) {
      yield ': still here\n\n';
      spokenAt = now;
    }
    await bell.next(LOOK_MS, signal);
  }
}

function toText(event: TaskEvent): string {
  return `id: ${event.seq}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

// Many tasks by few requests: put together up to what one request may hold, sent one request after the other, so that a
// service that is slow slows its callers down. Each task carries a key, so that a request whose answer was lost is repeated
// without doubling anything.

import { BULK_MAX, type BulkResult } from './bulk-api.ts';
import { ClientError } from './client-error.ts';
import type { NewTask } from './new-task.ts';
import { patiently, type Wait } from './sse.ts';

/** What became of one of many tasks. */
export type SubmitOutcome = BulkResult;

/** Bytes of the tasks of one request: far below the limit of a body, which a single task may still reach. */
const BYTES_MAX = 1_000_000;

export interface SubmitCalls {
  /** POST /tasks/bulk; `tasks` are the texts of its JSON objects. */
  bulk: (tasks: readonly string[]) => Promise<SubmitOutcome[]>;
  /** POST /tasks. */
  single: (task: NewTask) => Promise<SubmitOutcome>;
  /** Before a request is repeated. */
  wait: Wait;
}

/**
 * Never rejects because of some of them: what a request could not hand in, even when repeated for about a minute, is refused
 * with its error, and the rest is tried.
 */
export async function submitAll(tasks: readonly NewTask[], calls: SubmitCalls): Promise<SubmitOutcome[]> {
  const outcomes: SubmitOutcome[] = [];
  for (const part of partsOf(tasks)) {
    const send = () => ('alone' in part ? calls.single(part.alone).then((one) => [one]) : calls.bulk(part.together));
    const count = 'alone' in part ? 1 : part.together.length;
    const sent = patiently(calls.wait, send);
    outcomes.push(...(await sent.catch((error) => Array.from({ length: count }, () => refusalOf(error)))));
  }
  return outcomes;
}

type Part = { alone: NewTask } | { together: string[] };

/** In the order of the tasks. One with files needs a request of its own. */
function partsOf(tasks: readonly NewTask[]): Part[] {
  const parts: Part[] = [];
  let room = 0;
  for (const task of tasks.map(withKey)) {
    const text = textOf(task);
    const last = parts.at(-1);
    if (text === null) parts.push({ alone: task });
    else if (last && 'together' in last && last.together.length < BULK_MAX && text.length <= room)
      last.together.push(text);
    else {
      parts.push({ together: [text] });
      room = BYTES_MAX;
    }
    room -= text?.length ?? 0;
  }
  return parts;
}

/** An own key where the caller gave none. */
function withKey(task: NewTask): NewTask {
  return { ...task, idempotencyKey: task.idempotencyKey ?? crypto.randomUUID() };
}

function textOf({ files, idempotencyKey, ...fields }: NewTask): string | null {
  return files && files.length > 0 ? null : JSON.stringify({ ...fields, idempotency_key: idempotencyKey });
}

/** The outcome of a failed request for each of its tasks. */
function refusalOf(error: unknown): SubmitOutcome {
  if (!(error instanceof ClientError)) throw error;
  const { detail, code, field } = error;
  return { status: 'refused', error: { detail, code, ...(field !== undefined && { field }) } };
}

// Log lines as server-sent events, as they are stored: woken by the bus, read from the table by their ids. A line that is
// committed late, behind lines with higher ids, is sent late; it carries no id, so that a client resumes after the highest.
import { lastLogId, readTail, TAIL_PAGE, type TailFilter } from '../store/log-tail.ts';
import type { StoredLog } from '../store/logs.ts';
import { createBell, pause } from './bell.ts';
import { IdGaps } from './id-gaps.ts';
import { linkedAbort } from './linked-abort.ts';
import { listen } from './notices.ts';
import type { Parts } from './parts.ts';

/** Between two reads, so that many small batches are read as one. */
const ROUND_MS = 100;
/** The table is read at least this often, since a notice may be lost. */
const LOOK_MS = 5_000;
/** A comment after this much silence keeps proxies from cutting the connection. */
const HEARTBEAT_MS = 15_000;

type LogParts = Pick<Parts, 'db' | 'bus' | 'clock' | 'logger' | 'stopping'>;

export interface LogWatch {
  filter: TailFilter;
  /** Id of the last line already seen; null: begin with the next one that is stored. */
  after: number | null;
  /** Aborts when the client goes. */
  gone: AbortSignal;
}

export async function* streamLogs(parts: LogParts, { filter, after, gone }: LogWatch): AsyncGenerator<string> {
  const ending = linkedAbort(parts.stopping, gone);
  const bell = createBell(parts.clock);
  const leave = await listen(parts, 'logs', ({ task_ids }) => {
    if (filter.task_id === undefined || task_ids.includes(filter.task_id)) bell.ring();
  });
  try {
    const start = after ?? (await lastLogId(parts.db));
    const gaps = new IdGaps(start);
    // Sent at once, so that the client knows it is connected, and where to resume if it is cut before the first line.
    yield `retry: 1000\nid: ${start}\nevent: start\ndata: {}\n\n`;
    yield* follow(parts, { filter, gaps, signal: ending.signal, next: () => bell.next(LOOK_MS, ending.signal) });
  } finally {
    leave();
    ending.release();
  }
}

interface Follow {
  filter: TailFilter;
  gaps: IdGaps;
  signal: AbortSignal;
  next: () => Promise<void>;
}

async function* follow({ db, clock }: LogParts, { filter, gaps, signal, next }: Follow): AsyncGenerator<string> {
  let spokenAt = clock.now().getTime();
  while (!signal.aborted) {
    const now = clock.now().getTime();
    const { after } = gaps;
    const { ids, lines } = await readTail(db, filter, { after, missing: gaps.missingAt(now) });
    gaps.take(ids, now);
    const text = lines.map((line) => toText(line, after)).join('') || (now - spokenAt >= HEARTBEAT_MS ? STILL : '');
    if (text) {
      yield text;
      spokenAt = now;
    }
    if (ids.length >= TAIL_PAGE) continue;
    await pause(clock, { ms: ROUND_MS, signal });
    await next();
  }
}

const STILL = ': still here\n\n';

function toText(line: StoredLog, after: number): string {
  const id = line.id > after ? `id: ${line.id}\n` : '';
  return `${id}event: log\ndata: ${JSON.stringify(line)}\n\n`;
}

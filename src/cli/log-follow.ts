// Log lines as they come, each once: first the latest that are there, then the stream, then what was stored in the last
// moment before the task ended.
import { setTimeout as delay } from 'node:timers/promises';
import type { AgentLogView, Client } from '../protocol/client.ts';
import type { Context } from './command.ts';
import { byTime } from './log-lines.ts';

/** Agents send their lines in batches of a tenth of a second, and send one that failed again after a second. */
const LAST_LINES_MS = 2_000;
/** Ids that are remembered, so that no line is written twice. */
const REMEMBERED = 10_000;
const PAGE_MAX = 200;

export interface Following {
  filter: Omit<NonNullable<Parameters<Client['logs']>[0]>, 'limit' | 'cursor'>;
  /** Lines that are there already, at most. */
  limit: number;
  /** Id of the last line already seen: the stream goes on from there. */
  after: number | undefined;
  write(line: AgentLogView): void;
}

/** Resolves when the task of the filter has ended, or at Ctrl-C. Throws a ClientError. */
export async function followLogs(context: Context, following: Following): Promise<void> {
  const stop = new AbortController();
  const release = context.io.onInterrupt(() => stop.abort(STOPPED));
  const write = once(following.write);
  try {
    const begun: Begun = { after: following.after };
    const why = await writeUntil(context, { ...following, write, begun }, stop);
    if (why === ENDED) await writeMissed(context.client, { ...following, write, after: begun.after });
    else if (why !== STOPPED) throw why;
  } finally {
    stop.abort(STOPPED);
    release();
  }
}

/** Where the stream began: lines before that were written, or are more than were asked for. */
interface Begun {
  after: number | undefined;
}

/** Resolves to why it stopped. */
async function writeUntil(
  context: Context,
  following: Following & { begun: Begun },
  stop: AbortController,
): Promise<unknown> {
  const { client } = context;
  const { filter, write, begun } = following;
  try {
    // A task that does not exist is said at once.
    if (filter.task_id) await client.getTask(filter.task_id);
    begun.after = await writeLatest(client, following);
    const ended = filter.task_id ? endOf(context, filter.task_id, stop) : undefined;
    ended?.catch((error: unknown) => stop.abort(error));
    for await (const line of client.followLogs(filter, { signal: stop.signal, after: begun.after })) write(line);
  } catch (error) {
    return stop.signal.aborted ? stop.signal.reason : error;
  }
}

const STOPPED = new Error('interrupted');
const ENDED = new Error('the task has ended');

/** Aborts a little after the task's end, when its last lines have been stored. */
async function endOf({ client, io }: Context, taskId: string, stop: AbortController): Promise<void> {
  const { task } = await client.wait(taskId, stop);
  const passedMs = io.now().getTime() - Date.parse(task.finished_at ?? task.updated_at);
  await delay(LAST_LINES_MS - Math.max(0, passedMs), undefined, { signal: stop.signal });
  stop.abort(ENDED);
}

/** Returns the id after which the stream goes on; undefined when there is no line yet. */
async function writeLatest(client: Client, { filter, limit, after, write }: Following) {
  if (after !== undefined) return after;
  // The newest line of all, asked for first: whatever is stored meanwhile is in the stream, too.
  const newest = (await client.logs({ limit: 1 })).logs[0]?.id;
  for (const line of byTime((await client.logs({ ...filter, limit })).logs)) write(line);
  return newest;
}

/** A line that no notice told of, or that was stored while the stream was away. */
async function writeMissed(client: Client, { filter, after = 0, write }: Following): Promise<void> {
  const { logs } = await client.logs({ ...filter, limit: PAGE_MAX });
  for (const line of byTime(logs)) if (line.id > after) write(line);
}

function once(write: Following['write']): Following['write'] {
  const seen = new Set<number>();
  return (line) => {
    if (seen.has(line.id)) return;
    seen.add(line.id);
    for (const oldest of seen) {
      if (seen.size <= REMEMBERED) break;
      seen.delete(oldest);
    }
    write(line);
  };
}

// Log lines that are kept: newest first, each once, at most so many. Lines that come while the reader looks at others wait
// until they are asked for. What does not fit is the oldest.
import type { z } from 'zod';
import type { agentLog } from '../../../src/protocol/api.ts';

export type LogLine = z.infer<typeof agentLog>;

/** Lines kept in all, shown or waiting. */
export const LINES_KEPT = 100_000;

export interface LogBuffer {
  /** Newest first. */
  lines: readonly LogLine[];
  /** Lines that came and are not shown yet, newest first. */
  waiting: readonly LogLine[];
  /** Cursor of older lines; null when there are none, or no room for them. */
  next: string | null;
  /** Whether older lines exist that there is no room for. */
  isFull: boolean;
}

export function emptyBuffer(next: string | null = null): LogBuffer {
  return { lines: [], waiting: [], next, isFull: false };
}

/** A page of lines older than those that are kept. */
export function addOlder(
  buffer: LogBuffer,
  page: { logs: readonly LogLine[]; next_cursor: string | null },
  kept = LINES_KEPT,
): LogBuffer {
  // A cut while the page was on its way left a gap between the kept lines and it.
  if (buffer.isFull) return buffer;
  return bounded({ ...buffer, lines: merge(buffer.lines, page.logs), next: page.next_cursor }, kept);
}

/** Lines that came live. Held: they wait, for lines that move under the eye cannot be read. */
export function addFresh(
  buffer: LogBuffer,
  fresh: readonly LogLine[],
  { held, kept = LINES_KEPT }: { held: boolean; kept?: number },
): LogBuffer {
  if (!held) return bounded(release({ ...buffer, waiting: merge(buffer.waiting, fresh) }), kept);
  const unseen = fresh.filter((line) => !has(buffer.lines, line));
  return bounded({ ...buffer, waiting: merge(buffer.waiting, unseen) }, kept);
}

/** Shows what waited. */
export function release(buffer: LogBuffer): LogBuffer {
  if (buffer.waiting.length === 0) return buffer;
  return { ...buffer, lines: merge(buffer.lines, buffer.waiting), waiting: [] };
}

/** The highest number among them: a stream goes on after it. */
export function newestId({ lines, waiting }: LogBuffer): number | undefined {
  let newest: number | undefined;
  for (const line of [...waiting, ...lines]) if (newest === undefined || line.id > newest) newest = line.id;
  return newest;
}

/** Both in order and each once. Most often one stands wholly before the other, which costs no search. */
function merge(kept: readonly LogLine[], added: readonly LogLine[]): readonly LogLine[] {
  const sorted = inOrder(added);
  const [first, last] = [sorted[0], sorted.at(-1)];
  const [top, bottom] = [kept[0], kept.at(-1)];
  if (!first || !last) return kept;
  if (!top || !bottom) return sorted;
  if (compare(last, top) < 0) return [...sorted, ...kept];
  if (compare(first, bottom) > 0) return [...kept, ...sorted];
  return inOrder([...sorted, ...kept]);
}

function inOrder(lines: readonly LogLine[]): LogLine[] {
  return [...new Map(lines.map((line) => [line.id, line])).values()].sort(compare);
}

/** As GET /logs orders them: by the agents' clocks, then by number. */
function compare(a: LogLine, b: LogLine): number {
  if (a.time === b.time) return b.id - a.id;
  return a.time < b.time ? 1 : -1;
}

function has(lines: readonly LogLine[], wanted: LogLine): boolean {
  let [low, high] = [0, lines.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const line = lines[middle];
    if (line && compare(line, wanted) < 0) low = middle + 1;
    else high = middle;
  }
  return lines[low]?.id === wanted.id;
}

function bounded(buffer: LogBuffer, kept: number): LogBuffer {
  const excess = buffer.lines.length + buffer.waiting.length - kept;
  if (excess < 0 || (excess === 0 && buffer.next === null)) return buffer;
  const lines = buffer.lines.slice(0, Math.max(0, buffer.lines.length - excess));
  const waiting = buffer.waiting.slice(0, kept);
  return { lines, waiting, next: null, isFull: true };
}

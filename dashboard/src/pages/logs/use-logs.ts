// The lines that the filters let through: the newest page, older ones by cursor, and new ones as they are stored.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { listLogsResponse } from '../../../../src/protocol/api.ts';
import { logLineEvent } from '../../../../src/protocol/dashboard-api.ts';
import { apiUrl, request, wordsOf } from '../../data/api.ts';
import { Gathering } from '../../data/gathering.ts';
import {
  addFresh,
  addOlder,
  emptyBuffer,
  type LogBuffer,
  type LogLine,
  newestId,
  release,
} from '../../data/log-buffer.ts';
import { usePageStream } from '../../data/use-live.ts';
import { sayFailed } from '../../design/toasts.tsx';
import { askedOf, isTail, type LogSearch } from './search.ts';

const PAGE_LINES = 200;
const GATHER_MS = 200;
/** Of a flood nobody reads each line: two pictures a second leave the page time for everything else. */
const FLOOD_LINES = 400;
const FLOOD_GATHER_MS = 500;

/** `held` is asked whenever lines come. */
export function useLogs(search: LogSearch, held: () => boolean) {
  const queryClient = useQueryClient();
  const queryKey = ['logs', search];
  const query = useQuery({
    queryKey,
    queryFn: ({ signal }) => readFirst(search, signal),
    // It is many lines, and old ones by the time one comes back.
    gcTime: 0,
    // Comparing 100,000 lines with those before, at each batch, takes all the time there is; ours keep their objects anyway.
    structuralSharing: false,
  });
  const change = (next: (buffer: LogBuffer) => LogBuffer) =>
    void queryClient.setQueryData<LogBuffer>(queryKey, (buffer) => buffer && next(buffer));
  useTail({
    search,
    buffer: query.data,
    onLines: (fresh) => change((buffer) => addFresh(buffer, fresh, { held: held() })),
  });
  const older = useOlder(search, query.data, change);
  return { query, older, release: () => change(release) };
}

export type Logs = ReturnType<typeof useLogs>;

async function readFirst(search: LogSearch, signal: AbortSignal): Promise<LogBuffer> {
  return addOlder(emptyBuffer(), await readPage(search, { signal }));
}

function readPage(search: LogSearch, { cursor, signal }: { cursor?: string; signal?: AbortSignal }) {
  const { filters, before } = askedOf(search, Date.now());
  return request({
    url: apiUrl(['logs'], { ...filters, before, limit: PAGE_LINES, cursor }),
    schema: listLogsResponse,
    ...(signal && { signal }),
  });
}

type Change = (next: (buffer: LogBuffer) => LogBuffer) => void;

function useOlder(search: LogSearch, buffer: LogBuffer | undefined, change: Change) {
  const [isReading, setReading] = useState(false);
  const reading = useRef(false);
  const read = async () => {
    const cursor = buffer?.next;
    if (!cursor || reading.current) return;
    reading.current = true;
    setReading(true);
    try {
      const page = await readPage(search, { cursor });
      change((current) => addOlder(current, page));
    } catch (error) {
      sayFailed(wordsOf(error).title);
    } finally {
      reading.current = false;
      setReading(false);
    }
  };
  return { isReading, read: () => void read() };
}

interface Tail {
  search: LogSearch;
  buffer: LogBuffer | undefined;
  onLines: (lines: readonly LogLine[]) => void;
}

/** The page's stream. It goes on while paused: the reader sees how much waits. */
function useTail({ search, buffer, onLines }: Tail): void {
  const key = JSON.stringify(search);
  const newest = useRef(onLines);
  newest.current = onLines;
  const gathering = useRef<Gathering<LogLine> | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: lines gathered for other filters are none of these.
  useEffect(() => {
    const created = new Gathering<LogLine>(GATHER_MS, (lines) => {
      created.ms = lines.length > FLOOD_LINES ? FLOOD_GATHER_MS : GATHER_MS;
      newest.current(lines);
    });
    gathering.current = created;
    return () => created.stop();
  }, [key]);
  usePageStream({
    key: buffer && isTail(search) ? key : null,
    url: (after) => {
      const { filters } = askedOf(search, Date.now());
      return apiUrl(['logs', 'stream'], { ...filters, after_id: after ?? (buffer && newestId(buffer)) });
    },
    events: ['log'],
    onEvent: ({ data }) => {
      const line = parseLine(data);
      if (line) gathering.current?.add(line);
    },
  });
}

/** A line of another version of Muster is no reason to lose the others. */
function parseLine(data: string): LogLine | null {
  try {
    return logLineEvent.parse(JSON.parse(data));
  } catch {
    return null;
  }
}

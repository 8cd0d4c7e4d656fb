// The log of one subtask: what was said so far, then lines as they come. Lines are known by their number, so that none is
// shown twice whichever way it came.
import { useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { z } from 'zod';
import { type agentLog, listLogsResponse } from '../../../../../src/protocol/api.ts';
import { logLineEvent } from '../../../../../src/protocol/dashboard-api.ts';
import { apiUrl, request } from '../../../data/api.ts';
import type { LiveState } from '../../../data/live-connection.ts';
import { useStream } from '../../../data/use-live.ts';

export type LogLine = z.infer<typeof agentLog>;

const PAGE = 200;

interface Wanted {
  taskId: string;
  subtaskId: string;
  /** Whether more lines may come. */
  isOpen: boolean;
}

export function useLogLines({ taskId, subtaskId, isOpen }: Wanted) {
  const client = useQueryClient();
  const [state, setState] = useState<LiveState>({ kind: 'off' });
  const [fresh, setFresh] = useState<readonly LogLine[]>([]);
  const query = useInfiniteQuery({
    queryKey: ['task', taskId, 'subtask', subtaskId, 'log'],
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) =>
      request({
        url: apiUrl(['logs'], { task_id: taskId, subtask_id: subtaskId, limit: PAGE, cursor: pageParam }),
        schema: listLogsResponse,
        signal,
      }),
    getNextPageParam: (page) => page.next_cursor,
  });
  const newest = query.data?.pages[0]?.logs[0]?.id ?? 0;
  useStream(
    {
      key: isOpen && query.isSuccess ? subtaskId : null,
      url: (after) => apiUrl(['logs', 'stream'], { task_id: taskId, subtask_id: subtaskId, after_id: after ?? newest }),
      events: ['log'],
      onEvent: ({ data }) => {
        const parsed = logLineEvent.safeParse(JSON.parse(data));
        if (parsed.success) setFresh((lines) => [...lines, parsed.data]);
        else void client.invalidateQueries({ queryKey: ['task', taskId, 'subtask', subtaskId, 'log'] });
      },
    },
    setState,
  );
  return { query, state, lines: merge(query.data?.pages.flatMap((page) => page.logs) ?? [], fresh) };
}

/** Oldest first, each once. */
export function merge(stored: readonly LogLine[], fresh: readonly LogLine[]): LogLine[] {
  const byId = new Map([...stored, ...fresh].map((line) => [line.id, line]));
  return [...byId.values()].sort((a, b) => a.id - b.id);
}

// A task as its page shows it: read once, then kept up to date by its events. They are applied in small batches, and the
// graph is read again behind them for what events do not say, at most every few seconds. The stream of a task ends with it;
// of one that failed, the page listens on for a retry that is made elsewhere, in the stream of all tasks.
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { EVENT_TYPES, isTaskEnded, TASK_TRANSITIONS, type TaskStatus } from '../../../src/domain/transitions.ts';
import { taskEvent } from '../../../src/protocol/api.ts';
import { type TaskGraphResponse, taskGraphResponse } from '../../../src/protocol/dashboard-api.ts';
import { apiUrl, request } from './api.ts';
import { Gathering } from './gathering.ts';
import { useLiveFeed } from './live-feed.ts';
import { applyEvents, type SeenEvent } from './task-events.ts';
import { usePageStream } from './use-live.ts';

/** Events that arrive within this time are shown together. */
const BATCH_MS = 80;
/** The graph is read again this long after an event at most, and not more often; a large one more seldom. */
const REREAD_MS = 1_500;
const REREAD_MS_A_NODE = 2;
/** A task that is being planned is read this often. */
const PLANNING_MS = 1_500;
/** Events kept to be applied to an answer that was on its way when they came. */
const KEPT = 5_000;

export function taskGraphKey(taskId: string) {
  return ['task', taskId, 'graph'] as const;
}

export function useTaskGraph(taskId: string) {
  const client = useQueryClient();
  const recent = useRef<SeenEvent[]>([]);
  const query = useQuery({
    queryKey: taskGraphKey(taskId),
    queryFn: async ({ signal }) => {
      const url = apiUrl(['tasks', taskId, 'graph']);
      const graph = await request({ url, schema: taskGraphResponse, signal });
      return applyEvents(graph, recent.current).graph;
    },
    // No event tells how planning goes on.
    refetchInterval: ({ state }) => (state.data?.task.status === 'pending' ? PLANNING_MS : false),
  });
  const rereadMs = Math.max(REREAD_MS, REREAD_MS_A_NODE * (query.data?.nodes.length ?? 0));
  const reread = useGathering<null>(rereadMs, () => void query.refetch({ cancelRefetch: false }));
  const show = useGathering<SeenEvent>(BATCH_MS, (events) => {
    recent.current = [...recent.current, ...events].slice(-KEPT);
    client.setQueryData<TaskGraphResponse>(taskGraphKey(taskId), (graph) => {
      if (!graph) return graph;
      const applied = applyEvents(graph, events);
      if (applied.stale) reread.add(null);
      return applied.graph;
    });
  });
  const graph = query.data;
  usePageStream({
    key: graph && !isTaskEnded(graph.task.status) ? taskId : null,
    url: (after) => apiUrl(['tasks', taskId, 'events'], { after: after ?? graph?.last_event ?? 0 }),
    events: EVENT_TYPES,
    onEvent: ({ data }) => {
      const parsed = taskEvent.safeParse(parseJson(data));
      if (parsed.success) show.add(parsed.data);
      else reread.add(null);
    },
  });
  useLiveFeed({
    on: graph !== undefined && mayGoOn(graph.task.status),
    onTasks: (tasks) => {
      if (tasks.some((task) => task.id === taskId)) void query.refetch();
    },
    onHello: () => void query.refetch(),
  });
  return query;
}

/** Ended, and yet it may be run again. */
function mayGoOn(status: TaskStatus): boolean {
  const from: readonly TaskStatus[] = TASK_TRANSITIONS.retry.from;
  return from.includes(status);
}

function useGathering<Item>(ms: number, work: (items: readonly Item[]) => void): Gathering<Item> {
  const newest = useRef(work);
  newest.current = work;
  const gathering = useRef<Gathering<Item> | null>(null);
  gathering.current ??= new Gathering<Item>(ms, (items) => newest.current(items));
  gathering.current.ms = ms;
  useEffect(() => () => gathering.current?.stop(), []);
  return gathering.current;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

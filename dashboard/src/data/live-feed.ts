// What pages that show many tasks and agents hear of: changes in batches, so that a busy crew costs one render a batch.
import { useEffect, useRef } from 'react';
import type { TaskSummary } from '../../../src/protocol/api.ts';
import { liveEvents } from '../../../src/protocol/dashboard-api.ts';
import { apiUrl } from './api.ts';
import { Gathering } from './gathering.ts';
import { usePageStream } from './use-live.ts';

const GATHER_MS = 200;

export interface LiveFeed {
  /** False: the page listens to something else now. Default true. */
  on?: boolean;
  onTasks?: (tasks: readonly TaskSummary[]) => void;
  onAgents?: () => void;
  /** At each connection: what happened before it was not told, so lists are read again. */
  onHello: () => void;
}

/** The page's stream of GET /events; the newest callbacks are called. */
export function useLiveFeed(feed: LiveFeed): void {
  const newest = useRef(feed);
  newest.current = feed;
  const gathering = useRef<Gathering<TaskSummary> | null>(null);
  useEffect(() => {
    const created = new Gathering<TaskSummary>(GATHER_MS, (tasks) => newest.current.onTasks?.(tasks));
    gathering.current = created;
    return () => created.stop();
  }, []);
  usePageStream({
    key: (feed.on ?? true) ? 'all' : null,
    url: () => apiUrl(['events']),
    events: ['hello', 'task', 'agents'],
    onEvent: ({ name, data }) => {
      if (name === 'hello') return newest.current.onHello();
      if (name === 'agents') return newest.current.onAgents?.();
      const task = parseTask(data);
      if (task) gathering.current?.add(task);
    },
  });
}

/** A row of another version of Muster is no reason to lose the others. */
function parseTask(data: string): TaskSummary | null {
  try {
    return liveEvents.task.parse(JSON.parse(data));
  } catch {
    return null;
  }
}

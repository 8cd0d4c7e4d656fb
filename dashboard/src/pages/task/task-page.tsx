// Task: what is happening, at a glance. The whole page is one answer of the API, kept up to date by one stream of events.
import { getRouteApi } from '@tanstack/react-router';
import { Hourglass } from 'lucide-react';
import type { TaskGraphResponse } from '../../../../src/protocol/dashboard-api.ts';
import { useTaskGraph } from '../../data/task-graph.ts';
import { Empty, Failed, Loading, Skeleton } from '../../design/states.tsx';
import { TASK_LOOKS } from '../../design/status.tsx';
import { plural } from '../../format/amount.ts';
import { useTitle } from '../../shell/page.tsx';
import { useShortcuts } from '../../shell/shortcuts.ts';
import { TaskHeader } from './task-header.tsx';
import { TaskOutcome } from './task-outcome.tsx';
import { TaskWork } from './task-work.tsx';
import { type TaskPlace, useTaskPlace } from './use-task-place.ts';

const route = getRouteApi('/tasks/$taskId');

export function TaskPage() {
  const { taskId } = route.useParams();
  const { data: graph, error, refetch } = useTaskGraph(taskId);
  const place = useTaskPlace(graph);
  useTitle(graph ? `${TASK_LOOKS[graph.task.status].word}: ${graph.task.description.slice(0, 60)}` : 'Task');
  useTaskShortcuts(place, graph);
  if (graph) return <Content graph={graph} place={place} />;
  if (error) return <Failed error={error} onRetry={() => void refetch()} />;
  return <Waiting />;
}

function Content({ graph, place }: { graph: TaskGraphResponse; place: TaskPlace }) {
  return (
    <div className="mx-auto flex w-full max-w-[1800px] grow flex-col gap-4 px-4 pt-3 pb-4 sm:px-6">
      <TaskHeader graph={graph} />
      <TaskOutcome graph={graph} onSelect={place.selection.select} />
      {graph.nodes.length > 0 ? <TaskWork graph={graph} place={place} /> : <Unplanned graph={graph} />}
    </div>
  );
}

function Unplanned({ graph: { task } }: { graph: TaskGraphResponse }) {
  if (task.status !== 'pending') return null;
  const waits = task.waiting?.reason === 'planning_slot';
  const steps = task.waiting?.steps ?? 0;
  const written = steps > 0 ? ` (${plural(steps, 'step')} so far)` : '';
  return (
    <div className="rounded-lg border bg-surface">
      <Empty icon={Hourglass} title={waits ? 'The task waits to be planned' : 'The task is being planned'}>
        {waits
          ? `It ${task.waiting?.message}.`
          : `The model splits it into subtasks${written}. They appear here as soon as the plan stands.`}
      </Empty>
    </div>
  );
}

function Waiting() {
  return (
    <Loading what="the task">
      <div className="mx-auto grid w-full max-w-[1800px] gap-4 px-4 py-4 sm:px-6">
        <Skeleton className="h-4 w-48" />
        <Skeleton className="h-6 w-2/3" />
        <Skeleton className="h-2 w-full" />
        <Skeleton className="h-96 w-full" />
      </div>
    </Loading>
  );
}

function useTaskShortcuts({ selection, change }: TaskPlace, graph: TaskGraphResponse | undefined): void {
  const go = (by: number) => {
    const next = graph?.nodes[(selection.position ?? (by > 0 ? -1 : 0)) + by];
    if (next) selection.select(next.id);
  };
  useShortcuts('Task', [
    { keys: '1', words: 'Graph', run: () => change({ view: 'graph' }) },
    { keys: '2', words: 'Timeline', run: () => change({ view: 'timeline' }) },
    { keys: '3', words: 'Table', run: () => change({ view: 'table' }) },
    { keys: '4', words: 'Files', run: () => change({ view: 'files' }) },
    { keys: 'j', words: 'Next subtask', run: () => go(1) },
    { keys: 'k', words: 'Previous subtask', run: () => go(-1) },
    { keys: 'o', words: 'Overview of the subtask', run: () => change({ show: 'overview' }) },
    { keys: 'p', words: 'Output of the subtask', run: () => change({ show: 'output' }) },
    { keys: 'l', words: 'Log of the subtask', run: () => change({ show: 'log' }) },
    { keys: 'Escape', words: 'Close the subtask', run: selection.clear },
  ]);
}

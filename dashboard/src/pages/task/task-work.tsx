// The three views of one task and its files, with the side panel of what is selected.
import { ChartNoAxesGantt, FolderOpen, Table2, Waypoints } from 'lucide-react';
import { lazy, Suspense } from 'react';
import type { TaskGraphResponse } from '../../../../src/protocol/dashboard-api.ts';
import { Loading, Skeleton } from '../../design/states.tsx';
import { Tabs } from '../../design/tabs.tsx';
import { Filters } from './filters.tsx';
import { SubtaskPanel } from './panel/subtask-panel.tsx';
import type { TaskView } from './search.ts';
import { matcherOf } from './subtask-order.ts';
import { SubtaskTable } from './subtask-table.tsx';
import { TaskFiles } from './task-files.tsx';
import { TimelineView } from './timeline/timeline-view.tsx';
import type { TaskPlace } from './use-task-place.ts';

const GraphView = lazy(() => import('./graph/graph-view.tsx').then((module) => ({ default: module.GraphView })));

const TABS = [
  { value: 'graph', words: 'Graph', icon: Waypoints, shortcut: '1' },
  { value: 'timeline', words: 'Timeline', icon: ChartNoAxesGantt, shortcut: '2' },
  { value: 'table', words: 'Table', icon: Table2, shortcut: '3' },
  { value: 'files', words: 'Files', icon: FolderOpen, shortcut: '4' },
] as const;

interface WorkProps {
  graph: TaskGraphResponse;
  place: TaskPlace;
}

export function TaskWork({ graph, place }: WorkProps) {
  const { search, view, selection } = place;
  return (
    <section aria-label="Subtasks" className="relative min-h-[32rem] grow overflow-hidden rounded-lg border bg-surface">
      <div className="absolute inset-0 flex flex-col">
        <Tabs
          label="View"
          tabs={TABS}
          value={view}
          onChange={(next) => place.change({ view: next })}
          aside={view !== 'files' && <Filters nodes={graph.nodes} search={search} onChange={place.change} />}
        />
        <div className="flex min-h-0 grow">
          <div className="min-w-0 grow">
            <View graph={graph} place={place} view={view} />
          </div>
          {selection.node && view !== 'files' && (
            <SubtaskPanel
              taskId={graph.task.id}
              node={selection.node}
              tab={search.show ?? 'overview'}
              onTab={(show) => place.change({ show })}
              onSelect={selection.select}
              onClose={selection.clear}
            />
          )}
        </div>
      </div>
    </section>
  );
}

function View({ graph, place, view }: WorkProps & { view: TaskView }) {
  const { search, selection, change } = place;
  const matches = matcherOf(graph.nodes, search);
  if (view === 'timeline') return <TimelineView graph={graph} selection={selection} matches={matches} />;
  if (view === 'table') {
    const nodes = graph.nodes.filter((node) => matches(node.position));
    return <SubtaskTable nodes={nodes} selection={selection} search={search} onSort={place.sortBy} />;
  }
  if (view === 'files') {
    const version = graph.nodes.filter((node) => node.finished_at).length;
    return (
      <TaskFiles taskId={graph.task.id} version={version} shown={search.file} onShow={(file) => change({ file })} />
    );
  }
  return (
    <Suspense fallback={<Waiting />}>
      <GraphView graph={graph} selection={selection} matches={matches} />
    </Suspense>
  );
}

function Waiting() {
  return (
    <Loading what="the graph">
      <Skeleton className="m-4 h-16 w-56" />
    </Loading>
  );
}

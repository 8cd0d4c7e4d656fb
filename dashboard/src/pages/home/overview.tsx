// The overview: how is the system doing? What is open now, and what came of the last hour, day or week.
import { Link } from '@tanstack/react-router';
import { lazy, Suspense, useMemo } from 'react';
import { TASK_STATUSES } from '../../../../src/domain/transitions.ts';
import type { StatsResponse } from '../../../../src/protocol/dashboard-api.ts';
import type { StatsWindow } from '../../data/use-stats.ts';
import { ChoiceMenu } from '../../design/menu.tsx';
import { Panel } from '../../design/panel.tsx';
import { Failed, Loading, Skeleton } from '../../design/states.tsx';
import { LookIcon, TASK_LOOKS } from '../../design/status.tsx';
import { formatCount } from '../../format/amount.ts';
import { type Figure, figuresOf, instantsOf } from './series.ts';

const Chart = lazy(async () => ({ default: (await import('./chart.tsx')).Chart }));

const WINDOWS: { value: StatsWindow; words: string }[] = [
  { value: '1h', words: 'Last hour' },
  { value: '24h', words: 'Last 24 hours' },
  { value: '7d', words: 'Last 7 days' },
];

interface OverviewProps {
  stats: StatsResponse | undefined;
  error: unknown;
  onRetry: () => void;
  window: StatsWindow;
  onWindow: (window: StatsWindow) => void;
}

export function Overview({ stats, error, onRetry, window, onWindow }: OverviewProps) {
  return (
    <Panel
      title="Overview"
      flush
      aside={<ChoiceMenu<StatsWindow> label="Window" choices={WINDOWS} value={window} onChange={onWindow} />}
    >
      {stats && <Figures stats={stats} />}
      {!stats && (error ? <Failed error={error} onRetry={onRetry} /> : <Waiting />)}
    </Panel>
  );
}

function Figures({ stats }: { stats: StatsResponse }) {
  const figures = useMemo(() => figuresOf(stats), [stats]);
  const instants = useMemo(() => instantsOf(stats), [stats]);
  return (
    <>
      <Now stats={stats} />
      <div className="grid gap-px bg-line sm:grid-cols-2 xl:grid-cols-4">
        {figures.map((figure) => (
          <FigureCard key={figure.title} figure={figure} instants={instants} />
        ))}
      </div>
    </>
  );
}

/** What stands now; statuses lead to their tasks. */
function Now({ stats: { tasks, subtasks, agents } }: { stats: StatsResponse }) {
  return (
    <ul aria-label="Now" className="flex flex-wrap gap-x-5 gap-y-1.5 border-b px-4 py-2.5 text-sm">
      {TASK_STATUSES.map((status) => (
        <li key={status}>
          <Link to="/tasks" search={{ status }} className="flex items-center gap-1.5 text-ink-2 hover:text-ink">
            <LookIcon look={TASK_LOOKS[status]} />
            <span className="nums font-medium text-ink">{formatCount(tasks[status])}</span>
            {TASK_LOOKS[status].word.toLowerCase()}
          </Link>
        </li>
      ))}
      <Count words="subtasks queued" value={formatCount(subtasks.ready)} />
      <Count words="running" value={formatCount(subtasks.running)} />
      <Count words="slots busy" value={`${agents.busy} of ${agents.slots}`} />
    </ul>
  );
}

function Count({ words, value }: { words: string; value: string }) {
  return (
    <li className="flex items-center gap-1.5 text-ink-2">
      <span className="nums font-medium text-ink">{value}</span>
      {words}
    </li>
  );
}

function FigureCard({ figure, instants }: { figure: Figure; instants: readonly number[] }) {
  return (
    <div className="min-w-0 bg-surface px-4 pt-3 pb-2">
      <h3 className="text-xs text-ink-3">{figure.title}</h3>
      <p className="nums text-lg font-semibold tracking-tight">{figure.value}</p>
      <p className="nums truncate text-xs text-ink-3">{figure.more}</p>
      <Suspense fallback={<div className="h-18" />}>
        <Chart figure={figure} instants={instants} />
      </Suspense>
    </div>
  );
}

function Waiting() {
  return (
    <Loading what="the overview">
      <div className="grid gap-px bg-line sm:grid-cols-2 xl:grid-cols-4">
        {['throughput', 'waiting', 'running', 'spend'].map((name) => (
          <div key={name} className="grid gap-2 bg-surface p-4">
            <Skeleton className="h-3 w-20" />
            <Skeleton className="h-6 w-28" />
            <Skeleton className="h-16 w-full" />
          </div>
        ))}
      </div>
    </Loading>
  );
}

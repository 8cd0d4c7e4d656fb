// Home: what should be done next, how is the system doing, and what was asked of it last.
import { getRouteApi, Link } from '@tanstack/react-router';
import { useLiveFeed } from '../../data/live-feed.ts';
import { useStats } from '../../data/use-stats.ts';
import { useTaskList } from '../../data/use-task-list.ts';
import { Panel } from '../../design/panel.tsx';
import { Page } from '../../shell/page.tsx';
import { TaskForm } from '../../task-form/task-form.tsx';
import { LatestTasks } from './latest-tasks.tsx';
import { Overview } from './overview.tsx';

const RECENT = 8;

const route = getRouteApi('/');

export function HomePage() {
  const { window = '1h' } = route.useSearch();
  const navigate = route.useNavigate();
  const stats = useStats(window);
  const recent = useTaskList({ limit: RECENT });
  useLiveFeed({
    onTasks: (tasks) => {
      recent.apply(tasks, false);
      stats.somethingHappened();
    },
    onAgents: stats.somethingHappened,
    onHello: () => {
      void recent.query.refetch();
      void stats.query.refetch();
    },
  });
  return (
    <Page title="What should be done?">
      <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
        <TaskForm />
        <Overview
          stats={stats.query.data}
          error={stats.query.error}
          onRetry={() => void stats.query.refetch()}
          window={window}
          onWindow={(chosen) => void navigate({ search: { window: chosen }, replace: true, resetScroll: false })}
        />
        <Panel
          title="Latest tasks"
          flush
          aside={
            <Link to="/tasks" className="text-accent-ink hover:underline">
              All tasks
            </Link>
          }
        >
          <LatestTasks
            tasks={recent.query.data?.rows.slice(0, RECENT)}
            error={recent.query.error}
            onRetry={() => void recent.query.refetch()}
          />
        </Panel>
      </div>
    </Page>
  );
}

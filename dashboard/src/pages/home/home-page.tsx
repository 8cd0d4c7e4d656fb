// Home: what should be done next, how is the system doing, and what was asked of it last.
import { getRouteApi, Link } from '@tanstack/react-router';
import { ListTodo } from 'lucide-react';
import { useLiveFeed } from '../../data/live-feed.ts';
import { useStats } from '../../data/use-stats.ts';
import { useTaskList } from '../../data/use-task-list.ts';
import { Panel } from '../../design/panel.tsx';
import { Empty, Failed, Loading, Skeleton } from '../../design/states.tsx';
import { StackedTask } from '../../design/task-facts.tsx';
import { Page } from '../../shell/page.tsx';
import { TaskForm } from '../../task-form/task-form.tsx';
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
          <Recent tasks={recent} />
        </Panel>
      </div>
    </Page>
  );
}

function Recent({ tasks: { query } }: { tasks: ReturnType<typeof useTaskList> }) {
  if (query.error && !query.data) return <Failed error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data)
    return (
      <Loading what="the latest tasks">
        <div className="grid gap-3 p-4">
          <Skeleton />
          <Skeleton />
          <Skeleton />
        </div>
      </Loading>
    );
  if (query.data.rows.length === 0) return <Empty icon={ListTodo} title="No task yet: hand over the first one above" />;
  return (
    <ul className="divide-y">
      {query.data.rows.slice(0, RECENT).map((task) => (
        <li key={task.id}>
          <StackedTask task={task} />
        </li>
      ))}
    </ul>
  );
}

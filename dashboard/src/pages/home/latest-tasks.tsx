// The latest tasks: columns where there is room, stacked on a phone.
import { ListTodo } from 'lucide-react';
import type { TaskSummary } from '../../../../src/protocol/api.ts';
import { useNarrow } from '../../design/media.ts';
import { Empty, Failed, Loading, Skeleton } from '../../design/states.tsx';
import { HeadCell, Table } from '../../design/table.tsx';
import { TASK_COLUMNS, TaskCells } from '../../design/task-columns.tsx';
import { StackedTask } from '../../design/task-facts.tsx';

interface LatestTasksProps {
  /** Undefined: on their way, or not to be had. */
  tasks: readonly TaskSummary[] | undefined;
  error: unknown;
  onRetry: () => void;
}

export function LatestTasks({ tasks, error, onRetry }: LatestTasksProps) {
  const isNarrow = useNarrow();
  if (!tasks) return error ? <Failed error={error} onRetry={onRetry} /> : <Waiting />;
  if (tasks.length === 0) return <Empty icon={ListTodo} title="No task yet: hand over the first one above" />;
  return isNarrow ? <Stacked tasks={tasks} /> : <Columns tasks={tasks} />;
}

function Columns({ tasks }: { tasks: readonly TaskSummary[] }) {
  return (
    <Table className="table-fixed">
      <caption className="sr-only">Latest tasks</caption>
      <thead>
        <tr>
          <HeadCell className={`${TASK_COLUMNS.status} pl-4`}>Status</HeadCell>
          <HeadCell className={TASK_COLUMNS.task}>Task</HeadCell>
          <HeadCell className={TASK_COLUMNS.user}>User</HeadCell>
          <HeadCell className={TASK_COLUMNS.progress}>Progress</HeadCell>
          <HeadCell className={TASK_COLUMNS.duration}>Duration</HeadCell>
          <HeadCell className={TASK_COLUMNS.cost}>Cost</HeadCell>
          <HeadCell className={TASK_COLUMNS.age}>Age</HeadCell>
        </tr>
      </thead>
      <tbody>
        {tasks.map((task) => (
          <tr
            key={task.id}
            className="relative transition-colors hover:bg-hover [&>td:first-child]:pl-4 last:[&>td]:border-b-0"
          >
            <TaskCells task={task} user={<span className="block truncate text-ink-2">{task.user_id}</span>} />
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

function Stacked({ tasks }: { tasks: readonly TaskSummary[] }) {
  return (
    <ul className="divide-y">
      {tasks.map((task) => (
        <li key={task.id}>
          <StackedTask task={task} />
        </li>
      ))}
    </ul>
  );
}

function Waiting() {
  return (
    <Loading what="the latest tasks">
      <div className="grid gap-3 p-4">
        <Skeleton />
        <Skeleton />
        <Skeleton />
      </div>
    </Loading>
  );
}

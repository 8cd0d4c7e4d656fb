// What every list of tasks says of a task: how far it is, how long it takes, and the stacked row that holds all of it.
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { isTaskEnded } from '../../../src/domain/transitions.ts';
import type { TaskSummary } from '../../../src/protocol/api.ts';
import { formatCost } from '../format/amount.ts';
import { ProgressBar } from './progress-bar.tsx';
import { TaskStatusBadge } from './status.tsx';
import { Ago, Elapsed } from './time.tsx';

export function TaskProgress({ task }: { task: TaskSummary }) {
  const { subtasks_total: total, subtasks_completed: completed, subtasks_running: running } = task;
  if (total === 0) return <span className="text-ink-3">{isTaskEnded(task.status) ? 'No plan' : 'No plan yet'}</span>;
  return (
    <div className="flex min-w-0 items-center gap-2.5">
      <div className="w-16 shrink-0">
        <ProgressBar
          label="Subtasks completed"
          done={completed}
          total={total}
          parts={[
            { tone: 'green', amount: completed },
            { tone: 'red', amount: task.subtasks_failed },
            { tone: 'blue', amount: running },
          ]}
        />
      </div>
      <span className="nums text-xs whitespace-nowrap text-ink-2">
        {completed}/{total}
        {running > 0 && <span className="tone-blue text-tone"> · {running} running</span>}
      </span>
    </div>
  );
}

export function TaskDuration({ task }: { task: TaskSummary }) {
  const ended = isTaskEnded(task.status);
  return <Elapsed from={task.started_at} to={task.finished_at ?? (ended ? task.updated_at : null)} />;
}

export function TaskCost({ task }: { task: TaskSummary }) {
  return <span className="nums">{task.cost_usd === 0 ? '–' : formatCost(task.cost_usd)}</span>;
}

/** The description, as the way to the task; the link covers the nearest positioned ancestor. */
export function TaskLink({ task, lines = 1 }: { task: TaskSummary; lines?: 1 | 2 }) {
  return (
    <Link
      to="/tasks/$taskId"
      params={{ taskId: task.id }}
      preload={false}
      data-task={task.id}
      title={task.description}
      className={`${lines === 1 ? 'line-clamp-1 break-all' : 'line-clamp-2 wrap-anywhere'} text-ink after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:rounded-md focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent`}
    >
      {task.description}
    </Link>
  );
}

/** For narrow places; `aside` stands in the corner. */
export function StackedTask({ task, aside }: { task: TaskSummary; aside?: ReactNode }) {
  return (
    <div className="relative grid gap-2 px-4 py-3 hover:bg-hover">
      <div className="flex items-center justify-between gap-2">
        <TaskStatusBadge status={task.status} />
        <span className="flex items-center gap-3 text-xs text-ink-3">
          <Ago at={task.created_at} />
          {aside && <span className="relative z-1 flex">{aside}</span>}
        </span>
      </div>
      <TaskLink task={task} lines={2} />
      {task.error && <p className="line-clamp-1 text-xs text-danger">{task.error}</p>}
      <div className="flex items-center justify-between gap-3 text-xs text-ink-3">
        <TaskProgress task={task} />
        <span className="flex min-w-0 gap-2.5">
          <TaskDuration task={task} />
          {task.cost_usd > 0 && <TaskCost task={task} />}
          <span className="max-w-28 truncate">{task.user_id}</span>
        </span>
      </div>
    </div>
  );
}

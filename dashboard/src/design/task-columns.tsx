// The columns of a table of tasks, the same wherever there is room for one: their widths, and what a row says in them.
import type { ReactNode } from 'react';
import type { TaskSummary } from '../../../src/protocol/api.ts';
import { TaskStatusBadge } from './status.tsx';
import { Cell } from './table.tsx';
import { TaskCost, TaskDuration, TaskLink, TaskProgress } from './task-facts.tsx';
import { Ago } from './time.tsx';

/** Classes of the head cells: narrower windows leave some out. */
export const TASK_COLUMNS = {
  status: 'w-30',
  task: '',
  user: 'hidden w-38 lg:table-cell',
  progress: 'w-48',
  duration: 'hidden w-28 text-right md:table-cell',
  cost: 'hidden w-24 text-right lg:table-cell',
  age: 'w-28 pr-4 text-right',
} as const;

/** A row of these is positioned: the link to the task covers it. */
export function TaskCells({ task, user }: { task: TaskSummary; user: ReactNode }) {
  return (
    <>
      <Cell>
        <div className="flex">
          <TaskStatusBadge status={task.status} />
        </div>
      </Cell>
      <Cell>
        <TaskLink task={task} />
        {task.error && <p className="line-clamp-1 text-xs text-danger">{task.error}</p>}
      </Cell>
      <Cell className="hidden lg:table-cell">{user}</Cell>
      <Cell>
        <TaskProgress task={task} />
      </Cell>
      <Cell className="hidden text-right text-ink-2 md:table-cell">
        <TaskDuration task={task} />
      </Cell>
      <Cell className="hidden text-right text-ink-2 lg:table-cell">
        <TaskCost task={task} />
      </Cell>
      <Cell className="pr-4 text-right text-ink-3">
        <Ago at={task.created_at} />
      </Cell>
    </>
  );
}

// The task list where there is room for columns. A row is opened by its description, selected by its box.
import { ArrowDown, ArrowUp } from 'lucide-react';
import type { TaskSummary } from '../../../../src/protocol/api.ts';
import { CheckBox } from '../../design/check-box.tsx';
import { classes } from '../../design/classes.ts';
import { TaskStatusBadge } from '../../design/status.tsx';
import { Cell, HeadCell, Table } from '../../design/table.tsx';
import { TaskCost, TaskDuration, TaskLink, TaskProgress } from '../../design/task-facts.tsx';
import { Ago } from '../../design/time.tsx';
import type { SortColumn, TaskListSearch } from './search.ts';
import type { Selection } from './selection.ts';

export interface TaskTableProps {
  tasks: readonly TaskSummary[];
  selection: Selection;
  search: TaskListSearch;
  onSort: (column: SortColumn) => void;
  onUser: (user: string) => void;
}

export function TaskTable({ tasks, selection, search, onSort, onUser }: TaskTableProps) {
  const sortable = (column: SortColumn) => ({ column, search, onSort });
  return (
    <Table className="table-fixed">
      <caption className="sr-only">Tasks</caption>
      <thead>
        <tr>
          <HeadCell className="w-10 pl-4">
            <CheckBox
              label="Select all tasks of this page"
              checked={selection.all}
              partly={selection.ids.size > 0}
              onChange={selection.toggleAll}
            />
          </HeadCell>
          <HeadCell className="w-30">Status</HeadCell>
          <HeadCell>Task</HeadCell>
          <HeadCell className="hidden w-38 lg:table-cell">User</HeadCell>
          <SortHead {...sortable('progress')} words="Progress" className="w-48" />
          <SortHead {...sortable('duration')} words="Duration" className="hidden w-28 md:table-cell" right />
          <SortHead {...sortable('cost')} words="Cost" className="hidden w-24 lg:table-cell" right />
          <SortHead {...sortable('age')} words="Age" className="w-28 pr-4" right />
        </tr>
      </thead>
      <tbody>
        {tasks.map((task) => (
          <Row key={task.id} task={task} selection={selection} onUser={onUser} />
        ))}
      </tbody>
    </Table>
  );
}

interface SortHeadProps {
  column: SortColumn;
  words: string;
  search: TaskListSearch;
  onSort: (column: SortColumn) => void;
  className: string;
  right?: boolean;
}

function SortHead({ column, words, search, onSort, className, right = false }: SortHeadProps) {
  const sorted = search.sort === column;
  const Arrow = search.rising ? ArrowUp : ArrowDown;
  const order = search.rising ? 'ascending' : 'descending';
  return (
    <HeadCell className={classes(className, right && 'text-right')} aria-sort={sorted ? order : 'none'}>
      <button
        type="button"
        onClick={() => onSort(column)}
        title="Sorts within this page"
        className={classes('inline-flex items-center gap-1 rounded-sm hover:text-ink', sorted && 'text-ink')}
      >
        {words}
        {sorted && <Arrow aria-hidden size={12} />}
      </button>
    </HeadCell>
  );
}

interface RowProps {
  task: TaskSummary;
  selection: Selection;
  onUser: (user: string) => void;
}

function Row({ task, selection, onUser }: RowProps) {
  const selected = selection.ids.has(task.id);
  return (
    <tr
      data-row
      className={classes(
        'group relative transition-colors last:[&>td]:border-b-0 hover:bg-hover',
        selected && 'tone-accent tinted',
      )}
    >
      <Cell className="relative z-1 pl-4">
        <CheckBox
          label={`Select ${task.description.slice(0, 80)}`}
          checked={selected}
          onChange={() => selection.toggle(task.id)}
        />
      </Cell>
      <Cell>
        <div className="flex">
          <TaskStatusBadge status={task.status} />
        </div>
      </Cell>
      <Cell>
        <TaskLink task={task} />
        {task.error && <p className="line-clamp-1 text-xs text-danger">{task.error}</p>}
      </Cell>
      <Cell className="hidden lg:table-cell">
        <button
          type="button"
          title={`Only tasks of ${task.user_id}`}
          onClick={() => onUser(task.user_id)}
          className="relative z-1 block max-w-full truncate rounded-sm text-ink-2 hover:text-accent-ink hover:underline"
        >
          {task.user_id}
        </button>
      </Cell>
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
    </tr>
  );
}

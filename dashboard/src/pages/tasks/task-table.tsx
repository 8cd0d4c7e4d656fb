// The task list where there is room for columns. A row is opened by its description, selected by its box.
import { ArrowDown, ArrowUp } from 'lucide-react';
import type { TaskSummary } from '../../../../src/protocol/api.ts';
import { CheckBox } from '../../design/check-box.tsx';
import { classes } from '../../design/classes.ts';
import { Cell, HeadCell, Table } from '../../design/table.tsx';
import { TASK_COLUMNS, TaskCells } from '../../design/task-columns.tsx';
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
          <HeadCell className={TASK_COLUMNS.status}>Status</HeadCell>
          <HeadCell className={TASK_COLUMNS.task}>Task</HeadCell>
          <HeadCell className={TASK_COLUMNS.user}>User</HeadCell>
          <SortHead {...sortable('progress')} words="Progress" />
          <SortHead {...sortable('duration')} words="Duration" />
          <SortHead {...sortable('cost')} words="Cost" />
          <SortHead {...sortable('age')} words="Age" />
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
}

function SortHead({ column, words, search, onSort }: SortHeadProps) {
  const sorted = search.sort === column;
  const Arrow = search.rising ? ArrowUp : ArrowDown;
  const order = search.rising ? 'ascending' : 'descending';
  return (
    <HeadCell className={TASK_COLUMNS[column]} aria-sort={sorted ? order : 'none'}>
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
      <TaskCells
        task={task}
        user={
          <button
            type="button"
            title={`Only tasks of ${task.user_id}`}
            onClick={() => onUser(task.user_id)}
            className="relative z-1 block max-w-full truncate rounded-sm text-ink-2 hover:text-accent-ink hover:underline"
          >
            {task.user_id}
          </button>
        }
      />
    </tr>
  );
}

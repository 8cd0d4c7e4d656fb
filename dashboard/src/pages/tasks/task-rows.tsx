// The rows of the list: columns where there is room, stacked on a phone.
import { CheckBox } from '../../design/check-box.tsx';
import { useNarrow } from '../../design/media.ts';
import { StackedTask } from '../../design/task-facts.tsx';
import { TaskTable, type TaskTableProps } from './task-table.tsx';

export function TaskRows(props: TaskTableProps) {
  return useNarrow() ? <StackedRows {...props} /> : <TaskTable {...props} />;
}

function StackedRows({ tasks, selection }: TaskTableProps) {
  return (
    <ul aria-label="Tasks">
      {tasks.map((task) => (
        <li
          key={task.id}
          data-row
          className={`border-b last:border-b-0 ${selection.ids.has(task.id) ? 'tone-accent tinted' : ''}`}
        >
          <StackedTask
            task={task}
            aside={
              <CheckBox
                label={`Select ${task.description.slice(0, 80)}`}
                checked={selection.ids.has(task.id)}
                onChange={() => selection.toggle(task.id)}
              />
            }
          />
        </li>
      ))}
    </ul>
  );
}

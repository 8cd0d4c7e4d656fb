// `muster tasks`: the task list with its filters.
import { type Command, Option } from 'commander';
import { task } from '../../protocol/api.ts';
import type { TaskSummary } from '../../protocol/client.ts';
import { type Connect, type Context, jsonOption, limitOption } from '../command.ts';
import { widthOf, writeJson, writeLines } from '../io.ts';
import { type Column, table } from '../table.ts';
import { paint } from '../task-view.ts';
import { localTime } from '../text.ts';

interface TasksOptions {
  status?: TaskSummary['status'];
  user?: string;
  text?: string;
  limit: number;
  json: boolean;
}

export function addTasks(program: Command, connect: Connect): void {
  program
    .command('tasks')
    .description('list tasks, newest first')
    .addOption(new Option('--status <status>', 'only these').choices(task.shape.status.options))
    .option('--user <id>', 'only those of this user')
    .option('--text <words>', 'only those whose description contains these words')
    .addOption(limitOption())
    .addOption(jsonOption())
    .action((options: TasksOptions) => listTasks(connect(), options));
}

async function listTasks({ client, io }: Context, options: TasksOptions): Promise<void> {
  const { status, user, text, limit } = options;
  const answer = await client.listTasks({ status, user_id: user, text, limit });
  if (options.json) return writeJson(io.stdout, answer);
  if (answer.tasks.length === 0) return writeLines(io.stdout, ['no tasks']);
  const columns: Column<TaskSummary>[] = [
    { title: 'TASK', text: (row) => row.id },
    { title: 'STATUS', text: (row) => row.status, paint: (cell, row) => paint(io.colors, row.status)(cell) },
    { title: 'DONE', text: (row) => `${row.subtasks_completed}/${row.subtasks_total}`, align: 'right' },
    { title: 'CREATED', text: (row) => localTime(row.created_at) },
    { title: 'USER', text: (row) => row.user_id, shrink: true },
    { title: 'DESCRIPTION', text: (row) => row.description, shrink: true },
  ];
  const lines = table(columns, answer.tasks, { width: widthOf(io.stdout), heading: io.colors.dim });
  writeLines(
    io.stdout,
    answer.next_cursor ? [...lines, io.colors.dim('there are more: raise --limit or filter')] : lines,
  );
}

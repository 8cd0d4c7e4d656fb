// `muster show`: everything about one task.
import type { Command } from 'commander';
import { type Connect, type Context, jsonOption } from '../command.ts';
import { writeJson, writeLines } from '../io.ts';
import { layoutOf } from '../screen.ts';
import { reportLines } from '../task-report.ts';

export function addShow(program: Command, connect: Connect): void {
  program
    .command('show')
    .description('show a task: its subtasks, why they wait, what they produced, the summary')
    .argument('<task>', 'its id')
    .addOption(jsonOption())
    .action((id: string, options: { json: boolean }) => showTask(connect(), id, options));
}

async function showTask({ client, io }: Context, id: string, options: { json: boolean }): Promise<void> {
  const answer = await client.getTask(id);
  if (options.json) writeJson(io.stdout, answer);
  else writeLines(io.stdout, reportLines(answer, layoutOf(io)));
}

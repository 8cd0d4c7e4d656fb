// `muster cancel`: stops a task and the work on it.
import type { Command } from 'commander';
import { type Connect, type Context, jsonOption } from '../command.ts';
import { writeJson, writeLines } from '../io.ts';

export function addCancel(program: Command, connect: Connect): void {
  program
    .command('cancel')
    .description('cancel a task; running attempts are stopped')
    .argument('<task>', 'its id')
    .addOption(jsonOption())
    .action((id: string, options: { json: boolean }) => cancelTask(connect(), id, options));
}

async function cancelTask({ client, io }: Context, id: string, options: { json: boolean }): Promise<void> {
  const answer = await client.cancel(id);
  if (options.json) writeJson(io.stdout, answer);
  else writeLines(io.stdout, [`${answer.task_id} is ${answer.status}`]);
}

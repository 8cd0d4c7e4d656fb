// `muster retry`: runs the failed part of a task again.
import type { Command } from 'commander';
import { type Connect, type Context, jsonOption } from '../command.ts';
import { writeJson, writeLines } from '../io.ts';
import { watchTask } from '../watch-task.ts';

interface RetryOptions {
  watch: boolean;
  json: boolean;
}

export function addRetry(program: Command, connect: Connect): void {
  program
    .command('retry')
    .description('run a failed task again, keeping what completed')
    .argument('<id>', 'the task')
    .option('--watch', 'show the work until it ends; exit 0 only when it completed', false)
    .addOption(jsonOption())
    .action((id: string, options: RetryOptions) => retryTask(connect(), id, options));
}

async function retryTask(context: Context, id: string, options: RetryOptions): Promise<void> {
  const answer = await context.client.retry(id);
  if (options.watch) return watchTask(context, answer.task_id, options);
  if (options.json) return writeJson(context.io.stdout, answer);
  writeLines(context.io.stdout, [
    `${answer.task_id} is ${answer.status.replace('_', ' ')} again`,
    `watch it with: muster watch ${answer.task_id}`,
  ]);
}

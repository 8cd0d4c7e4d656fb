// `muster retry`: runs the failed part of a task again.
import type { Command } from 'commander';
import { type BudgetOptions, budgetOptions, type Connect, type Context, jsonOption, limitsOf } from '../command.ts';
import { writeJson, writeLines } from '../io.ts';
import { watchTask } from '../watch-task.ts';

interface RetryOptions extends BudgetOptions {
  watch: boolean;
  json: boolean;
}

export function addRetry(program: Command, connect: Connect): void {
  const command = program
    .command('retry')
    .description('run a failed task again, keeping what completed; a larger budget goes on where the old one ended')
    .argument('<task>', 'its id')
    .option('--watch', 'show the work until it ends; exit 0 only when it completed', false)
    .action((id: string, options: RetryOptions) => retryTask(connect(), id, options));
  for (const option of [...budgetOptions(), jsonOption()]) command.addOption(option);
}

async function retryTask(context: Context, id: string, options: RetryOptions): Promise<void> {
  const answer = await context.client.retry(id, limitsOf(options));
  if (options.watch) return watchTask(context, answer.task_id, options);
  if (options.json) return writeJson(context.io.stdout, answer);
  writeLines(context.io.stdout, [
    `${answer.task_id} is ${answer.status.replace('_', ' ')} again`,
    `watch it with: muster watch ${answer.task_id}`,
  ]);
}

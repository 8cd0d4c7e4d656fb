// `muster submit`: hands a task over, and on demand watches it to its end.
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Command } from 'commander';
import type { TaskFile } from '../../protocol/client.ts';
import { type BudgetOptions, budgetOptions, type Connect, type Context, jsonOption, limitsOf } from '../command.ts';
import { descriptionFrom, unreadable } from '../description.ts';
import { UsageError } from '../failure.ts';
import { writeJson, writeLines } from '../io.ts';
import { withProgress } from '../progress.ts';
import { watchTask } from '../watch-task.ts';

interface SubmitOptions extends BudgetOptions {
  watch: boolean;
  json: boolean;
  file?: string[];
  plan?: string;
  user?: string;
}

const EXAMPLES = `
Examples:
  muster submit "Calculate factorial of 10" --watch
  muster submit "Statistics of the attached table" --file data.csv --watch
  cat question.txt | muster submit -
  muster submit "Compare the three libraries" --budget 0.50 --max-turns 40
  muster submit "Nightly report" --plan report.json --json`;

export function addSubmit(program: Command, connect: Connect): void {
  const command = program
    .command('submit')
    .description('submit a task in plain language')
    .argument(
      '[description]',
      'what should be done, 10 to 5000 characters; "-" or nothing reads it from standard input',
    )
    .option('--watch', 'show the work until it ends; exit 0 only when it completed', false)
    .option('--file <path...>', 'attach files; agents find them in input/')
    .option('--plan <path>', 'run the graph in this JSON file instead of having one planned')
    .option('--user <id>', 'on whose behalf')
    .addHelpText('after', EXAMPLES)
    .action((description: string | undefined, options: SubmitOptions) => submit(connect(), description, options));
  for (const option of [...budgetOptions(), jsonOption()]) command.addOption(option);
}

async function submit(context: Context, words: string | undefined, options: SubmitOptions): Promise<void> {
  const { client, io } = context;
  const description = await descriptionFrom(words, io.stdin, {
    command: 'submit',
    withFiles: options.file !== undefined,
  });
  const plan = options.plan === undefined ? undefined : await readPlan(options.plan);
  const files = await Promise.all((options.file ?? []).map(attach));
  const submitting = async () =>
    client.submit({
      description,
      user_id: options.user,
      plan,
      ...limitsOf(options),
      files,
    });
  const created = await (options.json ? submitting() : withProgress(io, 'planning the task', submitting));
  if (options.watch) return watchTask(context, created.task_id, options);
  if (options.json) return writeJson(io.stdout, created);
  writeLines(io.stdout, [
    `${io.colors.bold(created.task_id)}  ${created.subtasks_count} subtask(s), ${created.initial_subtasks_queued} queued`,
    `watch it with: muster watch ${created.task_id}`,
  ]);
}

async function attach(path: string): Promise<TaskFile> {
  return { name: basename(path), content: await readFile(path).catch(unreadable(path)) };
}

async function readPlan(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch(unreadable(path));
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UsageError(`${path} is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

// `muster watch`: follows a task that was submitted earlier.
import type { Command } from 'commander';
import { type Connect, jsonOption } from '../command.ts';
import { watchTask } from '../watch-task.ts';

export function addWatch(program: Command, connect: Connect): void {
  program
    .command('watch')
    .description('show the work on a task until it ends; exit 0 only when it completed')
    .argument('<task>', 'its id')
    .addOption(jsonOption())
    .action((id: string, options: { json: boolean }) => watchTask(connect(), id, options));
}

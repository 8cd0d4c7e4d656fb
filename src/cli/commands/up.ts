// `muster up`: everything in this process. What that is, boot/all-in-one decides.
import type { Command } from 'commander';

export function addUp(program: Command): void {
  program
    .command('up')
    .description('start orchestrator, agents, model and store in this process; Ctrl-C stops them')
    .action(async () => {
      // Loaded only here: the other commands must not wait for servers and SDKs to be read.
      const { runAllInOne } = await import('../../boot/all-in-one.ts');
      await runAllInOne();
    });
}

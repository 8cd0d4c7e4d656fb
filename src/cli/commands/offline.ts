// `muster offline`: a service of its own. What that is, boot/offline decides.
import type { Command } from 'commander';

export function addOffline(program: Command): void {
  program
    .command('offline')
    .description('start the offline model alone, on OFFLINE_PORT')
    .action(async () => {
      // Loaded only here: the other commands must not wait for servers and SDKs to be read.
      const { runOffline } = await import('../../boot/offline.ts');
      await runOffline();
    });
}

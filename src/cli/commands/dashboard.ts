// `muster dashboard`: a service of its own. What that is, boot/dashboard decides.
import type { Command } from 'commander';

export function addDashboard(program: Command): void {
  program
    .command('dashboard')
    .description('start the web app, in front of the orchestrator that ORCHESTRATOR_URL names')
    .action(async () => {
      // Loaded only here: the other commands must not wait for servers to be read.
      const { runDashboard } = await import('../../boot/dashboard.ts');
      await runDashboard();
    });
}

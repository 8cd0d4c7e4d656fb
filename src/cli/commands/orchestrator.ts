// `muster orchestrator`: a service of its own. What that is, boot/orchestrator decides.
import type { Command } from 'commander';

export function addOrchestrator(program: Command): void {
  program
    .command('orchestrator')
    .description(
      'start one replica of the orchestrator, on the PostgreSQL and Redis that POSTGRES_URL and REDIS_URL name',
    )
    .action(async () => {
      // Loaded only here: the other commands must not wait for servers and SDKs to be read.
      const { runOrchestrator } = await import('../../boot/orchestrator.ts');
      await runOrchestrator();
    });
}

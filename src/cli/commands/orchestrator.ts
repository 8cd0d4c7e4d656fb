// `muster orchestrator`: a service of its own. What that is, boot/orchestrator decides.
import type { Command } from 'commander';
import { jsonOption } from '../command.ts';
import type { Io } from '../io.ts';
import { voiceOf } from '../service-voice.ts';

export function addOrchestrator(program: Command, io: Io): void {
  program
    .command('orchestrator')
    .description(
      'start one replica of the orchestrator, on the PostgreSQL and Redis that POSTGRES_URL and REDIS_URL name',
    )
    .addOption(jsonOption())
    .action(async (options: { json: boolean }) => {
      // Loaded only here: the other commands must not wait for servers and SDKs to be read.
      const { runOrchestrator } = await import('../../boot/orchestrator.ts');
      await runOrchestrator(voiceOf(io, options));
    });
}

// `muster dashboard`: a service of its own. What that is, boot/dashboard decides.
import type { Command } from 'commander';
import { jsonOption } from '../command.ts';
import type { Io } from '../io.ts';
import { voiceOf } from '../service-voice.ts';

export function addDashboard(program: Command, io: Io): void {
  program
    .command('dashboard')
    .description('start the web app, in front of the orchestrator that ORCHESTRATOR_URL names')
    .addOption(jsonOption())
    .action(async (options: { json: boolean }) => {
      // Loaded only here: the other commands must not wait for servers to be read.
      const { runDashboard } = await import('../../boot/dashboard.ts');
      await runDashboard(voiceOf(io, options));
    });
}

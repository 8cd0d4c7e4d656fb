// `muster offline`: a service of its own. What that is, boot/offline decides.
import type { Command } from 'commander';
import { jsonOption } from '../command.ts';
import type { Io } from '../io.ts';
import { voiceOf } from '../service-voice.ts';

export function addOffline(program: Command, io: Io): void {
  program
    .command('offline')
    .description('start the offline model alone, on OFFLINE_PORT')
    .addOption(jsonOption())
    .action(async (options: { json: boolean }) => {
      // Loaded only here: the other commands must not wait for servers and SDKs to be read.
      const { runOffline } = await import('../../boot/offline.ts');
      await runOffline(voiceOf(io, options));
    });
}

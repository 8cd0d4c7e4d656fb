// `muster up`: everything in this process. What that is, boot/all-in-one decides.
import type { Command } from 'commander';
import { jsonOption } from '../command.ts';
import type { Io } from '../io.ts';
import { voiceOf } from '../service-voice.ts';

export function addUp(program: Command, io: Io): void {
  program
    .command('up')
    .description('start orchestrator, agents, model and store in this process; Ctrl-C stops them')
    .addOption(jsonOption())
    .action(async (options: { json: boolean }) => {
      // Loaded only here: the other commands must not wait for servers and SDKs to be read.
      const { runAllInOne } = await import('../../boot/all-in-one.ts');
      await runAllInOne(voiceOf(io, options));
    });
}

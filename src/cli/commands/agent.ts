// `muster agent`: a service of its own. What that is, boot/agent decides.
import type { Command } from 'commander';
import { jsonOption } from '../command.ts';
import type { Io } from '../io.ts';
import { voiceOf } from '../service-voice.ts';

export function addAgent(program: Command, io: Io): void {
  program
    .command('agent')
    .description('start one agent (AGENT_ID, AGENT_CAPABILITIES, AGENT_PORT), on the Redis that REDIS_URL names')
    .addOption(jsonOption())
    .action(async (options: { json: boolean }) => {
      // Loaded only here: the other commands must not wait for servers and SDKs to be read.
      const { runAgent } = await import('../../boot/agent.ts');
      await runAgent(voiceOf(io, options));
    });
}

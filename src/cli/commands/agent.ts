// `muster agent`: a service of its own. What that is, boot/agent decides.
import type { Command } from 'commander';

export function addAgent(program: Command): void {
  program
    .command('agent')
    .description('start one agent (AGENT_ID, AGENT_CAPABILITIES, AGENT_PORT), on the Redis that REDIS_URL names')
    .action(async () => {
      // Loaded only here: the other commands must not wait for servers and SDKs to be read.
      const { runAgent } = await import('../../boot/agent.ts');
      await runAgent();
    });
}

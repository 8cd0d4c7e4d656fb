// `muster agents`: the crew as it last reported itself.
import type { Command } from 'commander';
import type { AgentView } from '../../protocol/client.ts';
import { type Connect, type Context, jsonOption } from '../command.ts';
import { widthOf, writeJson, writeLines } from '../io.ts';
import { type Column, table } from '../table.ts';
import { duration } from '../text.ts';

export function addAgents(program: Command, connect: Connect): void {
  program
    .command('agents')
    .description('list the registered agents')
    .addOption(jsonOption())
    .action((options: { json: boolean }) => listAgents(connect(), options));
}

async function listAgents({ client, io }: Context, options: { json: boolean }): Promise<void> {
  const agents = await client.agents();
  if (options.json) return writeJson(io.stdout, { agents });
  if (agents.length === 0) return writeLines(io.stdout, ['no agent is registered: "muster up" starts five']);
  const { green, yellow } = io.colors;
  const silence = (agent: AgentView) => (io.now().getTime() - new Date(agent.last_heartbeat).getTime()) / 1000;
  const columns: Column<AgentView>[] = [
    { title: 'AGENT', text: (row) => row.agent_id },
    {
      title: 'STATE',
      text: (row) => (row.is_available ? 'available' : 'full'),
      paint: (cell, row) => (row.is_available ? green : yellow)(cell),
    },
    { title: 'SLOTS', text: (row) => `${row.running.length}/${row.slots}`, align: 'right' },
    { title: 'CPU', text: (row) => `${Math.round(row.cpu_usage)} %`, align: 'right' },
    { title: 'MEMORY', text: (row) => `${Math.round(row.memory_usage)} %`, align: 'right' },
    { title: 'DONE', text: (row) => String(row.tasks_completed), align: 'right' },
    { title: 'SEEN', text: (row) => `${duration(silence(row))} ago`, align: 'right' },
    { title: 'NOW', text: (row) => row.current_task ?? '' },
    { title: 'CAPABILITIES', text: (row) => row.capabilities.join(', '), shrink: true },
  ];
  writeLines(io.stdout, table(columns, agents, { width: widthOf(io.stdout), heading: io.colors.dim }));
}

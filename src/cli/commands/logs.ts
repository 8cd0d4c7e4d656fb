// `muster logs`: what agents said, called and ran into, in the order of time.
import { type Command, Option } from 'commander';
import { agentLog } from '../../protocol/api.ts';
import type { AgentLogView } from '../../protocol/client.ts';
import { type Connect, type Context, jsonOption, limitOption } from '../command.ts';
import { type Io, widthOf, writeJson, writeLines } from '../io.ts';
import { type Column, table } from '../table.ts';
import { localTime } from '../text.ts';

interface LogsOptions {
  task?: string;
  agent?: string;
  level?: AgentLogView['level'];
  text?: string;
  limit: number;
  json: boolean;
}

export function addLogs(program: Command, connect: Connect): void {
  program
    .command('logs')
    .description("show the agents' log")
    .option('--task <id>', 'only that of this task')
    .option('--agent <id>', 'only that of this agent')
    .addOption(new Option('--level <level>', 'only this level and graver ones').choices(agentLog.shape.level.options))
    .option('--text <words>', 'only lines that contain these words')
    .addOption(limitOption())
    .addOption(jsonOption())
    .action((options: LogsOptions) => showLogs(connect(), options));
}

async function showLogs({ client, io }: Context, options: LogsOptions): Promise<void> {
  const { task, agent, level, text, limit } = options;
  const answer = await client.logs({ task_id: task, agent_id: agent, level, text, limit });
  if (options.json) return writeJson(io.stdout, answer);
  if (answer.logs.length === 0) return writeLines(io.stdout, ['no log lines']);
  const inTime = [...answer.logs].sort((a, b) => a.time.localeCompare(b.time) || a.id - b.id);
  const columns: Column<AgentLogView>[] = [
    { title: 'TIME', text: (row) => localTime(row.time), paint: io.colors.dim },
    { title: 'LEVEL', text: (row) => row.level, paint: (cell, row) => levelPaint(io, row.level)(cell) },
    { title: 'AGENT', text: (row) => row.agent_id, paint: io.colors.cyan },
    { title: 'SUBTASK', text: (row) => `${row.subtask_id}#${row.attempt}` },
    { title: 'MESSAGE', text: (row) => row.message, shrink: true },
  ];
  writeLines(io.stdout, table(columns, inTime, { width: widthOf(io.stdout), heading: io.colors.dim }));
}

function levelPaint({ colors }: Io, level: AgentLogView['level']): (text: string) => string {
  if (level === 'ERROR') return colors.red;
  return level === 'WARN' ? colors.yellow : (text) => text;
}

// `muster logs`: what agents said, called and ran into; once, or as it happens.
import { type Command, InvalidArgumentError, Option } from 'commander';
import { agentLog } from '../../protocol/api.ts';
import type { AgentLogView } from '../../protocol/client.ts';
import { type Connect, type Context, jsonOption, limitOption } from '../command.ts';
import { UsageError } from '../failure.ts';
import { writeJson, writeJsonLine, writeLines } from '../io.ts';
import { followLogs } from '../log-follow.ts';
import { byTime, lineOf, logTable } from '../log-lines.ts';

interface LogsOptions {
  task?: string;
  subtask?: string;
  agent?: string;
  level?: AgentLogView['level'];
  text?: string;
  limit: number;
  follow: boolean;
  after?: number;
  json: boolean;
}

const HELP = `
--follow prints the last lines (--limit) and then each as it is stored. With a task it ends when the task does, else with
Ctrl-C. With --json it prints one line of JSON for each; --after goes on after the id of the last one.

Examples:
  muster logs task_… --follow
  muster logs task_… --level WARN
  muster logs --follow --agent agent_1 --json | jq -r .message`;

export function addLogs(program: Command, connect: Connect): void {
  program
    .command('logs')
    .description("show the agents' log")
    .argument('[task]', 'only that of this task and its subtasks')
    .option('-f, --follow', 'go on with each line as it is stored, until the task ends', false)
    .addOption(new Option('--after <id>', 'with --follow: only lines stored after this one').argParser(parseId))
    .option('--task <task>', 'the same as the argument')
    .option('--subtask <id>', 'only that of this subtask')
    .option('--agent <agent>', 'only that of this agent')
    .addOption(new Option('--level <level>', 'only this level and graver ones').choices(agentLog.shape.level.options))
    .option('--text <words>', 'only lines that contain these words')
    .addOption(limitOption())
    .addOption(jsonOption())
    .addHelpText('after', HELP)
    .action((task: string | undefined, options: LogsOptions) =>
      logs(connect(), { ...options, ...chosen(task, options) }),
    );
}

function parseId(text: string): number {
  const id = Number(text);
  if (Number.isSafeInteger(id) && id >= 0) return id;
  throw new InvalidArgumentError('It must be the id of a line, as --json prints it.');
}

function chosen(task: string | undefined, options: LogsOptions): { task?: string } {
  if (options.after !== undefined && !options.follow)
    throw new UsageError('--after is for --follow: add it, or leave --after out');
  if (task === undefined) return {};
  if (options.task === undefined || options.task === task) return { task };
  throw new UsageError(`two tasks are named, ${task} and ${options.task}: name one`);
}

async function logs(context: Context, options: LogsOptions): Promise<void> {
  const { io, client } = context;
  const { task, subtask, agent, level, text, limit } = options;
  const filter = { task_id: task, subtask_id: subtask, agent_id: agent, level, text };
  if (options.follow) {
    const write = options.json
      ? (line: AgentLogView) => writeJsonLine(io.stdout, line)
      : (line: AgentLogView) => writeLines(io.stdout, [lineOf(line, io.colors)]);
    return followLogs(context, { filter, limit, after: options.after, write });
  }
  const answer = await client.logs({ ...filter, limit });
  if (options.json) return writeJson(io.stdout, answer);
  writeLines(io.stdout, answer.logs.length === 0 ? ['no log lines'] : logTable(byTime(answer.logs), io));
}

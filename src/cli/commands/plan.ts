// `muster plan`: what a task would become, without running it.
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Command } from 'commander';
import type { MadePlan, PlanView } from '../../protocol/client.ts';
import { type Connect, type Context, jsonOption } from '../command.ts';
import { descriptionFrom, unreadable } from '../description.ts';
import { type Io, widthOf, writeJson, writeLines } from '../io.ts';
import { withProgress } from '../progress.ts';
import { type Column, table } from '../table.ts';
import { duration } from '../text.ts';

interface PlanOptions {
  json: boolean;
  file?: string[];
  user?: string;
}

const HELP = `
On a terminal the plan is shown as a table; into a file or a pipe, and with --json, it is printed as JSON, which
"muster submit --plan" takes as it is. The planner's call of the model costs what planning a task costs.

Examples:
  muster plan "Compare the three libraries and recommend one"
  muster plan "Compare the three libraries and recommend one" > plan.json
  muster submit "Compare the three libraries" --plan plan.json --watch`;

export function addPlan(program: Command, connect: Connect): void {
  program
    .command('plan')
    .description('show what a task would become, without running it')
    .argument('[description]', 'what should be done; "-" or nothing reads it from standard input')
    .option('--file <path...>', 'plan as if these were attached; only their names and sizes are sent')
    .option('--user <id>', 'on whose behalf')
    .addOption(jsonOption())
    .addHelpText('after', HELP)
    .action((description: string | undefined, options: PlanOptions) => showPlan(connect(), description, options));
}

async function showPlan({ client, io }: Context, words: string | undefined, options: PlanOptions): Promise<void> {
  const source = { command: 'plan', withFiles: options.file !== undefined };
  const description = await descriptionFrom(words, io.stdin, source);
  const files = options.file && (await Promise.all(options.file.map(sizeOf)));
  const planning = () => client.plan({ description, user_id: options.user, files });
  const made = await (options.json ? planning() : withProgress(io, 'planning', planning));
  if (!options.json || made.source === 'fallback') writeLines(io.stderr, notesOn(made));
  if (options.json || !io.stdout.isTTY) writeJson(io.stdout, made.plan);
  else writeLines(io.stdout, planLines(made.plan, io));
}

async function sizeOf(path: string): Promise<{ name: string; bytes: number }> {
  const found = await stat(path).catch(unreadable(path));
  return { name: basename(path), bytes: found.size };
}

function notesOn({ source, plan, input_tokens, output_tokens }: MadePlan): string[] {
  const cost = `planning used ${input_tokens} + ${output_tokens} tokens`;
  const made = `${plan.subtasks.length} subtask(s); ${cost}`;
  return source === 'model' ? [made] : [`the model gave no plan that can run: this is the fallback; ${cost}`];
}

type Step = PlanView['subtasks'][number] & { index: number };

function planLines({ subtasks }: PlanView, io: Io): string[] {
  const columns: Column<Step>[] = [
    { title: '#', text: (step) => String(step.index), align: 'right' },
    { title: 'AFTER', text: (step) => step.dependencies.join(', ') },
    { title: 'CAPABILITIES', text: (step) => step.required_capabilities.join(', ') },
    { title: 'PRIORITY', text: (step) => String(step.priority), align: 'right' },
    {
      title: 'TAKES',
      text: ({ estimated_duration: seconds }) => (seconds === null ? '' : duration(seconds)),
      align: 'right',
    },
    { title: 'DESCRIPTION', text: (step) => step.description, shrink: true },
  ];
  const rows = subtasks.map((step, index) => ({ ...step, index }));
  return table(columns, rows, { width: widthOf(io.stdout), heading: io.colors.dim });
}

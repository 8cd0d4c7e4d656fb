// The command line as a whole: which commands there are, and what they share. Each command's own options and work are in
// commands/; how what they throw is said, report.ts decides.
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { z } from 'zod';
import { createClient } from '../protocol/client.ts';
import type { Connect } from './command.ts';
import { addAgent } from './commands/agent.ts';
import { addAgents } from './commands/agents.ts';
import { addCancel } from './commands/cancel.ts';
import { addCompletion } from './commands/completion.ts';
import { addDashboard } from './commands/dashboard.ts';
import { addDoctor } from './commands/doctor.ts';
import { addKeys } from './commands/keys.ts';
import { addLogs } from './commands/logs.ts';
import { addOffline } from './commands/offline.ts';
import { addOrchestrator } from './commands/orchestrator.ts';
import { addPlan } from './commands/plan.ts';
import { addRetry } from './commands/retry.ts';
import { addShow } from './commands/show.ts';
import { addSubmit } from './commands/submit.ts';
import { addTasks } from './commands/tasks.ts';
import { addUp } from './commands/up.ts';
import { addWatch } from './commands/watch.ts';
import { chosenKey, orchestratorPlace, orchestratorUrl } from './connection.ts';
import { type Io, widthOf } from './io.ts';
import { EXIT, report, reportUsage } from './report.ts';

const EXAMPLES = `
Examples:
  muster up
  muster submit "Calculate factorial of 10" --watch
  muster submit "Statistics of the attached table" --file data.csv --watch
  muster tasks --status failed
  muster logs task_… --follow

Settings are read from the environment and from .env: docs/configuration.md lists them.`;

/** Runs one command line, without the program's name. Resolves to the exit code; never rejects. */
export async function run(args: readonly string[], io: Io): Promise<number> {
  const json = asksForJson(args);
  const program = buildProgram(io, json);
  try {
    await program.parseAsync([...args], { from: 'user' });
    return EXIT.done;
  } catch (error) {
    return report(error, io, { json, verbose: program.opts<GlobalOptions>().verbose });
  }
}

interface GlobalOptions {
  url?: string;
  apiKey?: string;
  verbose: boolean;
}

/** Looked for before the words are parsed: what is wrong with them is said in JSON, too. */
function asksForJson(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  return args.slice(0, end < 0 ? args.length : end).includes('--json');
}

export function buildProgram(io: Io, json = false): Command {
  const program = new Command('muster')
    .description('Hands tasks in plain language to a crew of agents and shows what they do.')
    .version(version(), '-V, --version')
    .option(
      '--url <url>',
      'where the orchestrator listens (default: ORCHESTRATOR_URL, else http://HOST:ORCHESTRATOR_PORT)',
    )
    .option(
      '--api-key <key>',
      'the key to show it; MUSTER_API_KEY says it without showing it to others (default: none)',
    )
    .option('--verbose', 'say more of an error: its request id, causes and stacks', false)
    .addHelpText('after', EXAMPLES)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      getOutHelpWidth: () => Math.min(100, widthOf(io.stdout)),
      getErrHelpWidth: () => Math.min(100, widthOf(io.stderr)),
      outputError: (text) => reportUsage(text, io, json),
    });
  const connect: Connect = ({ timeoutMs } = {}) => {
    const { url, apiKey } = program.opts<GlobalOptions>();
    const place = { url: orchestratorUrl(io.env, url), apiKey: chosenKey(io.env, apiKey) };
    return { client: createClient({ ...place, ...(timeoutMs && { fetch: fetchWithin(timeoutMs) }) }), io };
  };
  addUp(program, io);
  addDoctor(program, io, () => orchestratorPlace(io.env, program.opts<GlobalOptions>()));
  for (const add of [addOrchestrator, addAgent, addDashboard, addOffline]) add(program, io);
  for (const add of [addSubmit, addPlan, addTasks, addShow, addWatch, addAgents, addCancel, addRetry, addLogs, addKeys])
    add(program, connect);
  addCompletion(program, connect, io);
  return program;
}

function fetchWithin(ms: number): typeof fetch {
  return (input, init) => fetch(input, { ...init, signal: AbortSignal.timeout(ms) });
}

/** The package's version: package.json stands two folders up both from src/cli and from dist/cli. */
function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
}

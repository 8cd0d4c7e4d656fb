// biome-ignore-all lint/style/useFilenamingConvention: the name under which whoever runs Muster looks for it.
// `npm run test:system`: asks a running Muster, wherever it is, to do three tasks: one step, a chain of three, and one step
// for every kind of agent. Exit code 0 when all completed with the right results and every agent that should work did.
// ORCHESTRATOR_URL says where it is, MUSTER_API_KEY who asks. `--minutes N` is how long it may take; default 10.
import { parseArgs } from 'node:util';
import { chosenKey, orchestratorUrl } from '../src/cli/connection.ts';
import { loadEnvFile } from '../src/config.ts';
import { type Client, createClient, type TaskResponse } from '../src/protocol/client.ts';
import { rollCallOf, troubleWith, type Work } from './roll-call.ts';

interface Trial {
  name: string;
  description: string;
  plan?: unknown;
  /** Numbers that must stand in the result, unless agents only simulate. */
  numbers: readonly string[];
}

const TRIALS: readonly Trial[] = [
  { name: 'one step', description: 'Calculate factorial of 10', numbers: ['3628800'] },
  {
    name: 'a chain',
    description: 'Calculate sum of 1 to 10, then calculate product of 1 to 5, then combine results',
    numbers: ['55', '120'],
  },
];

interface Session {
  url: string;
  client: Client;
  /** Aborts when it has taken too long. */
  deadline: AbortSignal;
}

process.exitCode = await main().then(
  (passed) => (passed ? 0 : 1),
  (error: Error) => {
    console.error(`FAILED: ${error.message}`);
    return 1;
  },
);

async function main(): Promise<boolean> {
  loadEnvFile();
  const { minutes } = parseArgs({ options: { minutes: { type: 'string', default: '10' } } }).values;
  const url = orchestratorUrl(process.env);
  const client = createClient({ url, apiKey: chosenKey(process.env) });
  const deadline = AbortSignal.timeout(minutesOf(minutes) * 60_000);
  return testSystem({ url, client, deadline }).catch((error: unknown) => {
    throw deadline.aborted ? new Error(`not done after ${minutes} minutes`) : error;
  });
}

async function testSystem(session: Session): Promise<boolean> {
  const { client, url } = session;
  const crew = await client.agents();
  if (crew.length === 0)
    throw new Error(`no agent is registered at ${url}: start one, such as AGENT_ID=agent_1 muster agent`);
  console.log(`${url}: ${crew.length} agents; three tasks`);
  const rollCall = {
    name: 'every kind of agent',
    description: 'Roll call of all agents',
    plan: rollCallOf(crew),
    numbers: [],
  };
  const reports = await Promise.all([...TRIALS, rollCall].map((trial) => run(trial, session)));
  const work = reports.flatMap((report) => report.work);
  for (const { agent_id } of crew) {
    console.log(`  ${agent_id}: ${work.filter(({ doneBy }) => doneBy === agent_id).length} subtasks`);
  }
  const troubles = [...reports.flatMap((report) => report.troubles), ...troubleWith(crew, work)];
  for (const trouble of troubles) console.error(`FAILED: ${trouble}`);
  if (troubles.length === 0) console.log('All three completed, and every agent that should work did.');
  return troubles.length === 0;
}

interface Report {
  work: Work[];
  troubles: string[];
}

/** Submits one task and waits for its end. */
async function run({ name, description, plan, numbers }: Trial, { client, deadline }: Session): Promise<Report> {
  const started = Date.now();
  const { task_id } = await client.submit({ description, plan });
  const answer = await client.wait(task_id, { signal: deadline });
  const { status, error } = answer.task;
  console.log(`  ${name}: ${status} after ${((Date.now() - started) / 1_000).toFixed(1)} s (${task_id})`);
  if (status !== 'completed') return { work: workOf(answer), troubles: [`${task_id} is ${status}: ${error}`] };
  // Numbers may be written in groups of three digits.
  const text = JSON.stringify(answer.task.result).replaceAll(/(?<=\d)[, ](?=\d{3})/g, '');
  const missing = /"simulated":true/.test(text) ? [] : numbers.filter((number) => !text.includes(number));
  return {
    work: workOf(answer),
    troubles: missing.map((number) => `${number} is missing in the result of ${task_id}`),
  };
}

function workOf({ task, subtask_results }: TaskResponse): Work[] {
  const doneBy = new Map(
    subtask_results
      .filter((result) => result.status === 'completed')
      .map((result) => [result.subtask_id, result.agent_id]),
  );
  return task.subtasks.map(({ id, required_capabilities }) => ({
    required_capabilities,
    doneBy: doneBy.get(id) ?? null,
  }));
}

function minutesOf(text: string): number {
  const minutes = Number(text);
  if (minutes > 0 && minutes < 10_000) return minutes;
  throw new Error(`--minutes ${JSON.stringify(text)} is no number of minutes`);
}

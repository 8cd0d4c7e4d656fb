// `muster completion`: the script that a shell loads; and `muster complete`, which that script asks at each Tab.
import { Argument, type Command } from 'commander';
import type { Connect } from '../command.ts';
import { type Candidate, complete, type Known } from '../completion.ts';
import { FILES, SCRIPTS, SHELLS, type Shell } from '../completion-scripts.ts';
import { type Io, writeLines } from '../io.ts';
import { oneLine } from '../text.ts';

const HELP = `
For this shell alone:     source <(muster completion bash)
For each bash:            echo 'source <(muster completion bash)' >> ~/.bashrc
For each zsh:             echo 'source <(muster completion zsh)' >> ~/.zshrc, after compinit
For each fish:            muster completion fish > ~/.config/fish/completions/muster.fish

Ids of tasks and agents are completed, too, while the orchestrator answers within a second.`;

/** Nobody waits longer for a Tab. */
const IDS_MS = 1_000;
const TASKS_SHOWN = 30;

export function addCompletion(program: Command, connect: Connect, io: Io): void {
  program
    .command('completion')
    .description('print the script that lets a shell complete commands, options and ids')
    .addArgument(new Argument('<shell>', 'which one').choices(SHELLS))
    .addHelpText('after', HELP)
    .action((shell: Shell) => void io.stdout.write(SCRIPTS[shell]));
  program
    .command('complete', { hidden: true })
    .argument('[words...]', 'those after the name of the program, up to the cursor')
    .action(async (words: string[]) => {
      const { candidates, files } = await complete(program, words, idsOf(connect));
      const lines = candidates.map(({ value, about }) => `${oneLine(value)}\t${oneLine(about)}`);
      writeLines(io.stdout, files ? [...lines, FILES] : lines);
    });
}

/** What cannot be asked has no candidates: an error in the middle of a command line would help nobody. */
function idsOf(connect: Connect): Known {
  const ask = async (work: (client: ReturnType<Connect>['client']) => Promise<Candidate[]>) => {
    try {
      return await work(connect({ timeoutMs: IDS_MS }).client);
    } catch {
      return [];
    }
  };
  return {
    task: () =>
      ask(async (client) => {
        const { tasks } = await client.listTasks({ limit: TASKS_SHOWN });
        return tasks.map(({ id, status, description }) => ({
          value: id,
          about: `${status}: ${description.slice(0, 60)}`,
        }));
      }),
    agent: () =>
      ask(async (client) => {
        const agents = await client.agents();
        return agents.map(({ agent_id, capabilities }) => ({ value: agent_id, about: capabilities.join(', ') }));
      }),
  };
}

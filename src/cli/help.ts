// What `--help` says of the program and of every command, for docs/cli.md.
import type { Command } from 'commander';
import pc from 'picocolors';
import { buildProgram } from './program.ts';

export interface CommandHelp {
  /** Such as `muster keys create`. */
  name: string;
  about: string;
  help: string;
}

/** The program first, then its commands in the order of its help, each followed by those below it. */
export function helpOf(): CommandHelp[] {
  let written = '';
  const output = {
    write(text: string) {
      written += text;
    },
  };
  const program = buildProgram({
    stdin: NOTHING,
    stdout: output,
    stderr: output,
    env: {},
    colors: pc.createColors(false),
    now: () => new Date(0),
    onInterrupt: () => () => undefined,
  });
  return [program, ...commandsOf(program)].map((command) => {
    written = '';
    command.outputHelp();
    return { name: nameOf(command), about: command.description(), help: written };
  });
}

const NOTHING = { async *[Symbol.asyncIterator]() {} };

function commandsOf(command: Command): Command[] {
  const visible = command.createHelp().visibleCommands(command);
  return visible.filter((one) => one.name() !== 'help').flatMap((one) => [one, ...commandsOf(one)]);
}

function nameOf(command: Command): string {
  return command.parent ? `${nameOf(command.parent)} ${command.name()}` : command.name();
}

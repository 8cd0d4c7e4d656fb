// What could stand at the cursor of a command line, by Commander's own definitions: commands, options, the choices of
// both, and ids that the orchestrator knows. Pure but for the ids, which are asked for.
import type { Argument, Command, Option } from 'commander';

export interface Candidate {
  value: string;
  /** One line about it; may be empty. */
  about: string;
}

export interface Completions {
  candidates: Candidate[];
  /** Names of files could stand there, too. */
  files: boolean;
}

/** By the word in angle brackets, such as `<task>`: what could stand in its place. */
export type Known = Readonly<Record<string, () => Promise<Candidate[]>>>;

const NOTHING: Completions = { candidates: [], files: false };

/** `words` are those after the program's name up to the cursor; the last is the one that is being typed, maybe empty. */
export async function complete(program: Command, words: readonly string[], known: Known): Promise<Completions> {
  const typed = words.at(-1) ?? '';
  const place = walk(program, words.slice(0, -1));
  // Bash counts the sign of `--level=` as a word.
  return atCursor(place, typed === '=' && place.awaited ? '' : typed, known);
}

/** Where the words before the cursor lead. */
interface Place {
  command: Command;
  /** Arguments of the command that are there already. */
  given: number;
  /** The option whose value comes next. */
  awaited: Option | null;
  /** Everything is an argument from here on. */
  onlyArguments: boolean;
}

function walk(program: Command, words: readonly string[]): Place {
  const start: Place = { command: program, given: 0, awaited: null, onlyArguments: false };
  return words.reduce((place, word) => (place.onlyArguments ? withArgument(place) : step(place, word)), start);
}

function step(place: Place, word: string): Place {
  if (word === '--') return { ...place, awaited: null, onlyArguments: true };
  if (word.startsWith('-')) return { ...place, awaited: word.includes('=') ? null : valued(place.command, word) };
  // Bash takes `--level=WARN` apart into three words.
  if (place.awaited) return word === '=' || place.awaited.variadic ? place : { ...place, awaited: null };
  const command = place.given === 0 ? place.command.commands.find((one) => one.name() === word) : undefined;
  return command ? { command, given: 0, awaited: null, onlyArguments: false } : withArgument(place);
}

function withArgument(place: Place): Place {
  return { ...place, given: place.given + 1 };
}

function valued(command: Command, flag: string): Option | null {
  const option = optionsOf(command).find(({ short, long }) => [short, long].includes(flag));
  return option && (option.required || option.optional) ? option : null;
}

/** Its own and those of the commands above it. */
function optionsOf(command: Command): Option[] {
  const own = command.createHelp().visibleOptions(command);
  return command.parent
    ? [...own, ...optionsOf(command.parent).filter(({ long }) => !own.some((o) => o.long === long))]
    : own;
}

async function atCursor(place: Place, typed: string, known: Known): Promise<Completions> {
  const { command, awaited, onlyArguments } = place;
  if (!onlyArguments && typed.startsWith('-')) return flags(command, typed, known);
  if (awaited) return matching(await valuesOf(awaited, awaited.flags, known), typed);
  const commands = onlyArguments || place.given > 0 ? [] : command.createHelp().visibleCommands(command);
  if (commands.length > 0)
    return matching({ files: false, candidates: commands.map((one) => about(one.name(), one.description())) }, typed);
  const argument = argumentAt(command, place.given);
  return argument ? matching(await valuesOf(argument, `<${argument.name()}>`, known), typed) : NOTHING;
}

function argumentAt({ registeredArguments }: Command, at: number): Argument | undefined {
  const last = registeredArguments.at(-1);
  return registeredArguments[at] ?? (last?.variadic ? last : undefined);
}

async function flags(command: Command, typed: string, known: Known): Promise<Completions> {
  const [flag = '', ...rest] = typed.split('=');
  const option = rest.length > 0 ? valued(command, flag) : null;
  if (option) {
    const { candidates, files } = matching(await valuesOf(option, option.flags, known), rest.join('='));
    return { files, candidates: candidates.map(({ value, about }) => ({ value: `${flag}=${value}`, about })) };
  }
  const candidates = optionsOf(command).flatMap(({ long, description }) => (long ? [about(long, description)] : []));
  return matching({ files: false, candidates }, typed);
}

async function valuesOf({ argChoices }: Option | Argument, flags: string, known: Known): Promise<Completions> {
  if (argChoices) return { files: false, candidates: argChoices.map((choice) => about(choice, '')) };
  const [, word = ''] = /[<[](\w+)/.exec(flags) ?? [];
  return { files: word === 'path', candidates: (await known[word]?.()) ?? [] };
}

function about(value: string, text: string): Candidate {
  return { value, about: text };
}

function matching({ candidates, files }: Completions, typed: string): Completions {
  return { files, candidates: candidates.filter(({ value }) => value.startsWith(typed)) };
}

// The words that say what should be done, and the files that come with them: for the commands that hand them over.
import { UsageError } from './failure.ts';
import type { Input } from './io.ts';

/** `words`; what is piped in where they are left out or `-`. Throws a UsageError that says how to give some. */
export async function descriptionFrom(
  words: string | undefined,
  stdin: Input,
  { command, withFiles }: { command: string; withFiles: boolean },
): Promise<string> {
  if (words !== undefined && words !== '-') return words;
  if (words === '-' || !stdin.isTTY) {
    const text = (await readAll(stdin)).trim();
    if (text) return text;
  }
  const hint = withFiles ? ', before --file, which takes every word after it' : ', or pipe it in';
  throw new UsageError(`no description: say what should be done, as in muster ${command} "Calculate 2 + 2"${hint}`);
}

async function readAll(input: Input): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of input) text += typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
  return text + decoder.decode();
}

/** For a `catch`: a file that cannot be read is wrong usage. */
export function unreadable(path: string): (cause: NodeJS.ErrnoException) => never {
  return (cause) => {
    const why = cause.code === 'ENOENT' ? 'there is no such file' : cause.message;
    throw new UsageError(`cannot read ${path}: ${why}`, { cause });
  };
}

// "Write TEXT to a file called x.txt": writes what the subtask gives word for word, a calculation, or the results it
// depends on, and reads it back. It composes nothing: a poem is left to a real model.
import { isObject, parseJson } from '../prompt.ts';
import { cannot, done, type Outcome, type Skill, type Steps } from '../skill.ts';
import type { Work } from '../work.ts';
import { calculate } from './arithmetic.ts';
import { findCalculations } from './calculations.ts';
import { readText } from './file-text.ts';

const PATH = String.raw`["'\x60]?([^\s"'\x60]*[^\s"'\x60.,;!?])["'\x60]?`;
const TO_FILE = new RegExp(
  String.raw`\b(?:write|save|put|store)\b\s*(?<text>[\s\S]*?)\s*\b(?:in)?to\s+(?:(?:a|the)\s+)?(?:new\s+)?(?:text\s+)?(?:file\s+(?:called\s+|named\s+)?|(?=\S*\.\w+))${PATH}`,
  'i',
);
const FILE_WITH = new RegExp(
  String.raw`\b(?:create|make|write)\b\s+(?:a\s+|the\s+)?(?:new\s+)?(?:text\s+)?file\s+(?:called\s+|named\s+)?${PATH}\s+(?:with|containing|that (?:says|contains))\s+(?:the\s+)?(?:(?:text|content|contents|words?)\b:?\s*)?(?<text>[\s\S]+)`,
  'i',
);
const COMPOSED =
  /^(?:a|an|the|some|my|your)?\s*(?:(?:short|long|funny|nice|small|brief)\s+)*(?:poem|story|essay|article|haiku|song|letter|blog|speech|joke|novel|python|javascript|script|program|code|function|description|overview)\b/i;
const EARLIER =
  /^(?:it|them|this|that|everything)$|^(?:the\s+)?(?:\w+\s+)?(?:results?|summary|report|answers?|output|findings|data)$/i;

export const fileWriting: Skill = {
  fits: (work) => {
    const order = readOrder(work.text);
    return order !== undefined && !COMPOSED.test(order.text);
  },
  *run(work) {
    const order = readOrder(work.text);
    if (order === undefined) return cannot('The subtask names no file to write.');
    const content = yield* contentFor(work, order.text);
    if (typeof content !== 'string') return content;
    return yield* writeAndConfirm(order.path, content);
  },
};

/** Writes the file, reads it back and says whether it holds what was written. */
export function* writeAndConfirm(path: string, content: string): Steps<Outcome> {
  const written = yield { tool: 'write_file', input: { path, content }, say: `I write ${path}.` };
  const answer = parseJson(written.text);
  const storedAt = isObject(answer) && typeof answer.path === 'string' ? answer.path : path;
  const back = yield* readText(storedAt);
  const confirmed = back.text === content;
  const data = { path: storedAt, characters: content.length, confirmed, content: content.slice(0, 2000) };
  if (confirmed) return done(`Wrote ${content.length} characters to ${storedAt} and read them back.`, data);
  return cannot(`Wrote ${storedAt}, but reading it back gave a different text.`, data);
}

function readOrder(text: string): { path: string; text: string } | undefined {
  const found = FILE_WITH.exec(text) ?? TO_FILE.exec(text);
  const path = found?.slice(1).find((group) => group !== found.groups?.text);
  if (found?.groups?.text === undefined || path === undefined) return undefined;
  return { path, text: unquote(found.groups.text) };
}

function* contentFor(work: Work, text: string): Steps<string | Outcome> {
  if (EARLIER.test(text) || text === '') {
    if (work.dependencies.length === 0) return cannot('There is no earlier result to write, and no text was given.');
    return work.dependencies
      .map(
        ({ description, summary, data }) =>
          `${description}: ${data.result === undefined ? summary : JSON.stringify(data.result)}\n`,
      )
      .join('');
  }
  if (!/^the\s/i.test(text) || findCalculations(text).length === 0) return text;
  const outcome = yield* calculate(work, text);
  return outcome.success ? String(outcome.data.result) : outcome;
}

function unquote(text: string): string {
  const bare = text.replace(/^(?:the\s+)?(?:text|words?|line|content|sentence|string)\b:?\s*(?=\S)/i, '').trim();
  return /^(["'`“])([\s\S]*)["'`”]\.?$/.exec(bare)?.[2] ?? bare;
}

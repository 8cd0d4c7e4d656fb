// Where the table to analyse comes from: the subtask's own text, its input data, the steps before it, a file, or at
// last the task's text (a subtask's description may have been cut). Reading and looking only; no arithmetic.
import { findCsv } from '../csv-text.ts';
import { isObject } from '../prompt.ts';
import type { Steps } from '../skill.ts';
import type { Dependency, Work } from '../work.ts';
import { chooseFile, fileNamed, listFiles, readText } from './file-text.ts';

export interface TableText {
  text: string;
  /** As the summary names it: `input/data.csv`. */
  origin: string;
  truncated: boolean;
}

/** The first source that has data, or a sentence that says why there is none. */
export function* findTable(work: Work): Steps<TableText | string> {
  const given = tableAtHand(work);
  if (given !== undefined) return given;
  if (work.dependencies.length > 0 && fileNamed(work.text) === undefined) return yield* fromDependencies(work);
  const paths = work.tools.has('read_file') ? yield* listFiles(work) : [];
  const path = chooseFile(work, paths);
  if (path !== undefined) return { ...(yield* readText(path)), origin: path };
  const inTask = findCsv(work.task);
  return inTask === undefined
    ? "There was no data: none in the text and no file in the task's folder."
    : { text: inTask, origin: 'the text of the task', truncated: false };
}

/** Data that needs no tool call to get at. */
export function tableAtHand(work: Work): TableText | undefined {
  const inText = findCsv(work.text);
  if (inText !== undefined) return { text: inText, origin: 'the text', truncated: false };
  const input = tableOfInput(work.inputData);
  return input === undefined ? undefined : { text: input, origin: 'the input data', truncated: false };
}

function* fromDependencies(work: Work): Steps<TableText | string> {
  const source = work.dependencies.find((each) => typeof each.data.path === 'string' || tableOf(each) !== undefined);
  const numbers = work.dependencies.map(({ data }) => data.result).filter((result) => typeof result === 'number');
  if (source === undefined && numbers.length > 0) {
    return { text: JSON.stringify(numbers), origin: 'the earlier results', truncated: false };
  }
  if (source === undefined) {
    const said = work.dependencies.map(({ description, summary }) => `"${description}" said: ${summary}`).join(' ');
    return `There was no data: ${said.replaceAll(' (offline model)', '')}`;
  }
  const { path } = source.data;
  // The file is whole, where what the step handed on may be cut.
  if (typeof path === 'string' && work.tools.has('read_file')) return { ...(yield* readText(path)), origin: path };
  return { text: tableOf(source) ?? '', origin: `"${source.description}"`, truncated: source.data.truncated === true };
}

function tableOf({ data }: Dependency): string | undefined {
  return tableOfInput(data) ?? tableOfInput(data.result);
}

function tableOfInput(input: unknown): string | undefined {
  if (Array.isArray(input) && input.length > 0) return JSON.stringify(input);
  if (typeof input === 'string') return findCsv(input);
  if (!isObject(input)) return undefined;
  if (typeof input.content === 'string' && input.content.trim() !== '') return input.content;
  const fields = [input.csv, input.data, input.rows, input.records, input.values, input.numbers];
  return fields.map((field) => tableOfInput(field)).find((each) => each !== undefined);
}

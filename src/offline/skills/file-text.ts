// Finds and reads files of the task's folder with the tools, for every skill that needs a file's text.
import { isObject, parseJson } from '../prompt.ts';
import type { Steps } from '../skill.ts';
import type { Work } from '../work.ts';

const FILE_NAME = /[\w-][\w./-]*\.(?:csv|tsv|txt|md|json|jsonl|log|xml|ya?ml|html?|js|ts|py|sql)\b/i;
const PAGE_CHARACTERS = 40_000;
const MAX_PAGES = 4;

/** The file that a text names, such as `input/data.csv`. A URL is not a file. */
export function fileNamed(text: string): string | undefined {
  return FILE_NAME.exec(text.replaceAll(/https?:\/\/\S+/g, ''))?.[0];
}

/** Paths in the task's folder: asks list_files, or takes the prompt's list when the tool is not offered. */
export function* listFiles(work: Work): Steps<string[]> {
  if (!work.tools.has('list_files')) return work.files;
  const answer = yield { tool: 'list_files', input: {}, say: 'I look which files the task has.' };
  const listed = parseJson(answer.text);
  return Array.isArray(listed) ? listed.flatMap((each) => (isObject(each) ? [String(each.path)] : [])) : [];
}

/** The file that the subtask names or, when it names none, the likeliest: a data file under input/ first. */
export function chooseFile(work: Work, paths: string[]): string | undefined {
  const named = fileNamed(work.text) ?? fileNamed(work.task);
  if (named !== undefined && (fileNamed(work.text) !== undefined || paths.some((path) => isNamed(path, named)))) {
    return paths.find((path) => isNamed(path, named));
  }
  const score = (path: string): number =>
    (path.startsWith('input/') ? 2 : 0) + (/\.(?:csv|tsv|json|txt)$/i.test(path) ? 1 : 0);
  return [...paths].sort((a, b) => score(b) - score(a))[0];
}

export interface FileText {
  text: string;
  /** The file is longer than what was read. */
  truncated: boolean;
}

/** Reads a file page by page, up to 160,000 characters. */
export function* readText(path: string): Steps<FileText> {
  let text = '';
  let offset = 0;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const input = { path, ...(offset > 0 ? { offset } : {}), limit: PAGE_CHARACTERS };
    const answer = yield { tool: 'read_file', input, say: `I read ${path}${offset > 0 ? ` from ${offset} on` : ''}.` };
    const more = /\n?\[truncated: [^\]]*continue with offset (\d+)\]\s*$/.exec(answer.text);
    text += more ? answer.text.slice(0, more.index) : answer.text;
    if (!more) return { text, truncated: false };
    offset = Number(more[1]);
  }
  return { text, truncated: true };
}

function isNamed(path: string, name: string): boolean {
  return path.toLowerCase() === name.toLowerCase() || path.toLowerCase().endsWith(`/${name.toLowerCase()}`);
}

// Cuts a task's sentence into steps: lists first, else at "then", sentence ends, semicolons and ", and VERB". Quoted
// text, code, CSV and SQL are opaque. Which step waits for which is plan-rules.ts.
import { findCsv } from './csv-text.ts';
import { findSql } from './sql-text.ts';

export interface Step {
  text: string;
  /** Introduced by "then", "finally" and the like. */
  follows: boolean;
}

export interface Outline {
  steps: Step[];
  /** The task says that its steps are independent. */
  parallel: boolean;
  /** The task says that its steps are to be done one after the other. */
  sequential: boolean;
}

const VERBS = [
  'add|analy[sz]e|answer|append|apply|ask|average|build|calculate|call|check|classify|clean|collect|combine|compare|compile',
  'compute|convert|copy|crawl|create|count slowly|delete|describe|design|determine|divide|double|download|draft|draw|evaluate',
  'examine|execute|explain|extract|fetch|filter|find|fix|format|gather|generate|get|group|identify|implement|increment|insert',
  'inspect|investigate|list (?:the|all)|load|look up|make|measure|merge|multiply|parse|plan|plot|predict|prepare|present|print',
  'process|produce|publish|query|rank|read|refactor|report (?:on|the)|request|research|retrieve|review|run|save|scrape|search',
  'select|send|set|simulate|sort|split|square|store|subtract|summari[sz]e|take|test|train|transform|translate',
  'update|upload|use|validate|verify|visuali[sz]e|wait|work out|write',
].join('|');
const LEAD =
  '(?:(?:please|also|and|now|i want you to|can you|could you|you should|first(?:ly)?|second(?:ly)?|third(?:ly)?|in parallel|independently|simultaneously|at the same time|meanwhile|separately)[,:]?\\s+)*';
const STARTS_WITH_VERB = new RegExp(`^${LEAD}(?:${VERBS})\\b`, 'i');

const SEQUENCE =
  '(?<!\\bif\\b[^,;.\\n]*)(?:^|[,;:.!?]?\\s+|[,;])(?:and\\s+|but\\s+)?(?:then|after that|afterwards?|finally|lastly|subsequently|thereafter|(?<=[,;.!?]\\s*(?:and\\s+)?)next)\\b[,:]?\\s+';
const BREAK = new RegExp(
  `(?<sequence>${SEQUENCE})|\\s*;\\s*|\\s*\\n\\s*|(?<=[.!?])\\s+|,\\s*(?:and\\s+|while\\s+|meanwhile\\s+)?|\\s+(?:and|while|meanwhile)\\s+`,
  'gi',
);
const ITEM = /^[ \t]*(?:[-*•]|(?:step\s+)?\d{1,2}[.):])[ \t]+(.+)$/i;

export function outline(task: string): Outline {
  const { masked, restore } = mask(task);
  const found = listSteps(masked) ?? proseSteps(masked);
  return {
    steps: found.map((step) => ({ ...step, text: restore(step.text).trim() })).filter((step) => step.text !== ''),
    parallel: /\b(?:independent(?:ly)?|in parallel|at the same time|simultaneously|concurrently|separately)\b/i.test(
      masked,
    ),
    sequential: /\b(?:in (?:this |that )?order|sequentially|step by step|one after (?:the other|another))\b/i.test(
      masked,
    ),
  };
}

interface Masked {
  masked: string;
  restore(text: string): string;
}

// Private-use characters stand in for what must not be cut.
function mask(task: string): Masked {
  const hidden: string[] = [];
  const hide = (text: string): string => `\uE000${hidden.push(text) - 1}\uE001`;
  const restore = (text: string): string =>
    text.replaceAll(/\uE000(\d+)\uE001/g, (_, index) => restore(hidden[Number(index)] ?? ''));
  let masked = task.replaceAll(/[\uE000\uE001]/g, ' ');
  for (const opaque of [findCsv(masked), findSql(masked)]) {
    if (opaque !== undefined) masked = masked.replace(opaque, () => hide(opaque));
  }
  // The line break before opaque text goes with it, so that it stays with the sentence that introduces it.
  masked = masked.replaceAll(/\n\s*(\uE000\d+\uE001)/g, (whole) => hide(whole));
  for (const pattern of OPAQUE) masked = masked.replaceAll(pattern, hide);
  return { masked, restore };
}

const OPAQUE = [
  /\s*```[\s\S]*?```/g,
  /`[^`\n]+`|"[^"\n]+"|“[^”\n]+”|(?<!\w)'[^'\n]+'(?!\w)/g,
  /(?<=\b(?:write|save|put|store)\b)(?:(?!,? (?:and )?then\b|[;\n]).){1,2000}? (?:in)?to (?:a |the )?(?:new )?(?:text )?file (?:called |named )?\S*\w/gi,
  /(?<=\bcreate\b) a (?:new )?(?:text )?file (?:called |named )?\S+ (?:with|containing)\b(?:(?!,? (?:and )?then\b|[;\n]).)+/gi,
];

function listSteps(masked: string): Step[] | undefined {
  const lines = inlineList(masked).split('\n');
  const first = lines.findIndex((line) => ITEM.test(line));
  const items = lines.filter((line) => isItem(line));
  if (items.length < 2) return undefined;
  const preamble = lines.slice(0, first).join(' ').trim();
  const steps: Step[] = [];
  for (const line of lines.slice(first)) addLine(steps, line);
  return steps.map((step) => withPreamble(step, preamble));
}

function isItem(line: string): boolean {
  return /\p{L}{3}|\uE000/u.test(ITEM.exec(line)?.[1] ?? '');
}

// "Do: 1. read it 2. sort it" on one line becomes one item a line, when the numbers count up from 1. A sentence that
// merely ends in a 1 does not begin a list.
function inlineList(text: string): string {
  if (!/(?:^|[:.;,]\s+)1[.)]\s/.test(text) || text.includes('\n')) return text;
  const mark = /(?<=^|\s)(\d{1,2})[.)]\s+(?=\p{L})/gu;
  const numbers = [...text.matchAll(mark)].map((match) => Number(match[1]));
  const counts = numbers.length > 1 && numbers.every((number, index) => number === index + 1);
  return counts ? text.replaceAll(mark, '\n$1. ') : text;
}

function addLine(steps: Step[], line: string): void {
  const item = ITEM.exec(line)?.[1];
  const last = steps.at(-1);
  if (item !== undefined) steps.push(readStep(item));
  else if (last !== undefined && line.trim() !== '') {
    if (/^\s/.test(line) || !startsNewStep(line)) last.text += ` ${line.trim()}`;
    else steps.push(...proseSteps(line));
  }
}

function startsNewStep(line: string): boolean {
  return STARTS_WITH_VERB.test(line) || new RegExp(`^${SEQUENCE}`, 'i').test(line);
}

function readStep(item: string): Step {
  const opening = new RegExp(`^${SEQUENCE}`, 'i').exec(item)?.[0] ?? '';
  return { text: withoutFirst(item.slice(opening.length)), follows: opening !== '' };
}

// "For each number:" and "Calculate:" are what gives an item without a verb its meaning.
function withPreamble(step: Step, preamble: string): Step {
  if (preamble === '' || preamble.length > 200 || STARTS_WITH_VERB.test(step.text)) return step;
  return { ...step, text: `${preamble} ${step.text}` };
}

function proseSteps(masked: string): Step[] {
  const steps: Step[] = [];
  let from = 0;
  let follows = false;
  for (const found of masked.matchAll(BREAK)) {
    const isSequence = found.groups?.sequence !== undefined;
    const after = masked.slice(found.index + found[0].length);
    if (!isSequence && !STARTS_WITH_VERB.test(after.slice(0, 200))) continue;
    pushStep(steps, { text: masked.slice(from, found.index), follows });
    from = found.index + found[0].length;
    follows = isSequence;
  }
  pushStep(steps, { text: masked.slice(from), follows });
  return steps;
}

// A beginning without a verb ("I have a list of numbers.") is context for the step after it.
function pushStep(steps: Step[], step: Step): void {
  const text = withoutFirst(step.text.trim());
  const last = steps.at(-1);
  if (text === '') return;
  if (last && steps.length === 1 && !step.follows && !isOrder(last.text) && !last.follows) {
    last.text = `${last.text} ${text}`;
  } else steps.push({ text, follows: step.follows && last !== undefined });
}

// "In this order: calculate …" is an order too.
function isOrder(text: string): boolean {
  return STARTS_WITH_VERB.test(text) || STARTS_WITH_VERB.test(text.slice(text.search(/:\s/) + 1).trim());
}

function withoutFirst(text: string): string {
  return text.replace(/^(?:first(?:ly)?|to begin(?: with)?|in parallel|independently)(?:[,:]\s*|\s+(?=[a-z]))/i, '');
}

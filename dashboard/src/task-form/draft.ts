// What a person is about to submit: as typed, judged in words, and as the request's parameters. Kept for the visit, so that
// a reload loses nothing.
import { BUDGET_USD_MAX, MAX_TURNS_MAX, USD_DECIMALS } from '../../../src/domain/budget.ts';
import { DESCRIPTION_MIN, TASK_DESCRIPTION_MAX } from '../../../src/domain/task.ts';
import { characters } from '../../../src/domain/text.ts';
import { keepForVisit, keptForVisit } from '../data/visit.ts';
import { formatBytes } from '../format/amount.ts';

export interface Draft {
  description: string;
  user: string;
  /** Dollars, as typed. */
  budget: string;
  turns: string;
}

export const EMPTY: Draft = { description: '', user: '', budget: '', turns: '' };

/** Names of the request's parameters: the orchestrator's own complaints carry the same. */
export type DraftField = 'description' | 'user_id' | 'budget_usd' | 'max_turns' | 'files';
export type DraftErrors = Partial<Record<DraftField, string>>;

/** As the orchestrator counts: without surrounding space. */
export function lengthOf(description: string): number {
  return characters(description.trim());
}

interface Attachment {
  name: string;
  size: number;
}

export function judgeDraft(draft: Draft, files: readonly Attachment[], bytesMax: number): DraftErrors {
  const errors: DraftErrors = {};
  const complain = (field: DraftField, words: string | null) => {
    if (words) errors[field] = words;
  };
  complain('description', judgeDescription(draft.description));
  complain('budget_usd', judgeBudget(draft.budget));
  complain('max_turns', judgeTurns(draft.turns));
  complain('files', judgeFiles(files, bytesMax));
  return errors;
}

function judgeDescription(description: string): string | null {
  const length = lengthOf(description);
  if (length === 0) return 'Say in plain language what should be done.';
  if (length < DESCRIPTION_MIN) return `Use at least ${DESCRIPTION_MIN} characters: say what should be done.`;
  if (length <= TASK_DESCRIPTION_MAX) return null;
  return `Use at most ${TASK_DESCRIPTION_MAX.toLocaleString('en')} characters: attach long material as a file.`;
}

const DOLLARS = new RegExp(`^\\d+(\\.\\d{1,${USD_DECIMALS}})?$`);

function judgeBudget(typed: string): string | null {
  const text = typed.trim();
  if (text === '') return null;
  if (!DOLLARS.test(text)) return 'Write dollars as a number, such as 0.50.';
  const dollars = Number(text);
  if (dollars > 0 && dollars <= BUDGET_USD_MAX) return null;
  return `Allow more than 0 and at most ${BUDGET_USD_MAX.toLocaleString('en')} dollars, or leave it empty for no limit.`;
}

function judgeTurns(typed: string): string | null {
  const text = typed.trim();
  if (text === '') return null;
  const turns = Number(text);
  if (/^\d+$/.test(text) && turns >= 1 && turns <= MAX_TURNS_MAX) return null;
  return `Write a whole number from 1 to ${MAX_TURNS_MAX.toLocaleString('en')}, or leave it empty for no limit.`;
}

function judgeFiles(files: readonly Attachment[], bytesMax: number): string | null {
  const bytes = files.reduce((sum, file) => sum + file.size, 0);
  if (bytes > bytesMax)
    return `The files have ${formatBytes(bytes)}, ${formatBytes(bytesMax)} are allowed: leave some out.`;
  const names = files.map((file) => file.name);
  const twice = names.find((name, nth) => names.indexOf(name) !== nth);
  return twice ? `Two files are called ${twice}: rename one of them.` : null;
}

/** The request's parameters; what was left empty is left out. */
export function parametersOf({ description, user, budget, turns }: Draft): Record<string, string | number> {
  return {
    description: description.trim(),
    ...(user.trim() && { user_id: user.trim() }),
    ...(budget.trim() && { budget_usd: Number(budget) }),
    ...(turns.trim() && { max_turns: Number(turns) }),
  };
}

const KEPT = 'muster.draft';

export function keepDraft(draft: Draft): void {
  keepForVisit(KEPT, JSON.stringify(draft));
}

/** What was kept, field by field: it may be of another version of this page. */
export function keptDraft(): Draft {
  const kept = parse(keptForVisit(KEPT));
  const text = (name: keyof Draft) => (typeof kept[name] === 'string' ? kept[name] : '');
  return { description: text('description'), user: text('user'), budget: text('budget'), turns: text('turns') };
}

function parse(text: string | null): Record<string, unknown> {
  try {
    return Object(JSON.parse(text ?? '{}'));
  } catch {
    return {};
  }
}

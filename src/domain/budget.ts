// What a task may cost in dollars and in model turns, and how that holds while attempts run side by side: each attempt is
// given a share when it is claimed, and may use no more. Pure; the rows are locked and changed by store/.
import type { AttemptReport } from './attempt.ts';
import type { FailureCode } from './errors.ts';

export const BUDGET_USD_MAX = 10_000;
/** Decimals of every amount of money: a millionth of a dollar. */
export const USD_DECIMALS = 6;
const MICROS = 10 ** USD_DECIMALS;
/** Twenty for each subtask of the largest plan. */
export const MAX_TURNS_MAX = 100_000;
/** Far more than a sane attempt needs; without it a model that goes round in circles meets only the deadline. */
export const ATTEMPT_TURNS_MAX = 100;

/**
 * The least that an attempt is given as long as there is that much: with less, attempts that run side by side would all
 * end just before they are done, and what they did would be paid for and lost. Whoever finds less waits instead.
 */
const LEAST: Amount = { usd: 0.05, turns: 10 };

export interface Limits {
  /** Null: without limit. */
  budget_usd: number | null;
  max_turns: number | null;
}

export interface Spending {
  /** Of the attempts that ended. */
  spent_usd: number;
  spent_turns: number;
}

export interface Purse extends Limits, Spending {
  /** Held by the attempts that run. */
  reserved_usd: number;
  reserved_turns: number;
  /** How many of them there are. */
  reservations: number;
  /** Subtasks that have not ended. */
  open_subtasks: number;
}

export interface Amount {
  usd: number;
  turns: number;
}

export const NOTHING: Amount = { usd: 0, turns: 0 };

export function plus(a: Amount, b: Amount): Amount {
  return { usd: money(a.usd + b.usd), turns: a.turns + b.turns };
}

export function isLimited({ budget_usd, max_turns }: Limits): boolean {
  return budget_usd !== null || max_turns !== null;
}

/** Whether nothing is left to give out, whatever the running attempts will hand back. */
export function isSpent(task: Limits & Spending): boolean {
  return Math.min(...Object.values(leftAfter(task, NOTHING))) <= 0;
}

/**
 * What each of these claims may use, most urgent first; null where it has to wait until a running attempt of the task
 * ends. A share is what is left, divided by the subtasks that have none yet, but at least LEAST, and twice as much for
 * each earlier attempt that used up its share. One that does not fit waits; when nothing runs, it gets what there is.
 */
export function allot(purse: Purse, claims: readonly { overruns: number }[]): (Amount | null)[] {
  let held: Amount = { usd: purse.reserved_usd, turns: purse.reserved_turns };
  let { reservations } = purse;
  return claims.map(({ overruns }) => {
    const left = leftAfter(purse, held);
    const wanted = shareOf(left, { waiting: purse.open_subtasks - reservations, overruns });
    const fits = wanted.usd <= left.usd && wanted.turns <= left.turns;
    if ((!fits && reservations > 0) || left.usd <= 0 || left.turns <= 0) return null;
    const share = limited(purse, { usd: Math.min(wanted.usd, left.usd), turns: Math.min(wanted.turns, left.turns) });
    held = plus(held, share);
    reservations += 1;
    return share;
  });
}

function leftAfter({ budget_usd, max_turns, ...spent }: Limits & Spending, held: Amount): Amount {
  return {
    usd: budget_usd === null ? Infinity : money(budget_usd - spent.spent_usd - held.usd),
    turns: max_turns === null ? Infinity : max_turns - spent.spent_turns - held.turns,
  };
}

function shareOf(left: Amount, { waiting, overruns }: { waiting: number; overruns: number }): Amount {
  const parts = Math.max(1, waiting);
  const growth = 2 ** overruns;
  return {
    usd: growth * Math.max(LEAST.usd, Math.floor(Math.round(left.usd * MICROS) / parts) / MICROS),
    turns: Math.min(ATTEMPT_TURNS_MAX, growth * Math.max(LEAST.turns, Math.floor(left.turns / parts))),
  };
}

/** 0 where the task has no such limit. */
function limited({ budget_usd, max_turns }: Limits, share: Amount): Amount {
  return { usd: budget_usd === null ? 0 : money(share.usd), turns: max_turns === null ? 0 : share.turns };
}

/** What the end of an attempt is counted with: at least all that it held, when that is used up or nobody can say. */
export function chargeOf(held: Amount, { outcome, usage }: Pick<AttemptReport, 'outcome' | 'usage'>): Amount {
  const code = outcome.status === 'failed' ? outcome.error_code : null;
  const wholeUsd = code === 'budget_exceeded' || usage.unknown.includes('cost_usd');
  const wholeTurns = code === 'max_turns' || usage.unknown.includes('turns');
  return {
    usd: Math.max(roundedUp(usage.cost_usd), wholeUsd ? held.usd : 0),
    turns: Math.max(usage.turns, wholeTurns ? held.turns : 0),
  };
}

/** Whether the attempt failed only because its share was used up, and a larger one can still be had. */
export function mayHaveMore(task: Limits & Spending, held: Amount, code: FailureCode): boolean {
  if (isSpent(task)) return false;
  if (code === 'budget_exceeded') return held.usd > 0;
  return code === 'max_turns' && held.turns > 0 && held.turns < ATTEMPT_TURNS_MAX;
}

/** `$0.02 of $0.50 is left` */
export function leftInWords(purse: Purse): string {
  const { usd, turns } = leftAfter(purse, { usd: purse.reserved_usd, turns: purse.reserved_turns });
  const money = purse.budget_usd === null ? [] : [`${dollars(Math.max(0, usd))} of ${dollars(purse.budget_usd)}`];
  const rounds = purse.max_turns === null ? [] : [`${Math.max(0, turns)} of ${purse.max_turns} turns`];
  return `${[...money, ...rounds].join(' and ')} is left`;
}

/** Of a task in which nothing is left: what was spent of what, and the mend. */
export function spentInWords(id: string, task: Limits & Spending): string {
  const { budget_usd, max_turns, spent_usd, spent_turns } = task;
  const money = budget_usd !== null && spent_usd >= budget_usd;
  const turns = max_turns !== null && spent_turns >= max_turns;
  const what = [
    ...(money ? [`${dollars(spent_usd)} of ${dollars(budget_usd)}`] : []),
    ...(turns ? [`${spent_turns} of ${max_turns} turns`] : []),
  ];
  const body = [...(money ? ['"budget_usd": …'] : []), ...(turns ? ['"max_turns": …'] : [])];
  const options = [...(money ? ['--budget …'] : []), ...(turns ? ['--max-turns …'] : [])];
  return (
    `the budget is used up, ${what.join(' and ')}: go on with more by muster retry ${id} ${options.join(' ')}, ` +
    `or POST /tasks/${id}/retry with {${body.join(', ')}}; what is completed is kept`
  );
}

/** At least two decimals, and as many more as the amount has. */
export function dollars(usd: number): string {
  return `$${usd.toFixed(USD_DECIMALS).replace(/0{1,4}$/, '')}`;
}

function money(usd: number): number {
  return Math.round(usd * MICROS) / MICROS;
}

/** A price in fractions of a millionth must not add up to more than was counted. */
function roundedUp(usd: number): number {
  return Math.ceil(Number((usd * MICROS).toFixed(3))) / MICROS;
}

// The limits of a task as a request gives them: a number in JSON, or its text in a query string or a form. What they mean is
// domain/budget's.
import { BUDGET_USD_MAX, type Limits, MAX_TURNS_MAX, USD_DECIMALS } from '../domain/budget.ts';
import { AppError } from '../domain/errors.ts';

export const LIMIT_FIELDS = ['budget_usd', 'max_turns'] as const;

type Rule = { [Field in keyof Limits]: { form: RegExp; max: number; mend: string } };

const RULES: Rule = {
  budget_usd: {
    form: new RegExp(String.raw`^\d{1,9}(\.\d{1,${USD_DECIMALS}})?$`),
    max: BUDGET_USD_MAX,
    mend: `give dollars, more than 0 and at most ${BUDGET_USD_MAX}, with up to ${USD_DECIMALS} decimals, such as 0.50`,
  },
  max_turns: {
    form: /^\d{1,9}$/,
    max: MAX_TURNS_MAX,
    mend: `give a whole number from 1 to ${MAX_TURNS_MAX}, such as 40`,
  },
};

/** Those that are given; null and nothing are no limit. Throws an AppError that names the field. */
export function readLimits(fields: Record<string, unknown>): Partial<Limits> {
  const given = LIMIT_FIELDS.filter((field) => fields[field] !== undefined && fields[field] !== null);
  return Object.fromEntries(given.map((field) => [field, readLimit(field, fields[field])]));
}

function readLimit(field: keyof Limits, value: unknown): number {
  const { form, max, mend } = RULES[field];
  if (Array.isArray(value)) throw invalid(field, `${field} is given more than once: give it once`);
  // A number that is written with an exponent is too small or too large in any case.
  const text = typeof value === 'number' ? String(value) : value;
  const number = typeof text === 'string' && form.test(text) ? Number(text) : 0;
  if (number > 0 && number <= max) return number;
  throw invalid(field, `${field} is ${JSON.stringify(value)?.slice(0, 100)}: ${mend}`);
}

function invalid(field: string, message: string): AppError {
  return new AppError('invalid_request', message, { field });
}

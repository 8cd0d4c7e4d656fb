// JSON text from outside, made safe to read: what the parser accepts but recursive readers or object literals cannot bear
// is refused here, with its reason.
import { AppError } from '../domain/errors.ts';

/** Levels of arrays and objects in a whole body; far beyond, JSON.stringify runs out of stack. */
const LEVELS_MAX = 200;

export interface Place {
  /** The text that was read, as errors name it, such as `the body`. */
  what: string;
  /** The field of the request that it stands in; left out, errors name the field of the text itself. */
  field?: string;
}

/** Throws invalid_request, which names the field to blame where there is one. */
export function parseJson(text: string, place: Place): unknown {
  const value = parse(text, place);
  checkJson(value, place);
  return value;
}

function parse(text: string, { what, field }: Place): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const blamed = field === undefined ? {} : { field };
    throw new AppError('invalid_request', `${what} is not JSON: ${why}`, { cause: error, ...blamed });
  }
}

/** Throws invalid_request when a parsed value is too deep, or would become the prototype of a copy. */
export function checkJson(value: unknown, place: Place): void {
  const isNamed = place.field !== undefined || Array.isArray(value);
  for (const [name, part] of childrenOf(value, place)) checkLevels(part, isNamed ? place : { ...place, field: name });
}

function checkLevels(value: unknown, place: Place): void {
  let level = [value];
  for (let depth = 1; level.length > 0; depth += 1) {
    if (depth > LEVELS_MAX) throw refusal(place, `is nested more than ${LEVELS_MAX} levels deep: flatten it`);
    level = level.flatMap((part) => childrenOf(part, place).map(([, child]) => child));
  }
}

function childrenOf(value: unknown, place: Place): [string, unknown][] {
  if (typeof value !== 'object' || value === null) return [];
  if (Object.hasOwn(value, '__proto__')) throw refusal(place, 'has a field named __proto__: remove it');
  return Object.entries(value);
}

function refusal({ what, field }: Place, problem: string): AppError {
  const name = field?.slice(0, 100);
  const subject = name === undefined || name === what ? what : `${name} in ${what}`;
  return new AppError('invalid_request', `${subject} ${problem}`, name ? { field: name } : {});
}

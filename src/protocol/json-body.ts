// JSON text from outside, made safe to read: what the parser accepts but recursive readers or object literals cannot bear
// is refused here, with its reason.
import { AppError } from '../domain/errors.ts';

/** Levels of arrays and objects in a whole body; far beyond, JSON.stringify runs out of stack. */
const LEVELS_MAX = 200;

/** `what` names the text in errors, such as `the body`. Throws invalid_request. */
export function parseJson(text: string, what: string): unknown {
  const value = parse(text, what);
  checkJson(value, what);
  return value;
}

function parse(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new AppError('invalid_request', `${what} is not JSON: ${why}`, { cause: error });
  }
}

/** Throws invalid_request when a parsed value is too deep, or would become the prototype of a copy. */
export function checkJson(value: unknown, what: string): void {
  let level = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > LEVELS_MAX)
      throw new AppError('invalid_request', `${what} is nested more than ${LEVELS_MAX} levels deep: flatten it`);
    level = level.flatMap((part) => childrenOf(part, what));
  }
}

function childrenOf(value: unknown, what: string): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  if (Object.hasOwn(value, '__proto__'))
    throw new AppError('invalid_request', `${what} has a field named __proto__: remove it`);
  return Object.values(value);
}

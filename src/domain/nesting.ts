// How deep a JSON value may be nested. PostgreSQL and JSON.stringify both recurse: some thousands of levels, which a few
// kilobytes can hold, stop the embedded database until its statement times out. So depth is bounded where data comes in.

/** Levels of objects and lists inside one another. */
export const NESTING_MAX = 100;

/** True when `value` has at most `levels` levels. Does not recurse itself. */
export function nestsWithin(value: unknown, levels: number): boolean {
  let inside: unknown[] = [value];
  for (let level = 0; level <= levels; level += 1) {
    inside = inside.flatMap((one) => (typeof one === 'object' && one !== null ? Object.values(one) : []));
    if (inside.length === 0) return true;
  }
  return false;
}

// Putting data into a prompt so that it stays data: no text placed between tags can close them.

/** Plain text between tags. */
export function fenceText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** The value of an attribute in double quotes, on one line. */
export function fenceAttribute(text: string): string {
  return fenceText(text).replaceAll('"', '&quot;').replace(/\s+/g, ' ');
}

/** JSON between tags: still the same JSON, with `<` as an escape. */
export function fenceJson(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}

/**
 * JSON whose source is cut at `max` characters; when cut it is a JSON string of the beginning, and says how much is
 * missing. Escapes may make the text a few times longer than `max`, never more than six.
 */
export function fenceJsonWithin(value: unknown, max: number): string {
  const whole = fenceJson(value);
  if (whole.length <= max) return whole;
  return fenceJson(`${JSON.stringify(value).slice(0, max)} [cut: ${whole.length - max} more characters]`);
}

/**
 * Divides room for texts among them: each gets at most `each` characters and all together at most `all`. Short texts get
 * their length, the long ones share the rest evenly. Limits come in the order of `lengths`.
 */
export function shareRoom(lengths: readonly number[], room: { each: number; all: number }): number[] {
  const limits = lengths.map(() => 0);
  let left = room.all;
  const shortestFirst = [...lengths.entries()].sort(([, a], [, b]) => a - b);
  for (const [nth, [index, length]] of shortestFirst.entries()) {
    const limit = Math.min(length, room.each, Math.floor(left / (lengths.length - nth)));
    limits[index] = limit;
    left -= limit;
  }
  return limits;
}

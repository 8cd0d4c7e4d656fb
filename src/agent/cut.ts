// Shortening long text for a log line, in a way that the reader notices.

/** At most `limit` characters of `text`; a longer one ends with how much is missing. */
export function cut(text: string, limit: number): string {
  if (text.length <= limit) return text;
  return `${text.slice(0, limit).replace(HALF_PAIR, '')} [cut: ${text.length - limit} more characters]`;
}

// Half a surrogate pair is no text that PostgreSQL would take.
const HALF_PAIR = /[\uD800-\uDBFF]$/;

// Takes secrets out of what leaves a process: reports of agents, log lines, errors. No secret that this process knows, nothing
// that looks like a credential, and none of the characters that PostgreSQL refuses (NUL, half a surrogate pair), which
// would have a whole batch of reports rejected.

const PATTERNS = [
  /sk-ant-[\w-]{8,}/g,
  /\bmuster_[\w-]{43}(?![\w-])/g,
  /\b(?:bearer|basic)\s+[\w.~+/=-]{12,}/gi,
  /(?<=:\/\/[^/\s:@]*:)[^/\s@]+(?=@)/g,
];
const MARK = '[redacted]';
/** A shorter value would take ordinary words out with it. */
const SECRET_MIN = 8;
const UNSTORABLE = /\0|\p{Surrogate}/gu;
/** What every pattern needs: a text without any of it is left as it is after one look, as almost all are. */
const SUSPECT = /sk-ant-|muster_|bearer|basic|:\/\/|\0/i;

export type Redact = (text: string) => string;

export function createRedactor(secrets: readonly string[]): Redact {
  const known = secrets.filter((secret) => secret.length >= SECRET_MIN).flatMap(spellings);
  const isHarmless = (text: string) =>
    !SUSPECT.test(text) && text.isWellFormed() && !known.some((secret) => text.includes(secret));
  return (text) => {
    if (isHarmless(text)) return text;
    const withoutKnown = known.reduce((left, secret) => left.replaceAll(secret, MARK), text);
    const withoutAny = PATTERNS.reduce((left, pattern) => left.replaceAll(pattern, MARK), withoutKnown);
    return withoutAny.replaceAll(UNSTORABLE, '\uFFFD');
  };
}

/** A log line is JSON, which writes some characters otherwise. */
function spellings(secret: string): string[] {
  return [...new Set([secret, JSON.stringify(secret).slice(1, -1)])];
}

/** A JSON value with every string in it redacted, keys too. */
export function redactDeep<T>(value: T, redact: Redact): T;
export function redactDeep(value: unknown, redact: Redact): unknown {
  if (typeof value === 'string') return redact(value);
  if (Array.isArray(value)) return value.map((item) => redactDeep(item, redact));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [redact(key), redactDeep(item, redact)]));
}

// What a generated request cannot hold itself: names that only the running service knows, and what would fill the memory if
// thousands of requests were made in advance. Each is put in when its request is sent.

/** Something of this name that an answer held, such as a task's id; `at` from 0 to 1 says which. */
export class Known {
  readonly name: string;
  readonly at: number;
  constructor(name: string, at: number) {
    this.name = name;
    this.at = at;
  }
}

/** A text, or with `asList` a list, of `count` times the same. */
export class Repeated {
  readonly part: unknown;
  readonly count: number;
  readonly asList: boolean;
  constructor(part: unknown, count: number, { asList = false } = {}) {
    this.part = part;
    this.count = count;
    this.asList = asList;
  }
}

/** Lists in lists. */
export class Nested {
  readonly levels: number;
  constructor(levels: number) {
    this.levels = levels;
  }
}

/** A number as JSON text, since not every one survives being a number here. */
export class NumberText {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

const MARK = '\u{10fffd}number:';

/** JSON text of what `Names.fill` has filled. */
export function jsonOf(value: unknown): string {
  return JSON.stringify(value).replace(new RegExp(`"${MARK}([^"]*)"`, 'gu'), '$1');
}

const KEPT = 400;

/** Names that were seen in answers, and which of them belong together. */
export class Names {
  private readonly seen = new Map<string, Set<string>>();
  /** By a name: others that stood beside it. */
  private readonly beside = new Map<string, Record<string, string>>();

  /** Gathers from an answer; `context` are the names in the address it was asked by. */
  gather(answer: unknown, context: Readonly<Record<string, string>>): void {
    if (typeof answer !== 'object' || answer === null) return;
    const own = Array.isArray(answer) ? {} : namesIn(answer);
    const together = { ...context, ...own };
    for (const [name, value] of Object.entries(own)) this.add(name, value, together);
    for (const part of Object.values(answer)) this.gather(part, 'task_id' in own ? together : context);
  }

  /** What stood beside this name when it was seen, such as the `user_id` of a task. */
  companion(value: string, name: string): string | undefined {
    return this.beside.get(value)?.[name];
  }

  /** The value with every placeholder filled in. Names of one request that belong together come together. */
  fill(value: unknown, chosen: Record<string, string> = {}): unknown {
    if (value instanceof Known) return this.pick(value, chosen);
    if (value instanceof NumberText) return `${MARK}${value.text}`;
    if (value instanceof Nested) return nest(value.levels);
    if (value instanceof Repeated) return this.repeat(value, chosen);
    if (value instanceof Uint8Array || typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map((part) => this.fill(part, chosen));
    // By definition, not by assignment: a field may be called __proto__.
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, this.fill(part, chosen)]));
  }

  private add(name: string, value: string, together: Record<string, string>): void {
    const values = this.seen.get(name) ?? new Set();
    this.seen.set(name, values);
    if (values.size < KEPT) values.add(value);
    this.beside.set(value, { ...this.beside.get(value), ...together });
  }

  private pick({ name, at }: Known, chosen: Record<string, string>): string {
    const fitting = chosen[name];
    if (fitting !== undefined && at < 0.8) return fitting;
    const values = [...(this.seen.get(name) ?? [])];
    // The first ones more often: those that were made so that each request finds what it needs.
    const value = values[Math.floor(at ** 3 * values.length)] ?? `${name.replace(/_id$/, '')}_${Math.floor(at * 1e9)}`;
    Object.assign(chosen, this.beside.get(value));
    return value;
  }

  private repeat({ part, count, asList }: Repeated, chosen: Record<string, string>): unknown {
    const filled = this.fill(part, chosen);
    return asList ? Array<unknown>(count).fill(filled) : String(filled).repeat(count);
  }
}

function nest(levels: number): unknown {
  let value: unknown = [];
  for (let level = 1; level < levels; level += 1) value = [value];
  return value;
}

/** Fields that name something: `task_id`, an `id` that says of what it is one, a cursor, a path, the number of a line. */
function namesIn(part: object): Record<string, string> {
  const named = Object.entries(part).flatMap(([field, value]) => {
    const name = typeof value === 'string' && value !== '' ? nameFor(field, value) : null;
    return name === null ? [] : [[name, String(value)]];
  });
  return Object.fromEntries(named);
}

function nameFor(field: string, value: string): string | null {
  if (field === 'id') return `${/^([a-z]+)_/.exec(value)?.[1] ?? 'after'}_id`;
  if (field === 'next_cursor') return 'cursor';
  return field === 'path' || field.endsWith('_id') ? field : null;
}

// Makes the answers of two runs comparable: ids are numbered in the order in which they appear, instants and what is
// measured are replaced by fixed ones of the same type. A value of another type is left, and so found out.

const INSTANTS = /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g;
const INSTANT_SHOWN = '2026-01-31T09:30:00.000Z';

/** What stands in place of a number that is measured, counted over other tasks, or depends on the words of a prompt. */
const NUMBERS: Record<string, number> = {
  execution_time: 0.42,
  cpu_usage: 3.1,
  memory_usage: 4.2,
  tasks_completed: 7,
  attempts_completed: 7,
  attempts_failed: 1,
  running: 0,
  input_tokens: 4200,
  output_tokens: 100,
  planner_input_tokens: 310,
  planner_output_tokens: 44,
  last_event: 12,
  port: 8001,
  score: 0.6,
  id: 1,
};

const TEXTS: Record<string, { pattern: RegExp; shown: string }> = {
  agent_id: { pattern: /^agent_[1-5]$/, shown: 'agent_1' },
  url: { pattern: /^http:\/\/127\.0\.0\.1:\d+$/, shown: 'http://127.0.0.1:8001' },
  instance_id: { pattern: /^[\w-]{8,}$/, shown: 'agent_1-4f7c2a' },
  version: { pattern: /^\d+\.\d+\.\d+/, shown: '1.0.0' },
  sdk_version: { pattern: /^claude-agent-sdk@\d+\.\d+\.\d+/, shown: 'claude-agent-sdk@0.3.0' },
  store: { pattern: /^embedded PostgreSQL \(PGlite\) in \/.+/, shown: 'embedded PostgreSQL (PGlite) in .muster' },
  next_cursor: { pattern: /^[\w-]{20,}$/, shown: 'MjAyNi0wMS0zMVQwOTozMDowMC4wMDBafnRhc2tf' },
  key: { pattern: /^muster_[\w-]{40,}$/, shown: 'muster_…' },
};

export interface Shown {
  /** Field of a list that others make longer → how many of its items are kept. */
  lists: Record<string, number>;
  /** Fields whose numbers are all measurements. */
  measured: readonly string[];
}

const NOTHING_CUT: Shown = { lists: {}, measured: [] };

/** One for a whole run, so that an id is shown as the same wherever it appears. */
export class StableAnswers {
  private readonly ids = new Map<string, string>();
  private readonly counts = new Map<string, number>();

  /** Of an answer in JSON. */
  of(value: unknown, shown: Shown, field = ''): unknown {
    if (typeof value === 'number') return NUMBERS[field] ?? value;
    if (typeof value === 'string') return this.text(value, field);
    if (Array.isArray(value)) return this.list(value, shown, field);
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).map(([name, inner]) => [
      this.text(name),
      shown.measured.includes(name) ? this.of(withoutFigures(inner), shown, name) : this.of(inner, shown, name),
    ]);
    return Object.fromEntries(entries);
  }

  /** Of any text. */
  text(value: string, field = ''): string {
    const known = TEXTS[field];
    if (known?.pattern.test(value)) return known.shown;
    return value
      .replace(INSTANTS, INSTANT_SHOWN)
      .replace(/\b(subtask|task|key)_[0-9a-z]{20}\b/g, (id, kind) => this.idFor(id, kind));
  }

  /** Of server-sent events: the data of each is JSON. */
  events(value: string): string {
    return value
      .replace(/^data: (.+)$/gm, (_, data) => `data: ${JSON.stringify(this.of(JSON.parse(data), NOTHING_CUT))}`)
      .replace(/^(id: \d+\n)(?=event: log\n)/gm, 'id: 1\n');
  }

  private list(values: readonly unknown[], shown: Shown, field: string): unknown[] {
    const kept = shown.lists[field];
    const items = values.slice(0, kept).map((item) => this.of(item, shown, field));
    return kept === undefined ? items : [...items, '…'];
  }

  private idFor(id: string, kind: string): string {
    if (/^\w+_0+$/.test(id)) return id;
    const known = this.ids.get(id);
    if (known) return known;
    const count = (this.counts.get(kind) ?? 0) + 1;
    this.counts.set(kind, count);
    const shown = `${kind}_${String(count).padStart(20, '0')}`;
    this.ids.set(id, shown);
    return shown;
  }
}

/** Every number becomes 1: what is left is which fields there are. */
function withoutFigures(value: unknown): unknown {
  if (typeof value === 'number') return 1;
  if (Array.isArray(value)) return value.map(withoutFigures);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withoutFigures(inner)]));
}

// The services' own log: JSON lines on standard error. Every line is redacted as a whole, whatever part of it a secret
// stands in: a message, a stack, a field that nobody thought of. What agents say goes to the database instead.
import { type DestinationStream, type Logger, pino } from 'pino';
import { createRedactor } from './redact.ts';

export type { Logger };

const NAMES = ['task_id', 'subtask_id', 'attempt', 'agent_id'] as const;

/**
 * Whom a line concerns, for its fields: what `about` says of task, subtask, attempt and agent, under the names that they have
 * in every line of every service.
 */
export function namesIn(about: unknown): Partial<Record<(typeof NAMES)[number], unknown>> {
  if (typeof about !== 'object' || about === null) return {};
  const known = NAMES.filter((name) => Reflect.get(about, name) !== undefined);
  return Object.fromEntries(known.map((name) => [name, Reflect.get(about, name)]));
}

export interface LogOptions {
  /** Values that no line may hold. */
  secrets?: readonly string[];
  /** Default: standard error. */
  destination?: DestinationStream;
}

export function createLogger(level: string, { secrets = [], destination }: LogOptions = {}): Logger {
  const redact = createRedactor(secrets);
  return pino({ level, hooks: { streamWrite: redact } }, destination ?? pino.destination({ dest: 2, sync: true }));
}

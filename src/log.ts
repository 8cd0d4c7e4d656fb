// The services' own log: JSON lines on standard error, secrets redacted. What agents say goes to the database instead.
import { type Logger, pino } from 'pino';

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

export function createLogger(level: string): Logger {
  return pino(
    { level, redact: { paths: ['*.authorization', '*["x-api-key"]', 'headers.authorization'], censor: '(hidden)' } },
    pino.destination({ dest: 2, sync: true }),
  );
}

// The services' own log: JSON lines on standard error, secrets redacted. What agents say goes to the database instead.
import { type Logger, pino } from 'pino';

export type { Logger };

export function createLogger(level: string): Logger {
  return pino(
    { level, redact: { paths: ['*.authorization', '*["x-api-key"]', 'headers.authorization'], censor: '(hidden)' } },
    pino.destination({ dest: 2, sync: true }),
  );
}

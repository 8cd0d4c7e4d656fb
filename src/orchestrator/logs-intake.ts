// What agents say and do, from the bus into the table that /logs reads.
import { insertLogs } from '../store/logs.ts';
import { agentLogLine } from './bus-messages.ts';
import { Intake } from './intake.ts';
import type { Parts } from './parts.ts';

const BATCH = 200;

export function createLogsIntake(parts: Pick<Parts, 'bus' | 'db' | 'logger'>): Intake<'agent_logs'> {
  return new Intake(parts, {
    queue: 'agent_logs',
    batch: BATCH,
    schema: agentLogLine,
    store: (lines) => insertLogs(parts.db, lines),
  });
}

// What agents say and do, from the bus into the table that /logs reads.
import { insertLogs } from '../store/logs.ts';
import { agentLogLine } from './bus-messages.ts';
import { Intake } from './intake.ts';
import { announce } from './notices.ts';
import type { Parts } from './parts.ts';

const BATCH = 200;

export function createLogsIntake(parts: Pick<Parts, 'bus' | 'db' | 'logger'>): Intake<'agent_logs'> {
  return new Intake(parts, {
    queue: 'agent_logs',
    batch: BATCH,
    schema: agentLogLine,
    store: async (lines) => {
      await insertLogs(parts.db, lines);
      await announce(parts, 'logs', { task_ids: [...new Set(lines.map((line) => line.task_id))] });
    },
  });
}

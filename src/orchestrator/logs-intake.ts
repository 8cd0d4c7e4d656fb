// What agents say and do, from the bus into the table that /logs reads.
import { insertLogs } from '../store/logs.ts';
import { pause } from './bell.ts';
import { agentLogLine } from './bus-messages.ts';
import { Intake } from './intake.ts';
import { announce } from './notices.ts';
import type { Parts } from './parts.ts';

const BATCH = 200;
/** Between two batches that are not full: lines come by twos and threes, and none is waited for. */
const GATHER_MS = 50;

type LogParts = Pick<Parts, 'bus' | 'db' | 'logger' | 'clock' | 'stopping'>;

export function createLogsIntake(parts: LogParts): Intake<'agent_logs'> {
  return new Intake(parts, {
    queue: 'agent_logs',
    batch: BATCH,
    schema: agentLogLine,
    store: async (lines) => {
      await insertLogs(parts.db, lines);
      await announce(parts, 'logs', { task_ids: [...new Set(lines.map((line) => line.task_id))] });
      if (lines.length < BATCH) await pause(parts.clock, { ms: GATHER_MS, signal: parts.stopping });
    },
  });
}

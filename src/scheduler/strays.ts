// Attempts that agents still work on although the database does not wait for them: superseded, ended or cancelled ones
// whose stop notice was lost.
import type { AgentStatus } from '../domain/agent.ts';
import type { AttemptKey } from '../domain/attempt.ts';
import type { Sql } from '../store/db.ts';
import type { RunningSubtask } from '../store/subtasks.ts';

/**
 * `agents` must have been read before `running`: an attempt that an agent holds was claimed before, so it is missing
 * among the running ones only when it is over. A subtask that the database does not know was given to the agent by hand,
 * and is left alone.
 */
export async function findStrays(
  db: Sql,
  agents: readonly AgentStatus[],
  running: readonly RunningSubtask[],
): Promise<AttemptKey[]> {
  const current = new Set(running.map((row) => `${row.id}:${row.attempt}`));
  const held = agents.flatMap((agent) => agent.running);
  const suspects = held.filter(({ subtask_id, attempt }) => !current.has(`${subtask_id}:${attempt}`));
  if (suspects.length === 0) return [];
  const rows = await db.query<{ id: string; task_id: string }>('select id, task_id from subtasks where id = any($1)', [
    suspects.map((suspect) => suspect.subtask_id),
  ]);
  const taskOf = new Map(rows.map((row) => [row.id, row.task_id]));
  return suspects.flatMap((suspect) => {
    const task_id = taskOf.get(suspect.subtask_id);
    return task_id === undefined ? [] : [{ task_id, ...suspect }];
  });
}

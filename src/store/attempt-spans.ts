// The attempts of one task as lines of time: from the events that record them, and from the results where the events were
// pruned. No transition here.
import type { AttemptSpan, SubtaskResult } from '../domain/attempt.ts';
import { SUBTASK_TRANSITIONS } from '../domain/transitions.ts';
import type { Sql } from './db.ts';

/** What a result tells of its attempt without its output, which may be large. */
export type ResultSum = Omit<SubtaskResult, 'task_id' | 'output' | 'error'> & {
  /** From ready to started; null for attempts of long ago. */
  waited_seconds: number | null;
};

export async function listResultSums(db: Sql, taskId: string): Promise<ResultSum[]> {
  return db.query<ResultSum>(
    `select subtask_id, attempt, agent_id, status, error_code, execution_time, input_tokens, output_tokens, cost_usd,
       waited_seconds, created_at
     from subtask_results where task_id = $1 order by created_at, subtask_id, attempt`,
    [taskId],
  );
}

interface ClaimRow extends Omit<AttemptSpan, 'outcome'> {
  ended_by: string | null;
}

/** In the order of their starts; `results` are all of the task's. */
export async function listSpans(db: Sql, taskId: string, results: readonly ResultSum[]): Promise<AttemptSpan[]> {
  const claims = await db.query<ClaimRow>(
    // The event before a claim is the one that made the subtask ready, the one after it is what ended the attempt.
    `select subtask_id, attempt, agent_id, coalesce(ready_at, started_at) as ready_at, started_at, ended_at, ended_by, error_code
     from (
       select subtask_id, seq, type, (data ->> 'attempt')::int as attempt, data ->> 'agent_id' as agent_id,
         lag(created_at) over life as ready_at, created_at as started_at, lead(created_at) over life as ended_at,
         lead(type) over life as ended_by, lead(data ->> 'error_code') over life as error_code
       from events where task_id = $1 and subtask_id is not null
       window life as (partition by subtask_id order by seq)
     ) as event
     where type = $2 order by seq`,
    [taskId, SUBTASK_TRANSITIONS.claim.event],
  );
  const recorded = new Set(claims.map(nameOf));
  const pruned = results.filter((result) => !recorded.has(nameOf(result)));
  return [...pruned.map(spanOfResult), ...claims.map(spanOfClaim)];
}

function nameOf({ subtask_id, attempt }: { subtask_id: string; attempt: number }): string {
  return `${subtask_id}.${attempt}`;
}

function spanOfResult(result: ResultSum): AttemptSpan {
  const { subtask_id, attempt, agent_id, status, error_code, created_at, execution_time, waited_seconds } = result;
  const started = Date.parse(created_at) - execution_time * 1_000;
  return {
    subtask_id,
    attempt,
    agent_id,
    ready_at: new Date(started - (waited_seconds ?? 0) * 1_000).toISOString(),
    started_at: new Date(started).toISOString(),
    ended_at: created_at,
    outcome: status,
    error_code,
  };
}

const OUTCOMES: Readonly<Record<string, AttemptSpan['outcome']>> = {
  [SUBTASK_TRANSITIONS.complete.event]: 'completed',
  [SUBTASK_TRANSITIONS.backOff.event]: 'failed',
  [SUBTASK_TRANSITIONS.fail.event]: 'failed',
  [SUBTASK_TRANSITIONS.release.event]: 'released',
  [SUBTASK_TRANSITIONS.cancel.event]: 'cancelled',
};

function spanOfClaim({ ended_by, ...claim }: ClaimRow): AttemptSpan {
  return { ...claim, outcome: ended_by === null ? 'running' : (OUTCOMES[ended_by] ?? 'released') };
}

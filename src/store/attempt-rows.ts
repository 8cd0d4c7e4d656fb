// The rows of attempts that end: their results, and their subtasks. Part of the transaction of attempts.ts, which decides
// what each end means.
import type { AttemptReport } from '../domain/attempt.ts';
import type { Amount } from '../domain/budget.ts';
import { SUBTASK_TRANSITIONS } from '../domain/transitions.ts';
import { type Sql, toJson } from './db.ts';

export type Verdict = 'complete' | 'backOff' | 'fail' | 'release';

export interface Ended {
  report: AttemptReport;
  /** Transient failures before this one. */
  failures: number;
  held: Amount;
  charge: Amount;
}

export interface Judged extends Ended {
  verdict: Verdict;
  delay_ms: number | null;
  /** It failed because its share was used up: the next attempt gets a larger one. */
  overran: boolean;
}

export async function insertResults(tx: Sql, reports: readonly AttemptReport[]): Promise<void> {
  const rows = reports.flatMap(({ outcome, usage, ...key }) =>
    outcome.status === 'handed_back' ? [] : [{ ...key, ...usage, ...outcome }],
  );
  if (rows.length === 0) return;
  await tx.query(
    `insert into subtask_results (subtask_id, attempt, task_id, agent_id, status, output, error, error_code,
       execution_time, input_tokens, output_tokens, cost_usd, turns, waited_seconds)
     select r.subtask_id, r.attempt, r.task_id, r.agent_id, r.status, r.output, r.error, r.error_code,
       r.execution_time, r.input_tokens, r.output_tokens, r.cost_usd, r.turns,
       greatest(0, extract(epoch from s.started_at - s.ready_at))
     from jsonb_to_recordset($1::jsonb) as r (subtask_id text, attempt int, task_id text, agent_id text, status text,
       output jsonb, error text, error_code text, execution_time float8, input_tokens int, output_tokens int, cost_usd float8,
       turns int) join subtasks s on s.id = r.subtask_id`,
    [toJson(rows)],
  );
}

export async function moveSubtasks(tx: Sql, judged: readonly Judged[]): Promise<void> {
  const moves = judged.map(({ report, verdict, failures, overran, delay_ms }) => ({
    id: report.subtask_id,
    status: SUBTASK_TRANSITIONS[verdict].to,
    ended: verdict === 'complete' || verdict === 'fail',
    failures,
    overran: overran ? 1 : 0,
    delay_ms,
    error: report.outcome.status === 'failed' ? report.outcome.error : null,
  }));
  await tx.query(
    `update subtasks s set status = m.status, failures = m.failures, overruns = s.overruns + m.overran, error = m.error,
       reserved_usd = 0, reserved_turns = 0, deadline_at = null, updated_at = now(),
       finished_at = case when m.ended then now() end,
       ready_at = case when m.ended then s.ready_at else now() end,
       due_at = now() + m.delay_ms * interval '1 millisecond'
     from jsonb_to_recordset($1::jsonb) as m (id text, status text, ended bool, failures int, overran int, delay_ms int,
       error text)
     where s.id = m.id and s.status = 'running'`,
    [toJson(moves)],
  );
}

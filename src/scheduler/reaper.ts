// What the leader looks for now and then, because nobody will tell it: attempts whose agent is gone or has forgotten
// them, and attempts over their deadline. Decides; the scheduler acts.
import type { AttemptReport } from '../domain/attempt.ts';
import type { FailureCode } from '../domain/errors.ts';
import type { RunningSubtask } from '../store/subtasks.ts';
import type { Crew } from './crew.ts';

/** An agent stops its own attempt at the deadline; only one that did not is reaped this much later. */
const DEADLINE_GRACE_MS = 10_000;

export interface ReapView {
  crew: Crew;
  /** The leader's clock in milliseconds. */
  now: number;
  /** An agent that has been silent for this long is lost. */
  lostAfterMs: number;
  /**
   * An attempt that its agent's heartbeats have not named for this long is lost. Long enough for a report that is on its
   * way to be stored: an agent lets go of an attempt as soon as it has sent its report.
   */
  unheldAfterMs: number;
}

/** Reports for the running attempts that will never report themselves. */
export function reap(running: readonly RunningSubtask[], view: ReapView): AttemptReport[] {
  return running.flatMap((row) => {
    const verdict = judge(row, view);
    return verdict ? [reportFor(row, verdict)] : [];
  });
}

interface Verdict {
  code: FailureCode;
  error: string;
}

function judge(row: RunningSubtask, view: ReapView): Verdict | null {
  const { crew, now } = view;
  if (row.overdue_ms > DEADLINE_GRACE_MS)
    return { code: 'timeout', error: `${row.agent_id} passed the deadline and did not stop` };
  const agent = crew.find(row.agent_id);
  if (agent && agent.instance_id !== row.agent_instance) return lost(`${row.agent_id} was restarted`);
  const unheardMs = crew.unheardFor(row.agent_id, now) ?? row.running_ms;
  if (unheardMs > view.lostAfterMs)
    return lost(`${row.agent_id} has not reported for ${Math.round(unheardMs / 1000)} s`);
  const unheldMs = crew.unheldFor(row.agent_id, { subtask_id: row.id, attempt: row.attempt }, now);
  return unheldMs > view.unheldAfterMs ? lost(`${row.agent_id} does not hold the attempt`) : null;
}

function lost(error: string): Verdict {
  return { code: 'agent_lost', error };
}

function reportFor(row: RunningSubtask, verdict: Verdict): AttemptReport {
  return {
    task_id: row.task_id,
    subtask_id: row.id,
    attempt: row.attempt,
    agent_id: row.agent_id,
    outcome: { status: 'failed', error: verdict.error, error_code: verdict.code },
    usage: {
      execution_time: Math.max(row.running_ms, 1) / 1000,
      input_tokens: 0,
      output_tokens: 0,
      cost_usd: 0,
      turns: 0,
      unknown: ['cost_usd', 'turns'],
    },
  };
}

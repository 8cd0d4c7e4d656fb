// An attempt and its tool calls as those see them who operate Muster: counted, timed, logged, and in the trace of their task
// when there is one.
import type { AttemptKey, AttemptReport } from '../domain/attempt.ts';
import { openSpan } from '../telemetry/tracing.ts';
import type { AgentMetrics } from './agent-metrics.ts';
import type { ObserveCall } from './tools/ports.ts';

export interface ServiceLog {
  debug(details: object, message: string): void;
  warn(details: object, message: string): void;
}

export interface Observers {
  agentId: string;
  metrics: AgentMetrics;
  logger: ServiceLog;
}

export interface ObservedAttempt {
  /** The span of the attempt, for what belongs to it. */
  traceparent: string | null;
  ended(report: AttemptReport): void;
}

/** `parent` is the span that the request came with. */
export function observeAttempt(by: Observers, key: AttemptKey, parent: string | undefined): ObservedAttempt {
  const { agentId, metrics, logger } = by;
  const span = parent
    ? openSpan('subtask.attempt', { parent, kind: 'consumer', attributes: namesOf(agentId, key) })
    : null;
  logger.debug(key, 'an attempt begins');
  return {
    traceparent: span?.traceparent ?? null,
    ended(report) {
      const { outcome, usage } = report;
      const why = outcome.status === 'failed' ? { error: outcome.error, error_code: outcome.error_code } : {};
      metrics.attemptEnded(report);
      logger.debug({ ...key, status: outcome.status, seconds: usage.execution_time, ...why }, 'the attempt ended');
      span?.describe({
        'muster.outcome': outcome.status,
        'muster.input_tokens': usage.input_tokens,
        'muster.output_tokens': usage.output_tokens,
        'muster.cost_usd': usage.cost_usd,
        'muster.turns': usage.turns,
        ...(outcome.status === 'failed' && { 'muster.error_code': outcome.error_code }),
      });
      span?.end(outcome.status === 'failed' ? outcome.error : undefined);
    },
  };
}

function namesOf(agentId: string, { task_id, subtask_id, attempt }: AttemptKey) {
  return {
    'muster.agent_id': agentId,
    'muster.task_id': task_id,
    'muster.subtask_id': subtask_id,
    'muster.attempt': attempt,
  };
}

export function observeCallsWith(metrics: AgentMetrics): ObserveCall {
  return ({ tool, traceparent: parent }) => {
    const startedAt = performance.now();
    const span = parent ? openSpan(`tool.${tool}`, { parent, attributes: { 'muster.tool': tool } }) : null;
    return (outcome) => {
      metrics.toolCalled(tool, outcome, (performance.now() - startedAt) / 1_000);
      // Why is in the agents' log, where secrets are redacted.
      span?.end(outcome === 'failed' ? 'the call failed' : undefined);
    };
  };
}

// Handing one claimed subtask to its agent over HTTP, and what the answer means.
import { request } from 'undici';
import type { Clock } from '../clock.ts';
import type { AgentStatus } from '../domain/agent.ts';
import { type ExecuteRequest, executeResponse } from '../protocol/agent-api.ts';
import { bearer } from '../protocol/agent-trust.ts';
import type { ClaimedSubtask } from '../store/subtasks.ts';

/** An agent only has to say yes or no; the work itself is not awaited. */
const ANSWER_MS = 5_000;

export type Dispatched =
  | { outcome: 'accepted' }
  /** It certainly does not run it: busy, stopping, or nothing listens there. */
  | { outcome: 'refused'; why: string }
  /** It may or may not run it: no answer, or a broken one. */
  | { outcome: 'unknown'; why: string }
  /** It will never run it: the request is wrong in its eyes. */
  | { outcome: 'rejected'; why: string };

export interface DispatchOptions {
  clock: Clock;
  /** What the attempt may take. */
  timeoutMs: number;
  /** Shared with the agents. */
  token?: string | undefined;
  /** The span that the attempt belongs to, if it is traced. */
  traceparent?: string | null;
  /** Gives up waiting for an answer. */
  signal: AbortSignal;
}

export async function dispatch(
  agent: AgentStatus,
  subtask: ClaimedSubtask,
  options: DispatchOptions,
): Promise<Dispatched> {
  const answer = await post(agent, { path: '/execute', body: requestFor(subtask, options.timeoutMs), ...options });
  return 'outcome' in answer ? answer : meaningOf(agent, answer.status, answer.text);
}

type Order = Omit<DispatchOptions, 'timeoutMs'> & { path: string; body: object };

/** What the agent answered; or, when it did not, what that means. */
export async function post(
  agent: AgentStatus,
  { path, body: order, ...options }: Order,
): Promise<{ status: number; text: string } | Exclude<Dispatched, { outcome: 'accepted' }>> {
  const answerTime = startAnswerTime(options);
  try {
    // Not the global fetch: for so small a request its streams and checks cost several times the rest.
    const { statusCode, body } = await request(new URL(path, agent.url), {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...bearer(options.token), ...traced(options.traceparent) },
      body: JSON.stringify(order),
      signal: answerTime.signal,
    });
    return { status: statusCode, text: await body.text() };
  } catch (error) {
    const why = `${agent.agent_id} at ${agent.url}: ${(error as Error).message}`;
    return wasRefused(error) ? { outcome: 'refused', why } : { outcome: 'unknown', why };
  } finally {
    answerTime.end();
  }
}

function traced(traceparent: string | null | undefined): { traceparent?: string } {
  return traceparent ? { traceparent } : {};
}

/** Not AbortSignal.any: Node 20 keeps each signal it makes for as long as the longest-lived of its sources. */
function startAnswerTime({ clock, signal }: Pick<DispatchOptions, 'clock' | 'signal'>): {
  signal: AbortSignal;
  end: () => void;
} {
  const controller = new AbortController();
  const stop = () => controller.abort(signal.reason);
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop);
  const cancelTimer = clock.after(ANSWER_MS, () => controller.abort(new Error(`no answer in ${ANSWER_MS} ms`)));
  return {
    signal: controller.signal,
    end: () => {
      cancelTimer();
      signal.removeEventListener('abort', stop);
    },
  };
}

export function meaningOf(agent: AgentStatus, status: number, text: string): Dispatched {
  if (status === 200 && isFrom(agent, text)) return { outcome: 'accepted' };
  const why = `${agent.agent_id} at ${agent.url} answered ${status}: ${text.slice(0, 300)}`;
  if (status === 503) return { outcome: 'refused', why };
  return { outcome: status >= 400 && status < 500 ? 'rejected' : 'unknown', why };
}

/** False when something else answers at the agent's address, such as another agent that took over its port. */
function isFrom(agent: AgentStatus, text: string): boolean {
  try {
    return executeResponse.parse(JSON.parse(text)).agent_id === agent.agent_id;
  } catch {
    return false;
  }
}

export function requestFor(subtask: ClaimedSubtask, timeoutMs: number): ExecuteRequest {
  return {
    task_id: subtask.task_id,
    subtask: {
      id: subtask.id,
      description: subtask.description,
      required_capabilities: subtask.required_capabilities,
      dependencies: subtask.dependencies.map((dependency) => dependency.subtask_id),
      priority: subtask.priority,
      estimated_duration: subtask.estimated_duration,
      input_data: subtask.input_data,
    },
    task_context: {
      description: subtask.task_description,
      user_id: subtask.user_id,
      dependencies: Object.fromEntries(
        subtask.dependencies.map(({ subtask_id, ...dependency }) => [subtask_id, dependency]),
      ),
    },
    attempt: subtask.attempt,
    deadline_ms: timeoutMs,
    caps: {
      ...(subtask.reserved_turns > 0 && { max_turns: subtask.reserved_turns }),
      ...(subtask.reserved_usd > 0 && { max_budget_usd: subtask.reserved_usd }),
    },
  };
}

function wasRefused(error: unknown): boolean {
  const { code } = error as { code?: string };
  return code === 'ECONNREFUSED' || code === 'ENOTFOUND' || code === 'EHOSTUNREACH';
}

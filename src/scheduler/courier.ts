// Carries claimed subtasks to their agents: those that an agent is to have at the same time go in one request. Each agent has
// a line of its own, one request at a time, so that one that does not answer keeps nobody else waiting.
import { Batcher } from '../batcher.ts';
import type { Clock } from '../clock.ts';
import type { AgentStatus } from '../domain/agent.ts';
import { executionsResponse } from '../protocol/agent-api.ts';
import type { ClaimedSubtask } from '../store/subtasks.ts';
import { type Dispatched, dispatch, meaningOf, post, requestFor } from './dispatch.ts';

export interface CourierOptions {
  clock: Clock;
  /** What an attempt may take. */
  timeoutMs: number;
  /** Shared with the agents. */
  token?: string | undefined;
  /** Gives up waiting for answers. */
  signal: AbortSignal;
}

interface Letter {
  subtask: ClaimedSubtask;
  /** The span that the attempt belongs to, if it is traced. */
  traceparent: string | null;
}

const BATCH = 100;

export class Courier {
  private readonly options: CourierOptions;
  /** By instance of an agent. */
  private readonly lines = new Map<string, Batcher<Letter, Dispatched>>();
  /** Instances that take one subtask a request only. */
  private readonly plain = new Set<string>();

  constructor(options: CourierOptions) {
    this.options = options;
  }

  async carry(agent: AgentStatus, letter: Letter): Promise<Dispatched> {
    const line = this.lines.get(agent.instance_id) ?? this.open(agent);
    return line.add(letter);
  }

  private open(agent: AgentStatus): Batcher<Letter, Dispatched> {
    const { instance_id } = agent;
    const line = new Batcher<Letter, Dispatched>({
      max: BATCH,
      blamesItem: () => false,
      run: (letters) => this.deliver(agent, letters),
      onIdle: () => this.lines.delete(instance_id),
    });
    this.lines.set(instance_id, line);
    return line;
  }

  private deliver(agent: AgentStatus, letters: readonly Letter[]): Promise<Dispatched[]> {
    return letters.length === 1 || this.plain.has(agent.instance_id)
      ? this.deliverEach(agent, letters)
      : this.deliverTogether(agent, letters);
  }

  private deliverEach(agent: AgentStatus, letters: readonly Letter[]): Promise<Dispatched[]> {
    return Promise.all(
      letters.map(({ subtask, traceparent }) => dispatch(agent, subtask, { ...this.options, traceparent })),
    );
  }

  private async deliverTogether(agent: AgentStatus, letters: readonly Letter[]): Promise<Dispatched[]> {
    const executions = letters.map(({ subtask, traceparent }) => ({
      ...requestFor(subtask, this.options.timeoutMs),
      ...(traceparent && { traceparent }),
    }));
    const answer = await post(agent, { path: '/executions', body: { executions }, ...this.options });
    if ('outcome' in answer) return letters.map(() => answer);
    const { status, text } = answer;
    if (status === 200) return readAnswers(agent, text, letters.length);
    if (status < 400 || status >= 500) return letters.map(() => meaningOf(agent, status, text));
    // One of them, or their sum, is too much for it; or it knows no such request at all. It has taken up none of them.
    if (status === 404) this.plain.add(agent.instance_id);
    return this.deliverEach(agent, letters);
  }
}

function readAnswers(agent: AgentStatus, text: string, count: number): Dispatched[] {
  const why = `${agent.agent_id} at ${agent.url} answered ${text.slice(0, 300)}`;
  const unknown = Array.from({ length: count }, (): Dispatched => ({ outcome: 'unknown', why }));
  try {
    const { agent_id, answers } = executionsResponse.parse(JSON.parse(text));
    if (agent_id !== agent.agent_id || answers.length !== count) return unknown;
    return answers.map((answer): Dispatched => {
      if (answer.status === 'accepted') return { outcome: 'accepted' };
      const said = `${agent.agent_id} at ${agent.url} answered ${answer.code}: ${answer.detail.slice(0, 300)}`;
      return { outcome: answer.code === 'busy' ? 'refused' : 'rejected', why: said };
    });
  } catch {
    return unknown;
  }
}

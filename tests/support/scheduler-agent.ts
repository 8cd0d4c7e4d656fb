// An agent as the scheduler meets it: a real HTTP server with /execute, a heartbeat on the bus, reports on the bus. It does
// no work; a test says how it answers and how attempts end. It counts what it was asked to hold at once.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Bus, Notices } from '../../src/bus/bus.ts';
import type { AgentStatus } from '../../src/domain/agent.ts';
import type { AttemptOutcome } from '../../src/domain/attempt.ts';
import type { Capability } from '../../src/domain/capability.ts';
import { type ExecuteRequest, executeRequest } from '../../src/protocol/agent-api.ts';

export const DONE: AttemptOutcome = { status: 'completed', output: { success: true, summary: 'done', data: {} } };
export const CRASHED: AttemptOutcome = { status: 'failed', error: 'it crashed', error_code: 'crashed' };
export const HOPELESS: AttemptOutcome = { status: 'failed', error: 'cannot be done', error_code: 'unsuccessful' };

/** How an attempt ends; 'held' until the test ends it. */
export type Script = (request: ExecuteRequest) => AttemptOutcome | 'held';

export interface TestAgentOptions {
  bus: Bus;
  id: string;
  capabilities: Capability[];
  slots?: number;
  ttlMs?: number;
  script?: Script;
}

export class TestAgent {
  /** Every subtask it accepted, in order. */
  readonly accepted: ExecuteRequest[] = [];
  readonly held = new Map<string, ExecuteRequest>();
  /** Keys `subtask:attempt` of the held attempts that a stop notice ended. */
  readonly stopped: string[] = [];
  mostHeld = 0;
  instance = 1;
  script: Script;
  /** Status of the next answers; 200 runs the subtask. 0 breaks the connection off instead of answering. */
  answer = 200;
  /** Requests to /execute, accepted or not. */
  asked = 0;
  private readonly options: TestAgentOptions;
  private readonly server = createServer((request, response) => void this.serve(request, response));
  private beats = 0;
  private unsubscribe = () => {};

  constructor(options: TestAgentOptions) {
    this.options = options;
    this.script = options.script ?? (() => DONE);
  }

  get id(): string {
    return this.options.id;
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    this.unsubscribe = await this.options.bus.subscribe('stop', (notice) => this.heed(notice));
    await this.beat();
    return this;
  }

  get status(): AgentStatus {
    const { id, capabilities, slots = 1 } = this.options;
    const port = (this.server.address() as AddressInfo | null)?.port ?? 0;
    return {
      agent_id: id,
      instance_id: `${id}-${this.instance}`,
      url: `http://127.0.0.1:${port}`,
      port,
      capabilities,
      slots,
      running: [...this.held.values()].map(({ subtask, attempt }) => ({ subtask_id: subtask.id, attempt })),
      is_available: this.held.size < slots,
      current_task: null,
      cpu_usage: 0,
      memory_usage: 0,
      tasks_completed: 0,
      last_heartbeat: new Date(Date.UTC(2030, 0, 1) + this.beats).toISOString(),
    };
  }

  async beat(given: Partial<AgentStatus> = {}): Promise<void> {
    this.beats += 1;
    await this.options.bus.putAgent({ ...this.status, ...given }, this.options.ttlMs ?? 60_000);
    await this.options.bus.notify('agents', { agent_id: this.id });
  }

  /** Ends a held attempt: the report goes out, then the slot is free, then the registry hears of it. */
  async end(request: ExecuteRequest, outcome: AttemptOutcome = DONE, cost_usd = 0): Promise<void> {
    const { task_id, subtask, attempt } = request;
    if (!this.held.has(`${subtask.id}:${attempt}`)) throw new Error(`${subtask.id}:${attempt} is not held`);
    await this.options.bus.publish('agent_results', [
      {
        task_id,
        subtask_id: subtask.id,
        attempt,
        agent_id: this.id,
        outcome,
        usage: { execution_time: 0.01, input_tokens: 1, output_tokens: 1, cost_usd, turns: 1, unknown: [] },
      },
    ]);
    this.held.delete(`${subtask.id}:${attempt}`);
    await this.beat();
  }

  /** Dies and comes back as another instance that remembers nothing. */
  async restart(): Promise<void> {
    this.held.clear();
    this.instance += 1;
    await this.beat();
  }

  /** Stops listening, without a word to the registry. */
  async hangUp(): Promise<void> {
    this.unsubscribe();
    this.server.closeAllConnections();
    if (this.server.listening) await new Promise((resolve) => this.server.close(resolve));
  }

  private heed(notice: Notices['stop']): void {
    for (const [key, request] of this.held) {
      const { task_id, subtask, attempt } = request;
      const named = { task_id, subtask_id: subtask.id, attempt, ...notice };
      if (named.task_id !== task_id || `${named.subtask_id}:${named.attempt}` !== key) continue;
      this.stopped.push(key);
      void this.end(request, { status: 'failed', error: 'stopped', error_code: 'cancelled' });
    }
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // One of an earlier version: it takes one subtask a request.
    if (request.url !== '/execute') return void response.writeHead(404).end();
    this.asked += 1;
    let text = '';
    for await (const chunk of request) text += chunk;
    if (this.answer === 0) return void response.destroy();
    const body = executeRequest.parse(JSON.parse(text));
    const status = this.answer === 200 && this.held.size >= this.status.slots ? 503 : this.answer;
    response.writeHead(status, { 'content-type': 'application/json' });
    if (status !== 200) return void response.end(JSON.stringify({ detail: `said ${status}`, code: 'busy' }));
    this.accepted.push(body);
    this.held.set(`${body.subtask.id}:${body.attempt}`, body);
    this.mostHeld = Math.max(this.mostHeld, this.held.size);
    response.end(JSON.stringify({ status: 'accepted', agent_id: this.id }));
    await this.beat();
    const outcome = this.script(body);
    if (outcome !== 'held') await this.end(body, outcome);
  }
}

// The far side of HTTP for tests of the client and the CLI: an orchestrator that plans and runs nothing, but answers
// every path with what the test put there. Its views are complete, so that the client's schemas accept them.
import type { ServerResponse } from 'node:http';
import multipart from '@fastify/multipart';
import Fastify, { type FastifyReply, type FastifyRequest } from 'fastify';
import type {
  AgentLogView,
  AgentView,
  PlanView,
  SubtaskResultView,
  SubtaskView,
  TaskEvent,
  TaskResponse,
} from '../../src/protocol/client.ts';

export const AT = '2026-01-02T03:04:05.000Z';
export const LATER = '2026-01-02T03:04:07.500Z';

export interface SeenRequest {
  method: string;
  url: string;
  headers: FastifyRequest['headers'];
  body: unknown;
}

export interface ScriptedOrchestrator {
  url: string;
  requests: SeenRequest[];
  tasks: Map<string, TaskResponse>;
  agents: AgentView[];
  logs: AgentLogView[];
  files: Map<string, string>;
  /** Answers of the next requests to a path, such as `GET /tasks/task_1`; each is used once. */
  next(what: string, ...answers: { status: number; body: unknown }[]): void;
  /** Stores the event and writes it to the open streams. */
  emit(event: TaskEvent): void;
  /** Breaks every open stream off, as a dying server does. */
  cut(): void;
  /** Stores the line, newest first, and writes it to the open streams of lines; a late one without its id. */
  log(line: AgentLogView, how?: { late?: boolean }): void;
  /** Resolves when that many streams of events, and of log lines, have been opened since the start. */
  opened(count: number, logStreamCount?: number): Promise<void>;
  close(): Promise<void>;
}

export async function startScriptedOrchestrator(): Promise<ScriptedOrchestrator> {
  const app = Fastify({ forceCloseConnections: true });
  await app.register(multipart, { attachFieldsToBody: true });
  const script = new Map<string, { status: number; body: unknown }[]>();
  const events: TaskEvent[] = [];
  const streams = new Set<ServerResponse>();
  const logStreams = new Set<ServerResponse>();
  let openedLogStreams = 0;
  let openedStreams = 0;
  let onOpened = () => {};
  const self: ScriptedOrchestrator = {
    url: '',
    requests: [],
    tasks: new Map(),
    agents: [],
    logs: [],
    files: new Map(),
    next: (what, ...answers) => void script.set(what, [...(script.get(what) ?? []), ...answers]),
    emit(event) {
      events.push(event);
      for (const stream of streams) stream.write(frame(event));
    },
    log(line, { late = false } = {}) {
      self.logs.unshift(line);
      for (const stream of logStreams) stream.write(late ? logFrame(line).replace(/^id: .*\n/, '') : logFrame(line));
    },
    cut() {
      for (const stream of [...streams, ...logStreams]) stream.destroy();
      streams.clear();
      logStreams.clear();
    },
    opened: (count, logStreamCount = 0) =>
      new Promise((resolve) => {
        onOpened = () => openedStreams >= count && openedLogStreams >= logStreamCount && resolve();
        onOpened();
      }),
    close: () => app.close(),
  };

  app.addHook('preHandler', async (request, reply) => {
    const { method, url, headers, body } = request;
    self.requests.push({ method, url, headers, body });
    const answer = script.get(`${method} ${url.split('?')[0]}`)?.shift();
    if (answer) return reply.code(answer.status).send(answer.body);
  });
  const found = (request: FastifyRequest, reply: FastifyReply, answer: (task: TaskResponse) => unknown) => {
    const task = self.tasks.get((request.params as { id: string }).id);
    return task ? answer(task) : reply.code(404).send({ detail: 'no such task', code: 'not_found', field: 'task_id' });
  };
  app.post('/tasks', () => ({ task_id: 'task_1', status: 'created', subtasks_count: 2, initial_subtasks_queued: 1 }));
  app.post('/plans', () => ({
    plan: { subtasks: [aStep(), aStep({ description: 'Double the sum', dependencies: [0], estimated_duration: 30 })] },
    source: 'model',
    input_tokens: 700,
    output_tokens: 90,
  }));
  app.get('/tasks', () => ({ tasks: [...self.tasks.values()].map(summaryOf), next_cursor: null }));
  app.get('/tasks/:id', (request, reply) => found(request, reply, (task) => task));
  app.post('/tasks/:id/cancel', (request, reply) =>
    found(request, reply, ({ task }) => ({ task_id: task.id, status: 'cancelled' })),
  );
  app.post('/tasks/:id/retry', (request, reply) =>
    found(request, reply, ({ task }) => ({ task_id: task.id, status: 'in_progress' })),
  );
  app.get('/agents', () => ({ agents: self.agents }));
  app.get('/logs', ({ query }) => {
    const { limit } = query as { limit?: string };
    return { logs: self.logs.slice(0, limit ? Number(limit) : undefined), next_cursor: null };
  });
  app.get('/logs/stream', (request, reply) => {
    const after = Number(request.headers['last-event-id'] ?? Number.MAX_SAFE_INTEGER);
    reply.hijack();
    reply.raw.writeHead(200, { 'content-type': 'text/event-stream' });
    reply.raw.write(
      `retry: 1000\n\n${self.logs
        .filter((line) => line.id > after)
        .map(logFrame)
        .join('')}`,
    );
    logStreams.add(reply.raw);
    openedLogStreams += 1;
    onOpened();
  });
  app.get('/tasks/:id/files', () => ({
    files: [...self.files].map(([path, text]) => ({ path, bytes: Buffer.byteLength(text) })),
  }));
  app.get('/tasks/:id/files/*', (request, reply) => {
    reply.type('text/plain');
    return self.files.get((request.params as { '*': string })['*']) ?? reply.callNotFound();
  });
  app.get('/tasks/:id/events', (request, reply) => {
    const id = (request.params as { id: string }).id;
    const after = Number(request.headers['last-event-id'] ?? 0);
    const missed = events.filter((event) => event.task_id === id && event.seq > after);
    reply.hijack();
    reply.raw.writeHead(200, { 'content-type': 'text/event-stream' });
    reply.raw.write(`: hello\n\n${missed.map(frame).join('')}`);
    openedStreams += 1;
    const over = ['completed', 'cancelled', 'failed'].includes(self.tasks.get(id)?.task.status ?? '');
    if (over) reply.raw.end();
    else streams.add(reply.raw);
    onOpened();
  });
  self.url = await app.listen({ port: 0, host: '127.0.0.1' });
  return self;
}

function frame(event: TaskEvent): string {
  return `id: ${event.seq}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

function logFrame(line: AgentLogView): string {
  return `id: ${line.id}\nevent: log\ndata: ${JSON.stringify(line)}\n\n`;
}

function summaryOf({ task }: TaskResponse) {
  const { subtasks, result: _, ...rest } = task;
  const count = (status: SubtaskView['status']) => subtasks.filter((subtask) => subtask.status === status).length;
  return {
    ...rest,
    subtasks_total: subtasks.length,
    subtasks_completed: count('completed'),
    subtasks_running: count('running'),
    subtasks_failed: count('failed'),
    cost_usd: 0.01,
  };
}

export function aStep(fields: Partial<PlanView['subtasks'][number]> = {}): PlanView['subtasks'][number] {
  return {
    description: 'Calculate sum of 1 to 10',
    required_capabilities: ['data_analysis'],
    dependencies: [],
    priority: 5,
    estimated_duration: null,
    input_data: {},
    ...fields,
  };
}

export function aSubtask(fields: Partial<SubtaskView> = {}): SubtaskView {
  return {
    id: 'subtask_1',
    task_id: 'task_1',
    position: 0,
    description: 'Calculate sum of 1 to 10',
    required_capabilities: ['data_analysis'],
    dependencies: [],
    priority: 5,
    estimated_duration: null,
    input_data: {},
    rank: 30,
    status: 'ready',
    attempt: 0,
    failures: 0,
    overruns: 0,
    reserved_usd: 0,
    reserved_turns: 0,
    agent_id: null,
    due_at: null,
    deadline_at: null,
    error: null,
    waiting: null,
    created_at: AT,
    updated_at: AT,
    ready_at: AT,
    started_at: null,
    finished_at: null,
    ...fields,
  };
}

export function aResult(fields: Partial<SubtaskResultView> = {}): SubtaskResultView {
  return {
    task_id: 'task_1',
    subtask_id: 'subtask_1',
    attempt: 1,
    agent_id: 'agent_1',
    status: 'completed',
    output: { success: true, summary: 'The sum is 55', data: { sum: 55 } },
    error: null,
    error_code: null,
    execution_time: 2.5,
    input_tokens: 100,
    output_tokens: 20,
    cost_usd: 0.0123,
    turns: 3,
    created_at: LATER,
    ...fields,
  };
}

export function aTask(fields: Partial<TaskResponse['task']> = {}, results: SubtaskResultView[] = []): TaskResponse {
  return {
    task: {
      id: 'task_1',
      user_id: 'default_user',
      description: 'Calculate sum of 1 to 10, then double it',
      status: 'in_progress',
      plan_source: 'model',
      budget_usd: null,
      max_turns: null,
      spent_usd: 0,
      spent_turns: 0,
      planner_input_tokens: 0,
      planner_output_tokens: 0,
      waiting: null,
      subtasks: [],
      result: null,
      error: null,
      created_at: AT,
      updated_at: AT,
      started_at: AT,
      finished_at: null,
      ...fields,
    },
    subtask_results: results,
  };
}

/** A task of two subtasks that ended as asked. */
export function aCompletedTask(): TaskResponse {
  const results = [aResult(), aResult({ subtask_id: 'subtask_2', output: { success: true, summary: 'It is 110' } })];
  const over = { status: 'completed', attempt: 1, agent_id: 'agent_1', started_at: AT, finished_at: LATER } as const;
  return aTask(
    {
      status: 'completed',
      finished_at: LATER,
      subtasks: [aSubtask(over), aSubtask({ ...over, id: 'subtask_2', position: 1, description: 'Double the sum' })],
      result: { summary: 'Twice the sum is 110.', subtask_results: results },
    },
    results,
  );
}

export function anEvent(seq: number, type: TaskEvent['type'], subtask_id: string | null = null): TaskEvent {
  return { task_id: 'task_1', seq, type, subtask_id, data: {}, created_at: AT };
}

export function aLogLine(fields: Partial<AgentLogView> = {}): AgentLogView {
  return {
    id: 1,
    time: AT,
    agent_id: 'agent_1',
    task_id: 'task_1',
    subtask_id: 'subtask_1',
    attempt: 1,
    level: 'INFO',
    message: 'a line',
    metadata: {},
    ...fields,
  };
}

export function anAgent(fields: Partial<AgentView> = {}): AgentView {
  return {
    agent_id: 'agent_1',
    instance_id: 'instance_1',
    url: 'http://127.0.0.1:8001',
    port: 8001,
    capabilities: ['data_analysis', 'code_generation'],
    slots: 1,
    running: [],
    is_available: true,
    current_task: null,
    cpu_usage: 12.4,
    memory_usage: 3,
    tasks_completed: 7,
    last_heartbeat: AT,
    ...fields,
  };
}

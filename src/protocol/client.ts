// The typed client of the orchestrator's HTTP API, exported by the package. Every answer is checked by the schemas of
// protocol/api.ts; following a task's events is left to event-stream.ts.
import { z } from 'zod';
import { errorResponse } from './agent-api.ts';
import type { ListLogsQuery, ListTasksQuery, TaskResponse, TaskView } from './api.ts';
import {
  createTaskResponse,
  listAgentsResponse,
  listFilesResponse,
  listLogsResponse,
  listTasksResponse,
  taskActionResponse,
  taskResponse,
} from './api.ts';
import { bulkResponse } from './bulk-api.ts';
import { ClientError } from './client-error.ts';
import type { streamLogsQuery } from './dashboard-api.ts';
import { followTask, type TaskEvent } from './event-stream.ts';
import { apiKey, createKeyResponse, listKeysResponse, type NewKey } from './keys-api.ts';
import { type AgentLogView, followLogs } from './log-follow.ts';
import type { NewTask, PlanInput, TaskFile } from './new-task.ts';
import { type MadePlan, makePlanResponse } from './plans-api.ts';
import { submitAll } from './submit-all.ts';

export type { CreateTaskResponse, TaskResponse, TaskSummary, TaskView } from './api.ts';
export { ClientError } from './client-error.ts';
export type { TaskEvent } from './event-stream.ts';
export type { ApiKeyView, NewKey } from './keys-api.ts';
export type { AgentLogView } from './log-follow.ts';
export type { NewTask, PlanInput, TaskFile } from './new-task.ts';
export type { MadePlan, PlanView } from './plans-api.ts';
export type { SubmitOutcome } from './submit-all.ts';
export type AgentView = z.infer<typeof listAgentsResponse>['agents'][number];
export type SubtaskView = TaskView['subtasks'][number];
export type SubtaskResultView = TaskResponse['subtask_results'][number];
export type TaskAction = z.infer<typeof taskActionResponse>;

export interface ClientOptions {
  /** Where the orchestrator listens, such as `http://127.0.0.1:8000`; a path in it is kept as a prefix. */
  url: string;
  /** Sent with every request as a bearer. Default: none, which a Muster that asks for keys refuses. */
  apiKey?: string | undefined;
  /** Default: the global fetch. */
  fetch?: typeof fetch;
}

/** Limits that replace those of the task. */
export type NewLimits = Pick<NewTask, 'budget_usd' | 'max_turns'>;

export interface FollowOptions {
  /** Ends the iteration by throwing the signal's reason. */
  signal?: AbortSignal | undefined;
  /** `seq` of the last event already seen. Default 0: from the start. */
  lastEventId?: number | undefined;
}

export interface FollowLogsOptions extends Pick<FollowOptions, 'signal'> {
  /** `id` of the last line already seen. Default: the newest one. */
  after?: number | undefined;
}

type FollowLogsQuery = Omit<z.infer<typeof streamLogsQuery>, 'after_id'>;

type Filters<Query> = { [Name in keyof Query]?: Query[Name] | undefined };

export type Client = ReturnType<typeof createClient>;

/** All calls throw a ClientError when they fail. */
export function createClient(options: ClientOptions) {
  const call = (request: Request) => send(options, request);
  const getTask = async (taskId: string) => read(await call({ path: ['tasks', taskId] }), taskResponse);
  const act = async (taskId: string, action: string, body: Pick<Request, 'headers' | 'body'> = {}) =>
    read(await call({ method: 'POST', path: ['tasks', taskId, action], ...body }), taskActionResponse);

  const submit = async (task: NewTask) => read(await call(submission(task)), createTaskResponse);
  const bulk = async (tasks: readonly string[]) => {
    const body = `{"tasks":[${tasks.join(',')}]}`;
    const request = { method: 'POST', path: ['tasks', 'bulk'], headers: JSON_BODY, body } as const;
    return (await read(await call(request), bulkResponse)).results;
  };

  const watch = (taskId: string, { signal, lastEventId = 0 }: FollowOptions = {}): AsyncGenerator<TaskEvent, void> =>
    followTask(
      {
        connect: (after) => call({ path: ['tasks', taskId, 'events'], headers: eventHeaders(after || null), signal }),
        status: async () => (await getTask(taskId)).task.status,
        wait: (ms) => delay(ms, signal),
      },
      lastEventId,
    );

  return {
    submit,
    /**
     * Hands in many tasks by few requests. One outcome for each, in their order: what is wrong with one does not keep the
     * others out. Without a plan a task is planned afterwards; one with files goes by itself. A request that fails for the moment
     * is repeated for about a minute, without storing a task twice; what failed for good is refused.
     */
    submitAll: (tasks: readonly NewTask[]) =>
      submitAll(tasks, { bulk, single: submit, wait: (ms) => delay(ms, undefined) }),
    /** What the task would become, without running it; `submit` takes the `plan` of the answer. Costs what planning costs. */
    plan: async (task: PlanInput): Promise<MadePlan> =>
      read(await call({ method: 'POST', path: ['plans'], ...jsonBody(task) }), makePlanResponse),
    /** The task, its subtasks with their waiting reasons, and every result so far. */
    getTask,
    /** Newest first; `next_cursor` is the `cursor` of the next page, or null. */
    listTasks: async (query: Filters<ListTasksQuery> = {}) =>
      read(await call({ path: ['tasks'], query }), listTasksResponse),
    cancel: (taskId: string) => act(taskId, 'cancel'),
    /** Runs the failed parts of a failed task again; completed results are kept. */
    retry: (taskId: string, limits: NewLimits = {}) => act(taskId, 'retry', jsonBody(limits)),
    agents: async () => (await read(await call({ path: ['agents'] }), listAgentsResponse)).agents,
    logs: async (query: Filters<ListLogsQuery> = {}) => read(await call({ path: ['logs'], query }), listLogsResponse),
    /** Log lines as they are stored, without end until `signal` aborts; a cut connection is resumed. */
    followLogs: (
      query: Filters<FollowLogsQuery> = {},
      { signal, after }: FollowLogsOptions = {},
    ): AsyncGenerator<AgentLogView, never> => {
      const connect = (last: number | null) =>
        call({ path: ['logs', 'stream'], query, headers: eventHeaders(last), signal });
      return followLogs({ connect, wait: (ms) => delay(ms, signal) }, after ?? null);
    },
    files: async (taskId: string) =>
      (await read(await call({ path: ['tasks', taskId, 'files'] }), listFilesResponse)).files,
    /** The bytes of a file of the task's folder; `path` as `files` names it, such as `output/report.md`. */
    readFile: async (taskId: string, path: string) =>
      new Uint8Array(await (await call({ path: ['tasks', taskId, 'files', ...path.split('/')] })).arrayBuffer()),
    /** Makes a key of the API. The answer alone holds it. */
    createKey: async (key: NewKey) =>
      read(await call({ method: 'POST', path: ['keys'], ...jsonBody(key) }), createKeyResponse),
    /** The keys that were made, newest first, revoked ones too. */
    keys: async () => (await read(await call({ path: ['keys'] }), listKeysResponse)).keys,
    revokeKey: async (keyId: string) => read(await call({ method: 'DELETE', path: ['keys', keyId] }), apiKey),
    /** The task's events until the one that ends it; a cut connection is resumed. */
    watch,
    /** The task once it has ended. */
    wait: async (taskId: string, follow: FollowOptions = {}): Promise<TaskResponse> => {
      for await (const _ of watch(taskId, follow));
      return getTask(taskId);
    },
  };
}

interface Request {
  method?: 'GET' | 'POST' | 'DELETE';
  path: readonly string[];
  query?: Readonly<Record<string, string | number | readonly string[] | undefined>>;
  headers?: Record<string, string>;
  body?: string | FormData;
  signal?: AbortSignal | undefined;
}

function submission(task: NewTask): Request {
  const key: Record<string, string> = task.idempotencyKey ? { 'idempotency-key': task.idempotencyKey } : {};
  const request = { method: 'POST', path: ['tasks'] } as const;
  if (task.files && task.files.length > 0) return { ...request, headers: key, body: multipart(task, task.files) };
  const { files: _, idempotencyKey: __, ...fields } = task;
  const { headers, body } = jsonBody(fields);
  return { ...request, headers: { ...key, ...headers }, body };
}

const JSON_BODY = { 'content-type': 'application/json' };

function jsonBody(value: object) {
  return { headers: JSON_BODY, body: JSON.stringify(value) };
}

/** Fields go before files, so that the service can judge them before it stores a byte. */
function multipart(task: NewTask, files: readonly TaskFile[]): FormData {
  const form = new FormData();
  form.append('description', task.description);
  for (const name of ['user_id', 'budget_usd', 'max_turns'] as const)
    if (task[name] !== undefined) form.append(name, String(task[name]));
  if (task.plan !== undefined) form.append('plan', JSON.stringify(task.plan));
  for (const file of files) form.append('files', new Blob([file.content]), file.name);
  return form;
}

function eventHeaders(after: number | null): Record<string, string> {
  return { accept: 'text/event-stream', ...(after !== null && { 'last-event-id': String(after) }) };
}

async function send(options: ClientOptions, request: Request): Promise<Response> {
  const url = addressOf(options.url, request);
  const { method = 'GET', body = null, signal = null } = request;
  const headers = { ...request.headers, ...(options.apiKey && { authorization: `Bearer ${options.apiKey}` }) };
  let response: Response;
  try {
    response = await (options.fetch ?? fetch)(url, { method, headers, body, signal });
  } catch (cause) {
    signal?.throwIfAborted();
    throw unreachable(url, cause);
  }
  if (!response.ok) throw await failure(response, `${method} ${url.pathname}`);
  return response;
}

function addressOf(base: string, { path, query = {} }: Request): URL {
  if (!URL.canParse(base)) throw invalid('url', `${JSON.stringify(base)} is no address: use http://HOST:PORT`);
  // The URL parser resolves dot segments even when they are percent-encoded: they would ask for another resource.
  const wrong = path.find((segment) => ['', '.', '..'].includes(segment));
  if (wrong !== undefined) throw invalid('path', `${JSON.stringify(path.join('/'))} is no path of the service`);
  const url = new URL(path.map(encodeURIComponent).join('/'), base.endsWith('/') ? base : `${base}/`);
  for (const [name, value] of Object.entries(query))
    for (const one of [value].flat()) if (one !== undefined) url.searchParams.append(name, String(one));
  return url;
}

function invalid(field: string, detail: string): ClientError {
  return new ClientError({ status: null, code: 'invalid_request', detail, field });
}

const systemError = z.object({ code: z.string() });

function unreachable(url: URL, cause: unknown): ClientError {
  const system = systemError.safeParse(cause instanceof Error ? cause.cause : undefined).data;
  const why = system ? ` (${system.code})` : '';
  const detail = `cannot reach Muster at ${url.origin}${why}: start it with "muster up", or set ORCHESTRATOR_URL if it runs elsewhere`;
  return new ClientError({ status: null, code: 'unreachable', detail, cause });
}

async function failure(response: Response, what: string): Promise<ClientError> {
  const { status } = response;
  const body = errorResponse.safeParse(await response.json().catch(() => null));
  const requestId = response.headers.get('x-request-id') ?? undefined;
  if (body.success) return new ClientError({ status, requestId, ...body.data });
  const detail = `${what} answered ${status} without saying why: is this address Muster's?`;
  return new ClientError({ status, code: 'invalid_response', detail, requestId });
}

async function read<Schema extends z.ZodType>(response: Response, schema: Schema): Promise<z.infer<Schema>> {
  const parsed = schema.safeParse(await response.json().catch(() => undefined));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = issue ? `${issue.path.join('.') || 'the body'}: ${issue.message}` : 'the body';
  const detail = `${new URL(response.url).pathname} answered something that is not of this version of Muster (${where})`;
  throw new ClientError({ status: response.status, code: 'invalid_response', detail, cause: parsed.error });
}

function delay(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort);
      resolve();
    }, ms);
    if (signal?.aborted) abort();
    else signal?.addEventListener('abort', abort, { once: true });
  });
}

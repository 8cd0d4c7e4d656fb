// The orchestrator's base contract in this repository's own words, as JSON Schema: what clients written against it rely
// on. The service may offer more, but nothing here may be missing, renamed or answered differently.
import { CAPABILITIES } from '../../src/domain/capability.ts';
import type { Schema } from './document.ts';

const text = { type: 'string' };
const instant = { type: 'string', format: 'date-time' };
const orNull = (schema: Schema): Schema => ({ anyOf: [schema, { type: 'null' }] });
const listOf = (items: Schema): Schema => ({ type: 'array', items });
const record = (required: readonly string[], properties: Record<string, Schema>): Schema => ({
  type: 'object',
  required,
  properties,
});

export const capability = { type: 'string', enum: [...CAPABILITIES] };
const idOf = (kind: string) => ({ type: 'string', pattern: `^${kind}_` });

const resultFields = {
  task_id: text,
  subtask_id: text,
  agent_id: idOf('agent'),
  status: { enum: ['completed', 'failed'] },
  output: orNull({ type: 'object' }),
  error: orNull(text),
  execution_time: { type: 'number', exclusiveMinimum: 0 },
  created_at: instant,
};

/** An output exactly when completed, an error exactly when failed. */
export const subtaskResult = {
  ...record(['task_id', 'subtask_id', 'agent_id', 'status', 'execution_time', 'created_at'], resultFields),
  oneOf: [
    { properties: { status: { const: 'completed' }, output: { type: 'object' }, error: { type: 'null' } } },
    { properties: { status: { const: 'failed' }, output: { type: 'null' }, error: text } },
  ],
};

export const subtask = record(['id', 'description', 'required_capabilities', 'dependencies', 'priority', 'status'], {
  id: idOf('subtask'),
  description: { type: 'string', minLength: 10, maxLength: 1000 },
  required_capabilities: { ...listOf(capability), minItems: 1 },
  dependencies: listOf(text),
  priority: { type: 'integer', minimum: 0, maximum: 10 },
  estimated_duration: orNull({ type: 'integer', minimum: 1 }),
  input_data: { type: 'object' },
  status: { enum: ['pending', 'ready', 'running', 'completed', 'failed', 'blocked', 'cancelled'] },
});

const result = record([], { subtask_results: listOf(subtaskResult), summary: text });

/** A result exactly when completed, an error exactly when failed. */
export const task = {
  ...record(['id', 'user_id', 'description', 'created_at', 'updated_at', 'status'], {
    id: idOf('task'),
    user_id: { type: 'string', minLength: 1 },
    description: { type: 'string', minLength: 10, maxLength: 5000 },
    created_at: instant,
    updated_at: instant,
    status: { enum: ['pending', 'in_progress', 'completed', 'failed', 'cancelled'] },
    subtasks: listOf(subtask),
    result: orNull(result),
    error: orNull(text),
  }),
  oneOf: [
    { properties: { status: { const: 'completed' }, result: { type: 'object' }, error: { type: 'null' } } },
    { properties: { status: { const: 'failed' }, result: { type: 'null' }, error: text } },
    {
      properties: {
        status: { enum: ['pending', 'in_progress', 'cancelled'] },
        result: { type: 'null' },
        error: { type: 'null' },
      },
    },
  ],
};

const agentStatus = record(
  [
    'agent_id',
    'port',
    'is_available',
    'capabilities',
    'cpu_usage',
    'memory_usage',
    'tasks_completed',
    'last_heartbeat',
  ],
  {
    agent_id: idOf('agent'),
    port: { type: 'integer' },
    is_available: { type: 'boolean' },
    current_task: orNull(text),
    capabilities: { ...listOf(capability), minItems: 1 },
    cpu_usage: { type: 'number', minimum: 0, maximum: 100 },
    memory_usage: { type: 'number', minimum: 0, maximum: 100 },
    tasks_completed: { type: 'integer', minimum: 0 },
    last_heartbeat: instant,
  },
);

export const error = record(['detail'], { detail: text });

export interface BaseOperation {
  method: 'get' | 'post';
  path: string;
  operationId: string;
  parameters: readonly { name: string; in: 'query' | 'path' }[];
  responses: Readonly<Record<string, Schema>>;
}

export const operations = {
  createTask: {
    method: 'post',
    path: '/tasks',
    operationId: 'createTask',
    parameters: [
      { name: 'description', in: 'query' },
      { name: 'user_id', in: 'query' },
    ],
    responses: {
      200: record(['task_id', 'status', 'subtasks_count', 'initial_subtasks_queued'], {
        task_id: idOf('task'),
        status: { enum: ['created'] },
        subtasks_count: { type: 'integer', minimum: 1 },
        initial_subtasks_queued: { type: 'integer', minimum: 1 },
      }),
      400: error,
      500: error,
    },
  },
  getTask: {
    method: 'get',
    path: '/tasks/{task_id}',
    operationId: 'getTask',
    parameters: [{ name: 'task_id', in: 'path' }],
    responses: {
      200: record(['task', 'subtask_results'], { task, subtask_results: listOf(subtaskResult) }),
      404: error,
    },
  },
  listAgents: {
    method: 'get',
    path: '/agents',
    operationId: 'listAgents',
    parameters: [],
    responses: { 200: record(['agents'], { agents: listOf(agentStatus) }) },
  },
  listAvailableAgents: {
    method: 'get',
    path: '/agents/available',
    operationId: 'listAvailableAgents',
    parameters: [{ name: 'capability', in: 'query' }],
    responses: {
      200: record(['available_agents', 'count'], {
        available_agents: listOf(text),
        count: { type: 'integer', minimum: 0 },
      }),
      400: error,
    },
  },
} as const satisfies Record<string, BaseOperation>;

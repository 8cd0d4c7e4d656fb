// One request for each operation of the documents in contracts/: what the document cannot say, such as ids of what is there. An
// operation without a recipe is an error, so that none is forgotten.
import { CAPABILITY } from './muster-processes.mjs';

/**
 * @typedef {object} There What the recipes can ask for.
 * @property {string} task A completed one with a file.
 * @property {string} subtask One of its.
 * @property {string} file Its path.
 * @property {string} watched One that runs as long as streams follow it.
 * @property {() => string} running The next task that can be cancelled; each is given once.
 * @property {() => string} failed The next task that can be retried.
 * @property {() => string} key The next key that can be revoked.
 */

/**
 * @typedef {object} Recipe
 * @property {string} [query]
 * @property {(there: There) => unknown} [body]
 * @property {(there: There) => Record<string, string>} [path] Its parameters in the path.
 * @property {number} [rate] Requests a second, where the usual rate would measure the model or the agents, not the service.
 * @property {'running' | 'failed' | 'key'} [uses] What each request uses up.
 * @property {boolean} [stream] Answered by a stream that goes on: opened, not fired.
 */

const step = (/** @type {object} */ input = {}) => ({
  subtasks: [{ description: 'The only step of it', required_capabilities: [CAPABILITY], input_data: input }],
});
export const planned = (/** @type {object} */ input = {}) => ({
  description: 'One step, given as a plan',
  plan: step(input),
});

const ofTask = { path: (/** @type {There} */ { task }) => ({ task_id: task }) };
const execution = () => ({
  task_id: 'task_load',
  subtask: { id: 'subtask_load', description: 'The only step of it', required_capabilities: [CAPABILITY] },
});

/** @type {Record<string, Recipe>} By operationId. */
export const RECIPES = {
  createTask: { body: () => planned() },
  createTasks: { body: () => ({ tasks: Array.from({ length: 5 }, () => planned()) }) },
  makePlan: { body: () => ({ description: 'Calculate factorial of 10' }), rate: 20 },
  listTasks: { query: 'limit=50' },
  getTask: ofTask,
  cancelTask: { path: ({ running }) => ({ task_id: running() }), uses: 'running' },
  retryTask: { path: ({ failed }) => ({ task_id: failed() }), uses: 'failed', body: () => ({}) },
  actOnTasks: { body: ({ task }) => ({ action: 'cancel', task_ids: [task] }) },
  streamTaskEvents: { ...ofTask, stream: true },
  listTaskFiles: ofTask,
  readTaskFile: { path: ({ task, file }) => ({ task_id: task, path: file }) },
  getTaskGraph: ofTask,
  getSubtask: { path: ({ task, subtask }) => ({ task_id: task, subtask_id: subtask }) },
  listAgents: {},
  listAvailableAgents: {},
  listAgentActivity: {},
  listLogs: { query: 'limit=50' },
  streamLogs: { stream: true },
  streamChanges: { stream: true },
  searchEarlierWork: { query: 'user_id=heavy&query=invoice' },
  getStats: {},
  queryWorkspace: { body: () => ({ sql: 'select 1 as one' }) },
  executeInWorkspace: { body: () => ({ sql: 'insert into load values (1)' }) },
  createKey: { body: () => ({ role: 'operate', user_id: 'load' }) },
  listKeys: {},
  revokeKey: { path: ({ key }) => ({ key_id: key() }), uses: 'key' },
  getMe: {},
  getService: {},
  getHealth: {},
  getReadiness: {},
  getSystem: {},
  getMetrics: {},
  health: {},
  status: {},
  metrics: {},
  execute: { body: execution },
  executeSeveral: { body: () => ({ executions: [execution(), execution()] }) },
  stop: { body: () => ({ subtask_id: 'subtask_load' }) },
};
